import { expect } from 'vitest';
import { z } from 'zod';
import { holds } from './random-recording.ts';

const reply = z.looseObject({
  step: z.number(),
  t: z.number(),
  latency: z.number(),
  rcode: z.string(),
  answer: z.array(z.string()).default([]),
});
const upstream = z.looseObject({ t: z.number(), server: z.string(), name: z.string(), type: z.string() });
const http = z.looseObject({ step: z.number(), body: z.string() });
const run = z.looseObject({
  release: z.string(),
  replies: z.array(reply),
  upstream: z.array(upstream),
  upstream_count: z.number().optional(),
  http: z.array(http).default([]),
});
type Run = z.infer<typeof run>;

const metric = (run: Run, pattern: RegExp): number => Number(pattern.exec(run.http[0]?.body ?? '')?.[1] ?? Number.NaN);
/** From 1.14.7 a query makes two failed attempts an upstream at most. */
const isCapped = ({ release }: Run): boolean => release === '1.14.7' || release === '1.15.0';

holds('cache/cache-loadbalance.json', run, (one, recorded) => {
  const shuffled = (answer: readonly string[]) => answer.some((line) => line.includes('lb.test.'));
  const plain = (answer: readonly string[]) => (shuffled(answer) ? [...answer].sort() : answer);
  const answers = ({ replies }: Run) => replies.map(({ answer }) => plain(answer));
  const aliases = ({ replies }: Run) =>
    replies.map(({ answer }) => answer.findIndex((line) => line.includes(' CNAME ')));
  expect(answers(one)).toEqual(answers(recorded));
  expect(aliases(one)).toEqual(aliases(recorded));
});

holds('forward/forward-all-down-random.json', run, (one, recorded) => {
  const later = one.replies.filter(({ step }) => step === 2);
  expect(later).toHaveLength(12);
  for (const { rcode, latency } of later) expect([rcode, latency]).toEqual(['SERVFAIL', 2]);
  expect(one.upstream.filter(({ name, t }) => name === 'c.test.' && t > 10.3)).toHaveLength(12);
  const broken = /healthcheck_broken_total (\d+)/;
  expect(metric(one, broken)).toBe(metric(recorded, broken));
});

holds('forward/forward-health-interval-backoff.json', run, (one) => {
  const outages = [
    { from: 0, to: 12, shortest: 0.25, longest: 0.75 },
    { from: 13, to: 28, shortest: 0.375, longest: 1.125 },
    { from: 29, to: 48, shortest: 0.56, longest: 1.69 },
  ];
  for (const { from, to, shortest, longest } of outages) {
    const probes = one.upstream.filter(({ type, t }) => type === 'NS' && t > from && t < to).map(({ t }) => t);
    const pauses = probes.slice(1).map((t, i) => t - (probes[i] ?? 0) - 1);
    expect(pauses.length).toBeGreaterThan(1);
    for (const pause of pauses) {
      expect(pause).toBeCloseTo(pauses[0] ?? Number.NaN, 3);
      expect(pause).toBeGreaterThan(shortest - 0.01);
      expect(pause).toBeLessThan(longest + 0.01);
    }
  }
});

holds('forward/forward-random-two.json', run, ({ replies, upstream }) => {
  expect(replies.filter(({ rcode, latency }) => rcode === 'NOERROR' && latency < 0.1)).toHaveLength(80);
  expect(upstream).toHaveLength(80);
  const first = upstream.filter(({ server }) => server === 'up1').length;
  expect(first).toBeGreaterThan(20);
  expect(first).toBeLessThan(60);
});

holds('forward/forward-refused-one-default.json', run, (one) => {
  const [first, second] = one.replies;
  expect([first?.rcode, second?.rcode]).toEqual(['SERVFAIL', 'SERVFAIL']);
  expect(first?.latency).toBeCloseTo(isCapped(one) ? 0 : 1, 1);
  expect(second?.latency).toBeCloseTo(0, 1);
  if (one.release === '1.6.7') return;
  const dials = metric(one, /conn_cache_misses_total\{[^}]*\} (\d+)/);
  if (isCapped(one)) expect(dials).toBe(3);
  else expect(dials).toBeGreaterThan(1000);
});

holds('forward/forward-tcp-refused-one.json', run, (one) => {
  const [tcp, udp] = one.replies;
  expect(tcp?.rcode).toBe('SERVFAIL');
  expect(tcp?.latency).toBeCloseTo(isCapped(one) ? 0 : 5, 1);
  expect(udp?.rcode).toBe('NOERROR');
});

holds('size/size-storm-undelayed.json', run, (one) => {
  if (one.release === '1.11.3') expect(one.upstream).toHaveLength(1);
  else expect(one.upstream_count).toBeGreaterThan(1000);
});
