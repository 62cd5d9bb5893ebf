import { expect, test } from 'vitest';
import { conformance } from './agreement.ts';
import { type Family, recordings } from './find.ts';

/** How many recordings of each family agree at least; raised as the simulator learns. */
const floors: Readonly<Record<Family, number>> = {
  kernel: 56,
  resolver: 950,
  'coredns/cache': 61,
  'coredns/forward': 116,
  'coredns/size': 38,
  'coredns/corefile': 412,
  'coredns/golden': 40,
  nodelocal: 27,
  recursor: 647,
  path: 136,
};

test('recordings of reality agree at least as far as they did', { timeout: 180_000 }, () => {
  const results = conformance([recordings]);
  const lines = results.map(
    ({ family, agree, all, random }) => `${family}: ${agree} of ${all} agree, ${random.length} random`,
  );
  console.log(lines.join('\n'));
  for (const { family, agree, differences } of results) {
    expect(agree, `${family}\n${differences.join('\n')}`).toBeGreaterThanOrEqual(floors[family]);
  }
  expect(results.find(({ family }) => family === 'coredns/golden')?.differences).toEqual([]);
});
