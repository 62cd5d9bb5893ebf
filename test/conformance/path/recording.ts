import { z } from 'zod';

const pod = z.strictObject({
  address: z.string(),
  resolv_conf: z.string().default('nameserver 10.96.0.10\n'),
  sysctl: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  sh: z.string().optional(),
  later: z.boolean().default(false),
});

const service = z.strictObject({
  address: z.string(),
  ports: z.record(z.string(), z.tuple([z.enum(['udp', 'tcp']), z.int()])),
  endpoints: z.array(z.string()),
  reject: z.boolean().default(true),
});

const client = z.strictObject({
  pod: z.string(),
  resolver: z.string(),
  family: z.string().optional(),
  parallel: z.boolean().default(false),
  at: z.number().optional(),
  every: z.number().optional(),
  count: z.int().optional(),
  name: z.string().optional(),
  calls: z.array(z.strictObject({ at: z.number(), name: z.string() })).default([]),
  times: z.array(z.number()).optional(),
  source_port: z.int().optional(),
  connected: z.boolean().default(false),
  to: z.tuple([z.string(), z.int()]).default(['10.96.0.10', 53]),
  text: z.string().optional(),
  type: z.string().default('A'),
  timeout: z.number().default(2),
});

const answers = z.record(z.string(), z.unknown());

const step = z.looseObject({ at: z.number() });

/** A path recording without what was observed: README.md of the recordings, `harness/path_rec.py`. */
export const recordingSchema = z.looseObject({
  releases: z.array(z.string()),
  conntrack: z.enum(['service', 'all', 'none']).default('service'),
  log: z.boolean().default(true),
  until: z.number().default(0),
  limit: z.number().default(170),
  health_log: z.boolean().default(false),
  max_upstream: z.int().optional(),
  max_log: z.int().optional(),
  world: z.strictObject({
    pods: z.record(z.string(), pod),
    services: z.record(z.string(), service).default({}),
    masquerade: z.string().default('--random-fully'),
    node_sysctl: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
    node_addresses: z.array(z.string()).default([]),
    node_rules: z.array(z.string()).optional(),
    outside_addresses: z.array(z.string()).default([]),
  }),
  coredns: z
    .record(
      z.string(),
      z.strictObject({
        corefile: z.union([z.string(), z.record(z.string(), z.string())]),
        files: z.record(z.string(), z.string()).default({}),
        address: z.string().optional(),
        release: z.string().optional(),
        later: z.boolean().default(false),
      }),
    )
    .default({}),
  servers: z
    .record(z.string(), z.looseObject({ address: z.string(), port: z.int().default(53), answers: answers.optional() }))
    .default({}),
  named: z
    .record(z.string(), z.strictObject({ address: z.string(), zones: z.record(z.string(), z.string()) }))
    .default({}),
  unbound: z.record(z.string(), z.strictObject({ address: z.string(), config: z.string().default('') })).default({}),
  receivers: z.record(z.string(), z.strictObject({ pod: z.string(), port: z.int() })).default({}),
  clients: z.record(z.string(), client).default({}),
  steps: z.array(step).default([]),
});

export type PathRecording = z.infer<typeof recordingSchema>;
export type PathClient = PathRecording['clients'][string];

/** Each form a step may take. */
export const stepSchema = z.union([
  z.strictObject({ at: z.number(), server: z.string(), set: z.record(z.string(), z.unknown()) }),
  z.strictObject({
    at: z.number(),
    endpoints: z.record(z.string(), z.array(z.string())),
    reject: z.boolean().default(true),
  }),
  z.strictObject({
    at: z.number(),
    conntrack_delete: z.strictObject({ service: z.string().optional(), endpoint: z.string().optional() }),
  }),
  z.strictObject({ at: z.number(), snapshot: z.unknown() }),
  z.strictObject({ at: z.number(), signal: z.string(), of: z.string() }),
  z.strictObject({ at: z.number(), pod_gone: z.string() }),
  z.strictObject({ at: z.number(), pod_silent: z.string() }),
  z.strictObject({ at: z.number(), pod_back: z.string() }),
  z.strictObject({ at: z.number(), pod_create: z.string() }),
  z.strictObject({ at: z.number(), start: z.string() }),
  z.strictObject({ at: z.number(), file: z.string(), of: z.string(), text: z.string() }),
  z.strictObject({ at: z.number(), rule: z.string(), of: z.string().default('node') }),
  z.strictObject({ at: z.number(), named: z.string(), zone: z.string().optional(), text: z.string().optional() }),
  z.strictObject({ at: z.number(), unbound: z.string(), do: z.string().optional() }),
]);

export type PathStep = z.infer<typeof stepSchema>;
