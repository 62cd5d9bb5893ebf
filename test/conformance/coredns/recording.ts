import { z } from 'zod';

/** The one network namespace of a recording: every address is its own. */
export const machine = 'machine';

const edns = z.strictObject({ edns: z.number().optional(), do: z.boolean().optional() });

/** A query step's words (`harness/rec*.py`, `ask`). */
export const querySchema = edns.extend({
  name: z.string(),
  type: z.string().default('A'),
  class: z.string().default('IN'),
  proto: z.enum(['udp', 'tcp']).default('udp'),
  rd: z.boolean().default(true),
  ad: z.boolean().default(false),
  cd: z.boolean().default(false),
  edns_version: z.number().optional(),
  options: z.array(z.tuple([z.number(), z.string()])).default([]),
  from: z.string().default('10.9.0.1'),
  sport: z.number().default(0),
  to: z.string().optional(),
  at_address: z.string().optional(),
  port: z.number().optional(),
  timeout: z.number().default(8),
  on_tc: z.string().optional(),
});

const session = z.strictObject({
  to: z.string().optional(),
  send: z.array(z.strictObject({ at: z.number(), query: querySchema, count: z.number().default(1) })).default([]),
  wait: z.number(),
  lockstep: z.boolean().default(false),
  keep: z.number().default(20),
});

const at = z.strictObject({ at: z.number() });
const http = z.strictObject({
  address: z.string().default('127.0.0.1'),
  port: z.number(),
  path: z.string(),
  grep: z.string().optional(),
  names: z.boolean().default(false),
  body: z.boolean().default(true),
});

/** The kinds of step; the first that fits is meant. */
const kinds = z.union([
  at.extend({ query: querySchema, count: z.number().default(1), every: z.number().default(0) }),
  at.extend({ session }),
  at.extend({ sweep: z.object({ name: z.string(), from: z.number(), to: z.number(), every: z.number() }) }),
  at.extend({ server: z.string(), set: z.record(z.string(), z.unknown()) }),
  at.extend({ corefile: z.string(), of: z.string().optional() }),
  at.extend({ file: z.string(), text: z.string(), of: z.string().optional() }),
  at.extend({ remove: z.string(), of: z.string().optional() }),
  at.extend({ signal: z.string(), of: z.string().optional() }),
  at.extend({ restart: z.string() }),
  at.extend({ http }),
  at.extend({ sh: z.string() }),
]);

/** A step; one that is of no kind is named by its words. */
const step = z.unknown().transform((value, context): z.infer<typeof kinds> => {
  const parsed = kinds.safeParse(value);
  if (parsed.success) return parsed.data;
  const words = JSON.stringify(value).slice(0, 120);
  context.addIssue({ code: 'custom', message: `step ${words}` });
  return z.NEVER;
});

const core = z.looseObject({
  address: z.string().default('10.9.0.10'),
  port: z.number().default(53),
  corefile: z.string().nullable().default(null),
  /** Was it named with `-conf`? Without, a missing file means the built-in Corefile. */
  conf: z.boolean().default(true),
  files: z.record(z.string(), z.string()).default({}),
  env: z.record(z.string(), z.string()).default({}),
  args: z.array(z.string()).default([]),
  release: z.string().optional(),
});

export const serverSchema = z.preprocess(
  (server) => (typeof server === 'object' && server !== null && 'tls' in server ? { port: 853, ...server } : server),
  z.looseObject({ address: z.string(), port: z.number().default(53) }),
);

/** A CoreDNS recording without what was observed (README.md of the recordings). */
export const recordingSchema = z.looseObject({
  id: z.string(),
  releases: z.array(z.string()),
  coredns: z.record(z.string(), core),
  servers: z.record(z.string(), serverSchema).default({}),
  addresses: z.array(z.string()).default([]),
  steps: z.array(step).default([]),
  until: z.number().optional(),
  settle: z.number().default(0.3),
  startup_only: z.boolean().default(false),
  brief: z.boolean().default(false),
  health_log: z.boolean().default(false),
  log_times: z.boolean().default(false),
  max_upstream: z.number().optional(),
  resolv_conf: z.string().default('nameserver 10.9.0.29\n'),
});

export type CoreDnsRecording = z.infer<typeof recordingSchema>;
export type Step = z.infer<typeof step>;
export type Query = z.infer<typeof querySchema>;
export type Session = z.infer<typeof session>;
export type Http = z.infer<typeof http>;
