import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { recordings } from './find.ts';
import { observe } from './recursor.ts';

const reply = z.looseObject({
  step: z.number(),
  rcode: z.string().optional(),
  flags: z.array(z.string()).default([]),
  answer: z.array(z.string()).default([]),
});
const run = z.looseObject({
  resolver: z.string(),
  replies: z.array(reply),
  upstream_count: z.number().optional(),
  counts: z.record(z.string(), z.number()).default({}),
});
const observedSchema = z.looseObject({ observed: z.array(run) });
type Run = z.infer<typeof run>;

/** Checks what a random recording's note says of each program, under several seeds. */
function holds(name: string, check: (run: Run, recorded: Run) => void, seeds = ['1', '2', '3']): void {
  const recording: unknown = JSON.parse(readFileSync(join(recordings, 'recursor', `${name}.json`), 'utf8'));
  const recorded = new Map(observedSchema.parse(recording).observed.map((one) => [one.resolver, one]));
  describe(name, () => {
    test.each(seeds)('seed %s', (seed) => {
      const { observed } = observedSchema.parse(observe(name, recording, seed));
      expect(observed.map(({ resolver }) => resolver)).toEqual([...recorded.keys()]);
      for (const one of observed) {
        const real = recorded.get(one.resolver);
        if (real !== undefined) check(one, real);
      }
    });
  });
}

/** Last octets of the addresses, reply by reply. */
const orders = ({ replies }: Run): string[] =>
  replies.map(({ answer }) => answer.map((line) => line.slice(-1)).join(''));
const turns = (order: string): string[] => [...order].map((_, i) => order.slice(i) + order.slice(0, i));
const sorted = (text: string): string => [...text].sort().join('');

holds('recursor-order', (one) => {
  const seen = orders(one);
  const [first = ''] = seen;
  expect(seen.map(sorted), one.resolver).toEqual(seen.map(() => '1234'));
  switch (one.resolver) {
    case 'unbound':
    case 'kresd':
      for (const order of seen) expect(turns(first), one.resolver).toContain(order);
      break;
    case 'pdns_recursor':
    case 'unbound-roundrobin-no':
      expect(new Set(seen), one.resolver).toHaveLength(1);
      break;
    case 'named-none':
      expect(new Set(seen)).toEqual(new Set(['1234']));
      break;
    case 'named-cyclic':
      expect(seen.slice(0, 5)).toEqual(['1234', '2341', '3412', '4123', '1234']);
      break;
    case 'dnsmasq':
      expect(seen[1]).toBe(first);
      for (const [i, order] of seen.slice(2).entries()) {
        const before = seen[i + 1] ?? '';
        expect(order).toBe(before.slice(-1) + before.slice(0, -1));
      }
      break;
    default:
      expect(new Set(seen).size, one.resolver).toBeGreaterThan(2);
  }
});

holds('recursor-rate-limit', (one, recorded) => {
  const kinds = new Set([...Object.keys(one.counts), ...Object.keys(recorded.counts)]);
  for (const kind of kinds) {
    const difference = Math.abs((one.counts[kind] ?? 0) - (recorded.counts[kind] ?? 0));
    expect(difference, `${one.resolver} ${kind}`).toBeLessThanOrEqual(5);
  }
  expect(Math.abs((one.upstream_count ?? 0) - (recorded.upstream_count ?? 0)), one.resolver).toBeLessThanOrEqual(5);
});

/** The counts of a burst are those of reality, but for a few. */
function counts(one: Run, recorded: Run): void {
  for (const kind of new Set([...Object.keys(one.counts), ...Object.keys(recorded.counts)])) {
    const difference = Math.abs((one.counts[kind] ?? 0) - (recorded.counts[kind] ?? 0));
    expect(difference, `${one.resolver} ${kind}`).toBeLessThanOrEqual(4);
  }
}

holds('more/recursor-m-rrl', counts, ['1']);
holds('more/recursor-m-fetch-limits', counts, ['1']);
holds('more/recursor-m-query-limits', counts, ['1']);
holds('more/recursor-m-same-question', counts, ['1']);

holds('recursor-servfail-first-of-two', (one, recorded) => {
  const rcodes = ({ replies }: Run) => replies.map(({ rcode }) => rcode);
  expect(rcodes(one), one.resolver).toEqual(rcodes(recorded));
});
