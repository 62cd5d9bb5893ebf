import { z } from 'zod';
import { observe } from '../coredns.ts';

const seen = z.object({
  replies: z.array(
    z.object({
      step: z.number(),
      t: z.number(),
      latency: z.number(),
      rcode: z.string(),
      flags: z.array(z.string()),
      answer: z.array(z.string()),
      authority: z.array(z.string()),
    }),
  ),
  upstream: z.array(z.object({ t: z.number(), server: z.string(), name: z.string(), type: z.string() })),
  log: z.record(z.string(), z.array(z.string())).default({}),
  http: z.array(z.object({ body: z.string() })).default([]),
});

/** What a small recording of one's own shows. */
export type Seen = z.infer<typeof seen>;

/** The records that an upstream gives for whatever it is asked. */
export const anything = (...records: readonly string[]) => ({ answers: { '* *': records } });

/** A query for `a.test.` A. */
export const ask = (at: number, more: object = {}) => ({ at, query: { name: 'a.test.', ...more } });

/** Runs a Corefile block in front of servers named `up`, `up2`…, as a recording is run; `U` in it is the first's address. */
export function play(
  release: string,
  block: string,
  servers: readonly object[],
  steps: readonly object[],
  files: Readonly<Record<string, string>> = {},
): Seen {
  const corefile = `. {\n bind 10.9.0.10\n ${block.replace(/\bU\b/, '10.9.0.21')}\n}\n`;
  const named = servers.map((server, i) => [i === 0 ? 'up' : `up${i + 1}`, { address: `10.9.0.${21 + i}`, ...server }]);
  const recording = {
    id: 'golden',
    releases: [release],
    coredns: { c1: { corefile, files } },
    servers: Object.fromEntries(named),
    steps: [...steps],
  };
  const run = z.object({ observed: z.tuple([seen]) }).parse(observe('golden', recording));
  return run.observed[0];
}

/** TTL of each reply's first record, of whatever section. */
export function ttls({ replies }: Seen): number[] {
  return replies.map(({ answer, authority }) => Number([...answer, ...authority][0]?.split(' ')[1]));
}

/** Was the upstream asked within `within` seconds of each query? */
export function fetches({ replies, upstream }: Seen, within = 0.005): boolean[] {
  return replies.map(({ t }) => upstream.some((one) => one.t >= t && one.t <= t + within));
}

/** The value of a counter on the page of metrics that was fetched last; all its series together. */
export function counted({ http }: Seen, name: RegExp): number {
  const lines = (http.at(-1)?.body ?? '').split('\n').filter((line) => name.test(line) && !line.startsWith('#'));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

export const metrics = (at: number) => ({ at, http: { port: 9153, path: '/metrics' } });
