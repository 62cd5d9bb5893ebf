import { join } from 'node:path';
import { expect, test } from 'vitest';
import { recordings } from '../find.ts';
import { goldenCases } from './cases.ts';
import { golden } from './golden.ts';

const cases = goldenCases(join(recordings, 'coredns', 'golden.json'));

test.each(cases.map((one) => [`${one.id} ${one.number}`, one] as const))('%s', (_, one) => {
  expect(one.releases).not.toHaveLength(0);
  expect(golden(one)).toEqual([]);
});
