import { expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { second } from '../../engine/time.ts';
import { loadScenario } from '../../scenario/load.ts';
import { run } from '../../study/run.ts';
import { cacheTable } from './cache-table.ts';
import { unpack, unpackSteps } from './packing.ts';
import { Texts } from './texts.ts';

test('no entry outlives the process that held it', () => {
  // CoreDNS coredns-1 is deleted at 60 s and ends at 61 s; what it keeps for 30 s would last longer.
  const later = { kind: 'settings' as const, file: '--set', lines: ['workloads.shop-redis.at=40.2s'] };
  const scenario = loadScenario('scenarios/pod-restart-fixed-port', disk, { changes: [later] });
  const table = cacheTable(run(scenario), new Texts());
  const [stored, lasts, cache] = [unpackSteps(table.stored), unpack(table.lasts), unpack(table.cache)];
  const ends = stored.flatMap((at, i) =>
    table.caches[cache[i] ?? -1]?.name === 'coredns-1' ? [at + (lasts[i] ?? 0)] : [],
  );
  expect(ends.length).toBeGreaterThan(0);
  expect(Math.max(...ends)).toBe(61 * second);
});
