import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { observe } from './nodelocal.ts';

const directory = new URL('../recordings/nodelocal/', import.meta.url);

const reply = z.looseObject({
  step: z.number(),
  latency: z.number().optional(),
  rcode: z.string().optional(),
  timeout: z.number().optional(),
  error: z.string().optional(),
});
const event = z.looseObject({ step: z.number() });
const schema = z.looseObject({
  observed: z.array(
    z.looseObject({
      release: z.string(),
      replies: z.array(reply).default([]),
      events: z.array(event).default([]),
      log: z.record(z.string(), z.array(z.looseObject({ line: z.string().default('') }))),
    }),
  ),
});

const given = z.looseObject({ releases: z.array(z.string()) });

function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`nodelocal-${name}.json`, directory), 'utf8'));
}

/** What the first release and the last do: conformance runs them all. */
function observed(name: string, seed = '1') {
  const { releases, ...recording } = given.parse(recorded(name));
  return schema.parse(observe('', { ...recording, releases: [releases[0], releases.at(-1)] }, seed)).observed;
}

/** Whether two of loop's probes meet on their way decides how many connections or entries there are; the rollout is drawn. */
const conntrackByChance = [
  ...['1.22.13 conntrack', '1.22.13 paths', '1.26.7 start-rules'],
  ...['1.22.13 rolling-restart', '1.26.7 rolling-restart'],
];

const seeds = ['1', '2', '3'];

/** What the recorder looked at and agree.mjs does not judge: rules one by one, the Corefile, the state, metrics. */
describe('rules, Corefile, running and metrics are as the recorder saw them', () => {
  const files = readdirSync(directory).filter((file) => file.endsWith('.json'));
  const names = files.map((file) => file.replace(/^nodelocal-|\.json$/g, ''));
  const looks = ['raw', 'filter', 'addresses', 'corefile', 'running', 'http', 'body', 'conntrack'];
  // CoreDNS 1.7.0 draws its pause between probes, and with that how many fail.
  const drawn = new Set(['1.22.13 stub-dead-udp body', ...conntrackByChance.map((one) => `${one} conntrack`)]);
  test.each(names.filter((name) => schema.parse(recorded(name)).observed.some(({ events }) => events.length > 0)))(
    '%s',
    (name) => {
      const ours = observed(name);
      for (const { release, events } of schema.parse(recorded(name)).observed) {
        const own = ours.find((run) => run.release === release)?.events;
        if (own === undefined) continue;
        for (const want of events) {
          const got = own.find(({ step }) => step === want.step);
          for (const look of looks) {
            if (!(look in want) || drawn.has(`${release} ${name} ${look}`)) continue;
            expect([release, want.step, look, got?.[look]]).toEqual([release, want.step, look, want[look]]);
          }
        }
      }
    },
  );
});

/** Recordings that differ from run to run: their notes say what does not. */
describe('base-change, cm-change: the poll at 10 s and at 20 s, then the reload within 2.5 s', () => {
  test.each(seeds)('seed %s', (seed) => {
    for (const { replies, log } of observed('cm-change', seed)) {
      expect(replies.map(({ rcode }) => rcode)).toEqual(Array(7).fill('NOERROR'));
      expect(log['node-cache']?.filter(({ line }) => line === '[INFO] Reloading complete')).toHaveLength(2);
    }
    for (const { log } of observed('base-change', seed)) {
      const lines = log['node-cache']?.map(({ line }) => line) ?? [];
      expect(lines.filter((line) => line === '[INFO] Reloading complete')).toHaveLength(1);
      const failure = "Corefile:49 - Error during parsing: Unknown directive 'nonsense'";
      expect(lines.filter((line) => line === `[ERROR] Restart failed: ${failure}`)).toHaveLength(1);
    }
  });
});

test.each(seeds)(
  'pod-killed: 0.5 to 1.5 s with CoreDNS 1.7.0, whose pauses are drawn, and 1 s later; seed %s',
  (seed) => {
    for (const { release, replies } of observed('pod-killed', seed)) {
      const failed = replies.find(({ step }) => step === 2);
      expect(failed?.rcode).toBe('SERVFAIL');
      const [least, most] = release === '1.22.13' ? [0.5, 1.5] : [0.99, 1.02];
      expect(failed?.latency).toBeGreaterThanOrEqual(least);
      expect(failed?.latency).toBeLessThanOrEqual(most);
      expect(replies.filter(({ step }) => step > 2).map(({ rcode }) => rcode)).toEqual(Array(5).fill('NOERROR'));
    }
  },
);

test.each(seeds)('stub-refused: the first query fails after 4 or 6 s, or 2 s; later ones at once; seed %s', (seed) => {
  for (const { replies } of observed('stub-refused', seed)) {
    const [first, ...later] = replies.filter(({ step }) => step === 0 || step > 2);
    expect(first?.rcode).toBe('SERVFAIL');
    expect([2, 4, 6].some((end) => Math.abs((first?.latency ?? 0) - end) < 0.1)).toBe(true);
    for (const { rcode } of later) expect(rcode).toBe('SERVFAIL');
    expect(replies.filter(({ step }) => step === 1 || step === 2).map(({ rcode }) => rcode)).toEqual([
      'NOERROR',
      'NOERROR',
    ]);
  }
});

test.each(seeds)('rolling-restart: of the queries to the ClusterIP 1 or 2 fall into the gap, seed %s', (seed) => {
  for (const { replies } of observed('rolling-restart', seed)) {
    const lost = replies.filter(({ step, timeout }) => step === 1 && timeout !== undefined);
    expect(lost.length).toBeGreaterThanOrEqual(1);
    expect(lost.length).toBeLessThanOrEqual(2);
    const refused = replies.filter(({ error }) => error !== undefined);
    expect(refused).toEqual([]);
  }
});

test('no-interface: no link, no rules, pods get CoreDNS by the ClusterIP', () => {
  for (const { replies, log } of observed('no-interface')) {
    expect(replies.map(({ rcode, timeout }) => rcode ?? timeout)).toEqual(['NOERROR', 2]);
    expect(log['node-cache']?.at(-1)?.line).toBe(
      'listen tcp 169.254.20.10:8080: bind: cannot assign requested address',
    );
  }
});

test('pod-dead-unreachable: an old connection costs more than 20 s, a dial beside it 7 s; all is well with the new rule', () => {
  for (const { replies } of observed('pod-dead-unreachable')) {
    expect(replies.map(({ rcode, timeout }) => rcode ?? timeout)).toEqual([
      ...['NOERROR', 20, 'SERVFAIL'],
      ...Array(4).fill('NOERROR'),
    ]);
    expect(replies[2]?.latency).toBeGreaterThan(7);
    expect(replies[2]?.latency).toBeLessThan(7.3);
  }
});
