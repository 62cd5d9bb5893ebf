import { describe, expect, test } from 'vitest';
import { second } from '../../engine/time.ts';
import type { Explanation } from '../../trace/explanation.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import type { Probe, UpstreamQuery } from '../../trace/upstream-queries.ts';
import type { Expectation } from '../schema/scenario.ts';
import type { WorkloadFacts } from './facts.ts';
import { outcomes, probes, upstreamQueries } from './upstream-queries.ts';

const lookup: JudgedLookup = {
  workload: 'app',
  host: 'app',
  trace: 1,
  name: 'big.example.com',
  answeredName: 'big.example.com.',
  start: 0,
  end: 5 * second,
  result: 'EAI_AGAIN',
  addresses: [],
  verdict: 'failed',
  staleSince: undefined,
};
const cut: Explanation = {
  cause: 'reply-cut-by-buffer',
  strand: 1,
  holders: [],
  hops: [],
  short: 'a reply of 758 octets, cut at 512',
  sentence: 'It was cut.',
};
const header = (t: number) => ({ t, seq: t, at: 'coredns-1', trace: 1, cause: '' });

function query(sentAt: number, to: string, more: Partial<UpstreamQuery> = {}): UpstreamQuery {
  return {
    header: header(sentAt + 2000),
    sentAt,
    to,
    protocol: 'udp',
    outcome: 'failed',
    error: 'dns: buffer size too small',
    room: 512,
    replySize: 758,
    ...more,
  };
}

function probe(sentAt: number, answered = true): Probe {
  return { header: header(sentAt + 1000), sentAt, to: '10.0.0.1:53', name: '.', answered };
}

/** Three attempts and two probes, and one more of each after the lookup has returned. */
const facts: WorkloadFacts = {
  lookups: [lookup],
  flows: [],
  upstreamQueries: () => [
    query(1000, '10.0.0.1:53'),
    query(3000, '10.0.0.2:53'),
    query(5000, '10.0.0.1:53', { protocol: 'tcp', replySize: 358, error: '' }),
    query(6 * second, '10.0.0.9:53'),
  ],
  namesTried: () => [],
  counters: {},
  probes: () => [probe(3000), probe(5000, false), probe(6 * second, false)],
  log: [],
  until: 10 * second,
  why: () => cut,
};

describe('what CoreDNS asked upstream, until the lookup ended', () => {
  test.each<[NonNullable<Expectation['upstreamQueries']>, boolean, string]>([
    [{ count: 3 }, true, 'the first: 3'],
    [{ count: { min: 4 } }, false, 'at 0s: 3'],
    [{ order: ['10.0.0.1', '10.0.0.2'] }, true, 'the first: 10.0.0.1, 10.0.0.2'],
    [{ order: ['10.0.0.2'] }, false, 'at 0s: 10.0.0.1'],
    [{ replySize: { min: 358, max: 758 } }, true, 'the first: 758, 358'],
    [{ replySize: 758 }, false, 'at 0s: 758, 358'],
    [{ protocol: 'tcp' }, true, 'the first: tcp'],
    [{ protocol: 'udp' }, false, 'at 0s: tcp'],
    [{ errors: 'dns: ' }, false, 'at 0s: dns: buffer size too small; '],
  ])('%j', (expected, met, reason) => {
    expect(upstreamQueries(expected, facts)).toMatchObject([{ met, reason }]);
  });

  test('every key is a verdict of its own', () => {
    expect(upstreamQueries({ count: 3, protocol: 'tcp', replySize: 758 }, facts).map(({ met }) => met)).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('without a lookup nothing holds', () => {
    expect(upstreamQueries({ count: 0 }, { ...facts, lookups: [] })).toMatchObject([
      { met: false, reason: 'there was no lookup in this time' },
    ]);
  });
});

describe('probes, until the lookup ended', () => {
  test.each<[NonNullable<Expectation['probes']>, boolean, string]>([
    [{ count: 2 }, true, 'the first: 2'],
    [{ count: { max: 1 } }, false, 'at 0s: 2'],
    [{ failed: 1 }, true, 'the first: 1'],
    [{ failed: 0 }, false, 'at 0s: 1'],
  ])('%j', (expected, met, reason) => {
    expect(probes(expected, facts)).toMatchObject([{ met, reason }]);
  });
});

describe('how each lookup ended', () => {
  test.each<[Omit<Expectation, 'workload'>, boolean, string]>([
    [{ results: 'EAI_AGAIN' }, true, 'the first: EAI_AGAIN'],
    [{ results: 'OK' }, false, 'at 0s: EAI_AGAIN'],
    [{ takes: { min: 4.9 * second, max: 5.1 * second } }, true, 'the first: 5s'],
    [{ takes: { max: 4 * second } }, false, 'at 0s: 5s'],
    [{ because: 'reply-cut-by-buffer' }, true, 'the first: reply-cut-by-buffer'],
    [{ because: 'port-closed' }, false, 'at 0s: reply-cut-by-buffer'],
  ])('%j', (expected, met, reason) => {
    expect(outcomes({ workload: 'app', ...expected }, facts)).toMatchObject([{ met, reason }]);
  });
});
