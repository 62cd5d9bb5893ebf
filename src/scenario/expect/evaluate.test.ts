import { expect, test } from 'vitest';
import { second } from '../../engine/time.ts';
import type { Explanation } from '../../trace/explanation.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import type { Expectation } from '../schema/scenario.ts';
import { evaluate } from './evaluate.ts';
import type { WorkloadFacts } from './facts.ts';

/** A lookup a second: old until 4 s, failed at 5 s, new from 6 s on; the change was at 2.5 s. */
const lookups: JudgedLookup[] = Array.from({ length: 10 }, (_, i) => ({
  workload: 'app',
  host: 'app',
  trace: i + 1,
  name: 'redis.example.com',
  answeredName: 'redis.example.com.',
  start: i * second,
  end: i * second + 2000,
  result: i === 5 ? 'EAI_AGAIN' : 'OK',
  addresses: i === 5 ? [] : i < 5 ? ['10.0.0.1'] : ['10.0.0.2'],
  verdict: i === 5 ? 'failed' : i === 3 || i === 4 ? 'stale' : 'right',
  staleSince: i === 3 || i === 4 ? 2.5 * second : undefined,
}));

const held: Explanation = {
  cause: 'coredns-cache',
  strand: 1,
  holders: [
    {
      kind: 'cache',
      layer: 'coredns',
      t: 3 * second,
      seq: 0,
      trace: 1,
      at: 'coredns-1',
      type: 'A',
      storedAt: 0,
      runsOut: 5 * second,
      lifetime: 5 * second,
      recordTtl: 600,
      bound: 'cut',
      setting: '`cache 5` (Corefile:3)',
      filledBy: 0,
      expired: false,
      expiredBy: '',
    },
  ],
  hops: [],
  short: "CoreDNS coredns-1's cache (5 s)",
  sentence: 'CoreDNS coredns-1 answered from its cache.',
};
const facts: WorkloadFacts = {
  lookups,
  flows: [],
  upstreamQueries: () => [],
  namesTried: () => [],
  counters: {},
  probes: () => [],
  log: [
    { t: second, at: 'coredns-1', line: '[ERROR] plugin/errors: 2 redis.example.com. A: i/o timeout' },
    { t: 7 * second, at: 'coredns-2', line: '[INFO] Reloading' },
  ],
  until: 10 * second,
  why: () => held,
};

test.each<[what: string, asked: Omit<Expectation, 'workload'>, met: boolean, reason: string]>([
  ['all lookups', { lookups: 10 }, true, '10 lookups'],
  ['too many lookups', { lookups: { max: 9 } }, false, '10 lookups'],
  ['answers after the change', { from: 6 * second, answers: ['10.0.0.2'] }, true, 'all 4 were'],
  [
    'answers too early',
    { from: 4 * second, answers: ['10.0.0.2'] },
    false,
    "2 of 6 were not; the first at 4s: 10.0.0.1 (CoreDNS coredns-1's cache (5 s))",
  ],
  [
    'answers in a time without lookups',
    { from: 20 * second, answers: ['10.0.0.2'] },
    false,
    'there was no lookup in this time',
  ],
  ['no failures in a window', { until: 5 * second, failures: 0 }, true, '0 of 5 lookups failed'],
  [
    'no failures',
    { failures: 0 },
    false,
    "1 of 10 lookups failed; the first at 5s: EAI_AGAIN (CoreDNS coredns-1's cache (5 s))",
  ],
  [
    'time on a stale address',
    { stale: { max: 4 * second } },
    true,
    "3.502s in 2 lookups; the last one at 4s from CoreDNS coredns-1's cache (5 s)",
  ],
  [
    'too long on a stale address',
    { stale: { max: 3 * second } },
    false,
    "3.502s in 2 lookups; the last one at 4s from CoreDNS coredns-1's cache (5 s)",
  ],
  ['healed', { healed: { max: 7 * second } }, true, 'no stale answer after the lookup at 4s'],
  [
    'the cache by name',
    { staleBecause: { cache: 'coredns-1' } },
    true,
    "all 2 were; the first by CoreDNS coredns-1's cache (5 s)",
  ],
  [
    'the cache by its kind',
    { staleBecause: { cache: ['jvm', 'coredns'] } },
    true,
    "all 2 were; the first by CoreDNS coredns-1's cache (5 s)",
  ],
  [
    'another cache',
    { staleBecause: { cache: 'jvm' } },
    false,
    'the one at 3s was not: CoreDNS coredns-1 answered from its cache.',
  ],
  ['failing at a time, and at no other', { failing: { from: 5 * second, until: 6 * second } }, true, 'all 1 of them'],
  ['failing from a time to the end', { failing: { from: 5 * second } }, false, 'not the one at 6s: 10.0.0.2'],
  ['failing, and one besides', { failing: { from: 7 * second } }, false, 'not the one at 5s: EAI_AGAIN'],
  ['failing in a time without lookups', { failing: { from: 20 * second } }, false, 'there was no lookup in this time'],
  [
    'a line of a log',
    { log: { holds: 'A: i/o timeout' } },
    true,
    '1 of 2 lines; the first at 1s in coredns-1: [ERROR] plugin/errors: 2 redis.example.com. A: i/o timeout',
  ],
  ['a line of a log at another time', { from: 2 * second, log: { holds: 'i/o timeout' } }, false, '0 of 1 lines'],
  ['no such line', { log: { holds: 'panic', count: 0 } }, true, '0 of 2 lines'],
  ['latency', { latency: { p99: 2000 } }, true, '2ms'],
  ['latency too long', { latency: { max: 1999 } }, false, '2ms'],
])('%s', (_what, asked, met, reason) => {
  expect(evaluate({ workload: 'app', ...asked }, facts)).toMatchObject([{ workload: 'app', met, reason }]);
});
