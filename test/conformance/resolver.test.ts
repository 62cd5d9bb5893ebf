import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { observe } from './resolver.ts';

const seeds = Array.from({ length: 30 }, (_, i) => String(i));

interface Observed {
  readonly expected: {
    readonly queries: readonly { readonly t_ms: number; readonly server: string }[];
    readonly total_ms: number;
    readonly result: string;
  };
}

function run(name: string, seed: string): Observed['expected'] {
  const url = new URL(`../recordings/resolver/${name}.json`, import.meta.url);
  return (observe(name, JSON.parse(readFileSync(url, 'utf8')), seed) as Observed).expected;
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
    const times = [...queries.map(({ t_ms }) => t_ms), total_ms];
    const waits = times.slice(1).map((t, i) => (t - (times[i] ?? 0)) / 1000);
    expect(result).toBe('ETIMEOUT (queryA ETIMEOUT host.example.com)');
    for (const [i, wait] of waits.entries()) {
      const doubled = 2 * 2 ** i;
      expect(wait).toBeGreaterThanOrEqual(Math.max(2, doubled / 2) - 0.01);
      expect(wait).toBeLessThanOrEqual(doubled + 1.01);
    }
  }
});
