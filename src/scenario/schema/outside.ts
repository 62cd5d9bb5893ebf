import * as z from 'zod';
import { authoritySoftware } from '../../servers/authoritative/programs.ts';
import { address, artefact, duration, label } from './values.ts';

const faults = z
  .strictObject({
    limits: z
      .enum(['edns', 'none'])
      .default('edns')
      .describe('none: sends UDP replies of any size, whatever the query allows.'),
    compress: z.boolean().default(true).describe('false: writes every name in full.'),
    tcp: z.enum(['open', 'closed']).default('open').describe('closed: refuses connections.'),
  })
  .optional()
  .describe('What it does otherwise than the protocol asks.');

const authoritative = z.strictObject({
  role: z.literal('authoritative'),
  address,
  software: z.enum(authoritySoftware).optional().describe('Whose habits it has: order, extra records, truncation.'),
  zones: z.record(z.string(), artefact).describe('Zone files by origin.'),
  outdated: z
    .boolean()
    .default(false)
    .describe('true: it was given up, and what only it answers counts as an old answer.'),
  faults,
});

const recursor = z.strictObject({
  role: z.literal('recursor'),
  address,
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
    .describe("Words of the program's own configuration."),
  faults,
});

/** DNS servers outside the cluster, by name. */
export const servers = z.record(label, z.discriminatedUnion('role', [authoritative, recursor]));

const quality = z.strictObject({
  latency: duration.optional().describe('One way.'),
  jitter: duration.optional().describe('Added to each packet, uniformly from 0.'),
  loss: z.number().min(0).max(1).optional().describe('Share of packets, 0 to 1, in each direction.'),
});

/** Links: `default` between machines, `pods` between a pod and its node, or two names as `a..b`. */
export const links = z.record(z.string(), quality);
