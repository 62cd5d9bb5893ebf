import * as z from 'zod';
import { address, count, duration, label, span } from './values.ts';

/** What must come out: each key present is one thing to hold. */
export const expectation = z.strictObject({
  workload: label,
  from: duration.optional().describe('Only lookups that start at or after this time.'),
  until: duration.optional().describe('Only lookups that start before this time.'),
  lookups: count.optional(),
  answers: z.array(address).optional().describe('Every lookup returns exactly these addresses, in any order.'),
  failures: count.optional().describe('How many lookups fail.'),
  stale: span
    .optional()
    .describe(
      'In sum: from the change of the records, or the first old answer after a right one, to the next right answer.',
    ),
  healed: span.optional().describe('When the first right answer after the last old one came.'),
  staleBecause: z
    .strictObject({ cache: z.union([z.string(), z.array(z.string())]) })
    .optional()
    .describe(
      'Each stale answer was held by this cache (or one of these) after the change: a CoreDNS pod, a server or a pod with a JVM, or all of a kind: coredns, recursor, jvm.',
    ),
  failing: z
    .strictObject({ from: duration.optional(), until: duration.optional() })
    .optional()
    .describe('Every lookup that starts in this time fails, and no other.'),
  entry: z
    .strictObject({
      at: duration,
      replySource: address.optional().describe('src= of its reply: who is to answer.'),
      replyDestination: address.optional().describe('dst= of its reply: the client, or the node that masquerades it.'),
      flags: z
        .array(z.enum(['UNREPLIED', 'ASSURED']))
        .optional()
        .describe('As conntrack -L prints them, all of them.'),
      timeout: span.optional().describe('Left of its time.'),
      refreshed: count.optional().describe('By how many packets of the client its timer was set again, so far.'),
    })
    .optional()
    .describe("The conntrack entry of the workload's fixed port on its node at an instant."),
  results: z.string().optional().describe('What every lookup ends with: OK, or its error, such as EAI_AGAIN.'),
  takes: span.optional().describe('How long every lookup takes.'),
  slower: z.strictObject({ than: duration, count }).optional().describe('How many lookups take longer.'),
  because: z
    .string()
    .optional()
    .describe('Every lookup fails for this cause, as the verdict names it; beside failures: every one that fails.'),
  queries: z
    .strictObject({
      count: count.optional().describe('For each lookup, to all servers.'),
      denied: count.optional().describe('How many of them were answered NXDOMAIN.'),
      names: count.optional().describe('How many names of the search list, and the name itself, were tried.'),
      servers: z.array(address).optional().describe('Whom they went to, each once, in the order of the first query.'),
    })
    .optional()
    .describe('What the resolver sends for each lookup; a query sent again counts again.'),
  upstreamQueries: z
    .strictObject({
      count: count.optional().describe('For each lookup, before it ends.'),
      order: z.array(address).optional().describe('Whom the first of them go to.'),
      replySize: count.optional().describe('Octets of the replies.'),
      protocol: z.enum(['udp', 'tcp']).optional().describe('What the last goes over.'),
      errors: z.string().optional().describe("CoreDNS's text where they fail, or a part of it."),
    })
    .optional()
    .describe('What CoreDNS asks its upstreams for each lookup; probes do not count.'),
  probes: z
    .strictObject({
      count: count.optional().describe('For each lookup, sent before it ends.'),
      failed: count.optional().describe('How many of those were not answered.'),
    })
    .optional()
    .describe('Probes of upstreams that their failures during the lookup began.'),
  log: z
    .strictObject({ holds: z.string().min(1), count: count.optional().describe('At least one unless said.') })
    .optional()
    .describe("Lines of the CoreDNS processes' logs that hold this text, within the times of this entry."),
  counters: z
    .strictObject({
      invalid: count.optional(),
      insert_failed: count.optional(),
      drop: count.optional(),
      early_drop: count.optional(),
      clash_resolve: count.optional(),
    })
    .optional()
    .describe("What conntrack -S shows in the end on the node of the workload's pod."),
  latency: z
    .strictObject({ p50: duration.optional(), p99: duration.optional(), max: duration.optional() })
    .optional()
    .describe('Upper bounds.'),
  knownLimit: z.string().optional().describe('Why this is known not to hold yet: shown, and not counted as failed.'),
});
