import { expect, test } from 'vitest';
import type { WorldEvent } from '../cluster/world.ts';
import { second } from '../engine/time.ts';
import { healedBy } from './healed.ts';
import type { CacheHop } from './hop.ts';
import type { JudgedLookup } from './lookup.ts';

const lookup = (at: number, verdict: JudgedLookup['verdict']): JudgedLookup => ({
  ...{ workload: 'app', host: 'app', trace: at, name: 'db.example.com', answeredName: 'db.example.com.' },
  ...{ start: at * second, end: at * second, result: 'OK', addresses: [], verdict, staleSince: undefined },
});
const hop = (expired: boolean): CacheHop => ({
  ...{ kind: 'cache', layer: 'coredns', t: 60 * second, seq: 1, trace: 60, at: 'coredns-1', type: 'A' },
  ...{ storedAt: 15 * second, runsOut: 20 * second, lifetime: 5 * second, recordTtl: 5, bound: 'record', setting: '' },
  ...{ filledBy: 0, expired, expiredBy: '' },
});
const back: WorldEvent = {
  ...{ at: 60.5 * second, label: 'dns-1 answers normally' },
  ...{ kind: 'set-server', server: 'dns-1', set: { mode: 'answer' } },
};

test.each([
  [false, "Right again at 61 s: CoreDNS coredns-1's entry had run out at 20 s."],
  [true, 'Right again at 61 s, after this: dns-1 answers normally (60.5 s).'],
])('an old answer that was handed out after its time (%s) ends with what brings a new one', (expired, told) => {
  const [last, healed] = [lookup(60, 'stale'), lookup(61, 'right')];
  const period = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  expect(healedBy(period, (one) => (one === last ? [hop(expired)] : []), [back])).toBe(told);
});
