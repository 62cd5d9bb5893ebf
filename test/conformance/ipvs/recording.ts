import * as z from 'zod';

const command = z.object({
  t: z.number(),
  do: z.literal('command'),
  on: z.string(),
  command: z.string(),
  out: z.string(),
});
const query = z.object({
  t: z.number(),
  do: z.literal('query'),
  from: z.string(),
  port: z.number(),
  to: z.string(),
  say: z.string(),
  wait: z.number(),
  got: z.string(),
});
const connect = query.omit({ do: true, say: true }).extend({ do: z.literal('connect') });
const tcp = z.object({
  t: z.number(),
  do: z.literal('tcp'),
  from: z.string(),
  port: z.number(),
  what: z.enum(['close', 'server-closes', 'reset', 'say']),
});
const closePort = z.object({ t: z.number(), do: z.literal('close-port'), on: z.string() });

export const recording = z.object({
  name: z.string(),
  about: z.string(),
  kernel: z.string(),
  world: z.object({ vip: z.string(), pods: z.record(z.string(), z.string()), rules: z.array(z.string()) }),
  steps: z.array(z.discriminatedUnion('do', [command, query, connect, tcp, closePort])),
});

/** A recording of `test/recordings/ipvs`: what was done at which second, and what came of it. */
export type Recording = z.infer<typeof recording>;
export type Step = Recording['steps'][number];
