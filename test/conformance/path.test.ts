import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { observeRelease } from './path/observe.ts';
import { type PathRecording, recordingSchema } from './path/recording.ts';

/** Recordings that differ from run to run: their notes say what does not, and that is held here over many seeds. */
function recording(name: string): PathRecording {
  const file = new URL(`../recordings/path/${name}.json`, import.meta.url);
  return recordingSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}

/** The same with these clients only. */
function withClients(whole: PathRecording, ...names: string[]): PathRecording {
  return {
    ...whole,
    clients: Object.fromEntries(Object.entries(whole.clients).filter(([name]) => names.includes(name))),
  };
}

const seeds = ['1', '2', '3', '4', '5'];

describe('path-failover-two-replicas', () => {
  const given = recording('path-failover-two-replicas');
  test.each(given.releases.flatMap((release) => seeds.map((seed) => [release, seed] as const)))(
    '%s, seed %s',
    (release, seed) => {
      const { calls, conntrack = [], upstream } = observeRelease(given, release, seed);
      // dns1 gave the old address until 30.5 and the new one after, dns2 until 42.5.
      const until: Readonly<Record<string, number>> = { '10.244.1.20': 30.5, '10.244.1.21': 42.5 };
      const chosen = conntrack.filter(({ event, original }) => event === 'NEW' && original.startsWith('10.244.1.10:'));
      expect(chosen).toHaveLength(54);
      for (const [i, call] of (calls.app ?? []).entries()) {
        const replica = chosen[i]?.reply.split(':')[0] ?? '';
        expect([call.t, replica, call.addresses]).toEqual([
          call.t,
          replica,
          [call.t <= (until[replica] ?? 0) ? '10.0.0.1' : '10.0.0.2'],
        ]);
      }
      expect(new Set(chosen.map(({ reply }) => reply.split(':')[0])).size).toBe(2);
      expect(upstream.map(({ t }) => t < 15)).toEqual([true, true, false, false]);
    },
  );
});

describe('path-dead-pod-silent-glibc-defaults', () => {
  const given = recording('path-dead-pod-silent-glibc-defaults');
  test.each(seeds)('each lookup is answered at once or fails after 10 s, seed %s', (seed) => {
    const app = observeRelease(given, '1.14.7', seed).calls.app ?? [];
    const outcomes = app.map(
      ({ result, latency = 0 }) =>
        `${result} ${latency < 0.1 ? '< 0.1' : Math.abs(latency - 10) < 0.15 ? 10 : latency}`,
    );
    expect([...new Set(outcomes)].sort()).toEqual(['EAI_AGAIN 10', 'OK < 0.1']);
  });
});

describe('path-loss-5-percent', () => {
  const given = recording('path-loss-5-percent');
  test('about 18.5 % of the lookups wait for at least one time-out of 5 s', () => {
    const latencies = seeds.slice(0, 2).flatMap((seed) =>
      Object.values(observeRelease(given, given.releases[0] ?? '', seed).calls)
        .flat()
        .map(({ latency = 0 }) => latency),
    );
    const share = latencies.filter((latency) => latency > 4.9).length / latencies.length;
    expect(share).toBeGreaterThan(0.1);
    expect(share).toBeLessThan(0.22);
  });
});

describe('path-upstream-port-closed', () => {
  const given = recording('path-upstream-port-closed');
  test.each(seeds)('six refusals at once, then a few attempts until 2, 4 or 6 s, seed %s', (seed) => {
    const [call] = observeRelease(given, '1.11.1', seed).calls.app ?? [];
    expect([2, 4, 6].some((end) => Math.abs((call?.latency ?? 0) - end) < 0.2)).toBe(true);
    const [capped] = observeRelease(given, '1.14.7', seed).calls.app ?? [];
    expect(capped?.latency).toBeLessThan(0.1);
  });
});

describe('path-dead-pod-port-closed', () => {
  const given = withClients(recording('path-dead-pod-port-closed'), 'glibc');
  test.each(seeds)('a lookup is answered, or fails at once or after a wait, seed %s', (seed) => {
    const results = new Set((observeRelease(given, '1.11.1', seed).calls.glibc ?? []).map(({ result }) => result));
    expect([...results].every((result) => ['OK', 'EAI_AGAIN', 'EAI_NODATA'].includes(result ?? ''))).toBe(true);
  });
});
