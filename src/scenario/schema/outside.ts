import * as z from 'zod';
import { authoritySoftware } from '../../servers/authoritative/programs.ts';
import { tls } from './tls.ts';
import { addresses, artefact, distribution, duration, label } from './values.ts';

const faults = z
  .strictObject({
    limits: z
      .enum(['edns', 'none'])
      .default('edns')
      .describe('none: sends UDP replies of any size, whatever the query allows.'),
    compress: z.boolean().default(true).describe('false: writes every name in full.'),
    tcp: z.enum(['open', 'closed']).default('open').describe('closed: refuses connections.'),
    tcpConnections: z
      .int()
      .min(1)
      .optional()
      .describe(
        'How many TCP connections it serves at once (dnsmasq: 20); others are accepted and wait. All unless said.',
      ),
  })
  .optional()
  .describe('What it does otherwise than the protocol asks.');

/** `address` and, of dual stack, `otherAddress`. */
function withFamilies<T extends { readonly address: readonly string[] }>({
  address: [address = '', otherAddress],
  ...rest
}: T) {
  return { ...rest, address, ...(otherAddress !== undefined && { otherAddress }) };
}

const authoritative = z
  .strictObject({
    role: z.literal('authoritative'),
    address: addresses,
    software: z.enum(authoritySoftware).optional().describe('Whose habits it has: order, extra records, truncation.'),
    zones: z.record(z.string(), artefact).describe('Zone files by origin.'),
    outdated: z
      .boolean()
      .default(false)
      .describe('true: it was given up, and what only it answers counts as an old answer.'),
    faults,
    tls: tls.optional(),
  })
  .transform(withFamilies);

const recursor = z
  .strictObject({
    role: z.literal('recursor'),
    address: addresses,
    software: z
      .string()
      .default('unbound')
      .describe('Whose rules it follows: unbound, bind, powerdns, knot, dnsmasq, systemd-resolved or generic.'),
    upstreams: z.record(z.string(), z.union([label, z.array(label).min(1)])).describe('By zone: the servers it asks.'),
    stubs: z
      .record(z.string(), z.union([label, z.array(label).min(1)]))
      .default({})
      .describe('By zone: the servers of the zone itself, asked label by label and without RD.'),
    options: z
      .record(z.string(), z.union([z.number(), z.boolean(), z.string()]))
      .default({})
      .describe(
        "Words of the program's own configuration, for its caches, time-outs and limits. Limits: unbound ip-ratelimit (queries a second of an address), " +
          'ratelimit (a second to a zone of stubs), num-queries-per-thread (1024), wait-limit (1000 of an address); bind responses-per-second, ' +
          'referrals-, nxdomains-, errors-, all-per-second with slip and window, recursive-clients (1000), clients-per-query (10), fetches-per-server, ' +
          'fetches-per-zone; powerdns max-mthreads (2048); dnsmasq dns-forward-max (150); generic queries-per-second, most-waiting. ' +
          "What a network lets through, such as 1024 packets a second to a VPC resolver, is a link's packetsPerSecond.",
      ),
    faults,
    tls: tls.optional(),
  })
  .transform(withFamilies);

const backend = z
  .strictObject({
    role: z.literal('backend').describe('None of DNS, such as a database or a collector of logs.'),
    address: addresses,
    port: z.int().min(1).max(65535),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('udp: it takes what comes and answers nothing.'),
  })
  .transform(withFamilies);

/** Servers outside the cluster, by name. */
export const servers = z.record(label, z.discriminatedUnion('role', [authoritative, recursor, backend]));

/** What a link is like, as far as it is said. */
export const quality = z.strictObject({
  latency: distribution
    .optional()
    .describe('One way: a span, or { median, p99 }, { mean, deviation }, { mean }, { min, max }, { sample: […] }.'),
  latencies: artefact
    .optional()
    .describe(
      'In place of latency: a CSV file of measured ones, a duration such as 0.31ms in the first column of each row.',
    ),
  jitter: duration.optional().describe('Added to each packet, uniformly from 0.'),
  loss: z.number().min(0).max(1).optional().describe('Share of packets lost, 0 to 1, in each direction; 1: cut.'),
  lossRun: z
    .number()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Losses come in runs of so many packets on average; each packet for itself unless said.'),
  packetsPerSecond: z
    .number()
    .positive()
    .optional()
    .describe(
      'What goes over this is dropped, such as 1024 to a VPC resolver from one interface; no limit unless said.',
    ),
  rate: z
    .string()
    .regex(/^\d+(\.\d+)?[kMG]bit$/)
    .optional()
    .describe('Bits per second, such as 100Mbit; no limit unless said.'),
  queue: duration.optional().describe('With rate: what would wait longer for the link is dropped; 100ms unless said.'),
});

/**
 * Links: `default` between machines, `pods` between a pod and its node, two names as `a..b`, or as `a->b` for that
 * direction alone.
 */
export const links = z.record(z.string(), quality);
