import { expect, test } from 'vitest';
import { second } from '../engine/time.ts';
import type { CacheHop } from './hop.ts';
import { entryOf } from './stale.ts';

const hop = (layer: CacheHop['layer']): CacheHop => ({
  ...{ kind: 'cache', layer, t: 21.5 * second, seq: 1, trace: 1, at: 'app', type: 'A', filledBy: 0 },
  ...{ storedAt: 15 * second, runsOut: 20 * second, lifetime: 5 * second, recordTtl: 5, bound: 'record', setting: '' },
  ...{ expired: false, expiredBy: '' },
});

test.each<[CacheHop['layer'], string]>([
  ['coredns', 'as a hit with TTL 0 in the second after that'],
  ['jvm', 'until a new look-up is answered'],
])('an entry of %s that was handed out after its end', (layer, how) => {
  expect(entryOf(hop(layer))).toBe(
    `stored at 15 s for 5 s, the TTL that came with the record; it ran out at 20 s and was handed out ${how}`,
  );
});
