import { expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { proxySync } from '../cluster/records.ts';
import type { WorldEvent } from '../cluster/world.ts';
import { second } from '../engine/time.ts';
import { type ActingEvent, answeredAgain, healedBy, takenUp } from './healed.ts';
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
const all = (events: readonly ActingEvent[]) => events;
const back: ActingEvent = {
  ...{ at: 60.5 * second, actsAt: 60.5 * second, label: 'dns-1 answers normally' },
  ...{ kind: 'set-server', server: 'dns-1', set: { mode: 'answer' } },
};

test.each([
  [false, "Right again at 61 s: CoreDNS coredns-1's entry had run out at 20 s."],
  [true, 'Right again at 61 s, after this: dns-1 answers normally (60.5 s).'],
])('an old answer that was handed out after its time (%s) ends with what brings a new one', (expired, told) => {
  const [last, healed] = [lookup(60, 'stale'), lookup(61, 'right')];
  const period = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  expect(healedBy(period, (one) => (one === last ? [hop(expired)] : []), [back], all)).toBe(told);
});

test('an old answer that failures followed is old no more before lookups are right again', () => {
  const [last, healed] = [lookup(19, 'stale'), lookup(61, 'right')];
  const period = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  expect(healedBy(period, (one) => (one === last ? [hop(false)] : []), [back], all, true)).toBe(
    "Old no more after 20 s, when CoreDNS coredns-1's entry ran out, but then lookups failed; right again at 61 s.",
  );
});

const kept = { by: 'the JVM', since: 58 * second, until: 68 * second };
test.each([
  ['of nothing that was kept', undefined, 65 * second, 'Answered again at 70 s, the next lookup went through.'],
  [
    'that a cache kept from before a server was back',
    kept,
    58 * second,
    'Answered again at 70 s, after this: dns-1 answers normally (60.5 s); the JVM had kept the failure until 68 s.',
  ],
  ['that a cache kept', kept, 61 * second, 'Answered again at 70 s: the JVM had kept the failure until 68 s.'],
])('the end of an outage %s', (_, nearest, since, told) => {
  const [last, healed] = [lookup(65, 'failed'), lookup(70, 'right')];
  const outage = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  expect(answeredAgain(outage, { nearest, since }, [back], all)).toBe(told);
});

/** A node syncs at 0.5 s and at 62 s. */
function syncedTwice() {
  const trace = new SmallTrace();
  for (const t of [0.5, 62]) {
    trace.now = t * second;
    trace.recorder.write(proxySync, 'node-1', 0, 'full', { family: 'ipv4', endpoints: '' });
  }
  return trace.store;
}
const ready: WorldEvent = {
  ...{ at: 60 * second, label: 'coredns-6 ready, in the end points' },
  ...{ kind: 'set-endpoints', service: 'kube-system/kube-dns', endpoints: [], whenEmpty: 'reject' },
};
const goesOn: WorldEvent = {
  ...{ at: 61.8 * second, label: 'kube-proxy on node-1 goes on' },
  ...{ kind: 'kube-proxy', host: 'node-1', does: 'go on' },
};

test.each<[string, WorldEvent[], string]>([
  ['a working kube-proxy has followed', [ready], 'coredns-6 ready, in the end points (60 s)'],
  ['its kube-proxy goes on, which is told instead', [ready, goesOn], 'kube-proxy on node-1 goes on (61.8 s)'],
])('end points that changed before the last failure end it when %s', (_, events, after) => {
  const [last, healed] = [lookup(61, 'failed'), lookup(63, 'right')];
  const outage = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  const told = answeredAgain(outage, { nearest: undefined, since: last.start }, takenUp(events, syncedTwice()), all);
  expect(told).toBe(`Answered again at 63 s, after this: ${after}.`);
});

test('that a Deployment was scaled ends no outage, but the pods that came of it may', () => {
  const scaled: WorldEvent = {
    ...{ at: 59 * second, label: 'CoreDNS scaled to 3', kind: 'scale', deployment: 'coredns', replicas: 3 },
  };
  const [last, healed] = [lookup(58, 'failed'), lookup(70, 'right')];
  const outage = { first: last, last, healed, from: last.start, to: healed.end, lookups: 1 };
  const events = takenUp([scaled, ready], syncedTwice());
  const told = answeredAgain(outage, { nearest: undefined, since: last.start }, events, all);
  expect(told).toBe('Answered again at 70 s, after this: coredns-6 ready, in the end points (60 s).');
});
