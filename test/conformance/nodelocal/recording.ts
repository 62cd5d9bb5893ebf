import { z } from 'zod';
import { serverSchema } from '../coredns/recording.ts';

/** A query step's words (`harness/nodelocal_rec.py`, `sendq`). */
const query = z.strictObject({
  name: z.string(),
  type: z.string().default('A'),
  proto: z.enum(['udp', 'tcp']).default('udp'),
  edns: z.number().optional(),
  do: z.boolean().optional(),
  from: z.string().default('cli'),
  sport: z.number().default(0),
  to: z.string().default('nodelocal'),
  port: z.number().default(53),
  timeout: z.number().default(8),
});

const at = z.strictObject({ at: z.number() });

/** What a step that only looks is given: how to look, or just that. */
const looking = z.union([z.boolean(), z.number(), z.string()]);

/** The kinds of step; the first that fits is meant. */
const kinds = z.union([
  at.extend({ query, count: z.number().default(1), every: z.number().default(0) }),
  at.extend({ server: z.string(), set: z.record(z.string(), z.unknown()) }),
  at.extend({ endpoints: z.array(z.string()) }),
  at.extend({ write: z.string(), text: z.string().nullable(), in_place: z.boolean().default(false) }),
  at.extend({ signal: z.string(), of: z.string().default('node-cache') }),
  at.extend({
    start: z.string(),
    interface: z.boolean().default(true),
    fresh: z.boolean().default(true),
    args: z.array(z.string()).optional(),
  }),
  at.extend({ pod_delete: z.string(), route: z.string().optional() }),
  at.extend({ sh: z.string() }),
  // Steps that only look.
  at.extend({ rules: looking }),
  at.extend({ corefile: looking }),
  at.extend({ conntrack: looking }),
  at.extend({ state: looking }),
  at.extend({
    http: z.looseObject({
      port: z.number(),
      path: z.string(),
      address: z.string().optional(),
      grep: z.string().optional(),
    }),
  }),
]);

/** A step; one that is of no kind is named by its words. */
const step = z.unknown().transform((value, context): z.infer<typeof kinds> => {
  const parsed = kinds.safeParse(value);
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: `step ${JSON.stringify(value).slice(0, 120)}` });
  return z.NEVER;
});

const texts = z.record(z.string(), z.string());

const core = z.strictObject({
  address: z.string(),
  corefile: z.string(),
  files: texts.default({}),
  release: z.string().default('1.11.1'),
  resolv_conf: z.string().default('nameserver 192.0.2.53\n'),
  start: z.boolean().default(true),
});

const nodeCache = z.strictObject({
  args: z.array(z.string()),
  env: texts.default({}),
  corefile_base: z.string(),
  resolv_conf: z.string().default('nameserver 192.0.2.53\n'),
  kubedns_cm: texts.optional(),
  release: z.string().optional(),
  start: z.boolean().default(true),
});

/** A recording of node-cache without what was observed (README.md of the recordings, `harness/nodelocal_rec.py`). */
export const recordingSchema = z.looseObject({
  id: z.string(),
  releases: z.array(z.string()),
  node_cache: nodeCache,
  coredns: z.record(z.string(), core).default({}),
  servers: z.record(z.string(), serverSchema).default({}),
  pods: texts.default({}),
  endpoints: z.array(z.string()).default([]),
  outside_addresses: z.array(z.string()).default([]),
  outside_unreachable: z.array(z.string()).default([]),
  interface: z.enum(['ready', 'absent']).default('ready'),
  steps: z.array(step).default([]),
  until: z.number().optional(),
  health_log: z.boolean().default(false),
  max_upstream: z.number().optional(),
});

export type NodeLocalRecording = z.infer<typeof recordingSchema>;
export type NodeLocalStep = z.infer<typeof step>;
export type NodeLocalQuery = z.infer<typeof query>;
