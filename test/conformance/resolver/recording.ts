import { z } from 'zod';

const behaviour = z.object({
  do: z.string(),
  server: z.string().optional(),
  proto: z.string().optional(),
  qtype: z.string().optional(),
  name: z.string().optional(),
  nth: z.number().optional(),
  max: z.number().optional(),
  delay_ms: z.number().optional(),
  n: z.number().optional(),
  ttl: z.number().optional(),
  ip4: z.string().optional(),
  ip6: z.string().optional(),
  ra: z.literal(false).optional(),
  opt: z.literal(false).optional(),
  tcp_tc: z.literal(true).optional(),
  limit: z.literal('none').optional(),
});

/** What is read of a recording of a client resolver; the README of its harness says what the words mean. */
export const resolverRecording = z.object({
  name: z.string(),
  client: z.string(),
  version: z.string(),
  note: z.string().default(''),
  resolvConf: z.string(),
  callArgs: z.string(),
  serverBehaviour: z.array(behaviour),
  listen: z.array(z.string()),
  hosts: z.string().optional(),
  'nsswitch.conf': z.string().optional(),
  expected: z.object({ calls: z.array(z.object({ total_ms: z.number(), result: z.string() })) }),
});

export type Behaviour = z.infer<typeof behaviour>;
export type ResolverRecording = z.infer<typeof resolverRecording>;

/** A query as a recording lists it. */
export interface ObservedQuery {
  readonly t_ms: number;
  readonly server: string;
  readonly qname: string;
  readonly qtype: string;
  readonly edns: { readonly size: number; readonly do: boolean; readonly opts: readonly number[] } | null;
  readonly proto: string;
  readonly flags?: string;
  readonly sameSocketAs?: number;
  readonly sameIdAs?: number;
  readonly serverDid: string;
}

export interface ObservedCall {
  readonly name: string;
  readonly start_ms: number;
  readonly total_ms: number;
  readonly result: string;
  readonly addrs: readonly string[];
  readonly count: number;
  readonly errno?: number;
}
