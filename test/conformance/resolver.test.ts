import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { observe } from './resolver.ts';

const folder = new URL('../recordings/resolver/', import.meta.url);
const seeds = Array.from({ length: 30 }, (_, i) => String(i));

const query = z.object({
  t_ms: z.number(),
  server: z.string(),
  proto: z.string(),
  qname: z.string(),
  qtype: z.string(),
});
/** What a recording and a run here have alike. */
const both = z.object({
  expected: z.object({
    queries: z.array(query),
    total_ms: z.union([z.number(), z.array(z.number())]),
    result: z.union([z.string(), z.array(z.string())]),
    calls: z.array(z.looseObject({ errno: z.number().optional() })),
  }),
});
type Observed = z.infer<typeof both>['expected'];

function run(name: string, seed?: string): Observed {
  return both.parse(observe(name, read(name), seed)).expected;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

const measured = z.object({ measurement: z.object({ nondeterministic: z.string() }) });
const asked = ({ queries }: Observed) =>
  queries.map(({ server, qname, qtype, proto }) => `${server} ${proto} ${qname} ${qtype}`).sort();
const repeated = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))
  .filter((name) => measured.parse(read(name)).measurement.nondeterministic === '');

test.each(repeated)('%s: the same queries and results', (name) => {
  const [recorded, observed] = [both.parse(read(name)).expected, run(name)];
  expect(asked(observed)).toEqual(asked(recorded));
  expect([observed.result].flat().map(withoutPort)).toEqual([recorded.result].flat().map(withoutPort));
});

function withoutPort(result: string): string {
  return result.replace(/:(\d+|<eph>)->/g, ':PORT->');
}

test('glibc: rotate starts at random and goes on by one with every candidate', () => {
  const starts = new Set<string>();
  for (const seed of seeds) {
    const servers = run('glibc-43-rotate-3servers-6calls', seed).queries.map(({ server }) => Number(server.at(-1)) - 1);
    const [start = 0] = servers;
    expect(servers).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5].map((k) => (start + k) % 3));
    starts.add(String(start));
  }
  expect([...starts].sort()).toEqual(['0', '1', '2']);
});

test('c-ares: a second query 2 or 3 s after the first, by chance', () => {
  const waits = new Set(
    seeds.map((seed) => Math.round((run('node-25-resolve4-lost-once', seed).queries[1]?.t_ms ?? 0) / 100) / 10),
  );
  expect([...waits].sort()).toEqual([2, 3]);
});

test('c-ares: each wait doubles, is cut by half at most, and ends on a tick', () => {
  for (const seed of seeds) {
    const { queries, total_ms, result } = run('node-17-resolve4-dead-x5', seed);
    const times = [...queries.map(({ t_ms }) => t_ms), total_ms].flat();
    const waits = times.slice(1).map((t, i) => (t - (times[i] ?? 0)) / 1000);
    expect(result).toBe('ETIMEOUT (queryA ETIMEOUT host.example.com)');
    for (const [i, wait] of waits.entries()) {
      const doubled = 2 * 2 ** i;
      expect(wait).toBeGreaterThanOrEqual(Math.max(2, doubled / 2) - 0.01);
      expect(wait).toBeLessThanOrEqual(doubled + 1.01);
    }
  }
});

/** Which of 11 and 22 depends on whether the second reply is there when the first is read. */
const muslRaces: readonly { readonly name: string; readonly errno: Readonly<Record<string, number>> }[] = JSON.parse(
  readFileSync(new URL('more/musl-errno.json', folder), 'utf8'),
);

test.each(muslRaces)('$name: errno is a race, everything else is as recorded', ({ name, errno }) => {
  expect(Object.keys(errno)).toEqual(['11', '22']);
  const { calls } = run(name, '1');
  for (const [i, call] of both.parse(read(name)).expected.calls.entries()) {
    expect({ ...calls[i], errno: 0, start_ms: 0, total_ms: 0 }).toEqual({
      ...call,
      errno: 0,
      start_ms: 0,
      total_ms: 0,
    });
    expect(Object.keys(errno)).toContain(String(calls[i]?.errno));
  }
});
