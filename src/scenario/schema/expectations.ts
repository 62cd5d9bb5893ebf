import { z } from 'zod';
import { address, count, duration, label, span } from './values.ts';

/** What must come out: each key present is one thing to hold. */
export const expectation = z.strictObject({
  workload: label,
  from: duration.optional().describe('Only lookups that start at or after this time.'),
  until: duration.optional().describe('Only lookups that start before this time.'),
  lookups: count.optional(),
  answers: z.array(address).optional().describe('Every lookup returns exactly these addresses, in any order.'),
  failures: count.optional().describe('How many lookups fail.'),
  stale: span.optional().describe('From the change of the records to the last answer that still was the old one.'),
  healed: span.optional().describe('Time of the first lookup after which no answer is old.'),
  staleBecause: z
    .strictObject({ cache: z.union([z.string(), z.array(z.string())]) })
    .optional()
    .describe('The caches that held the old addresses: names of CoreDNS pods or servers, `coredns` for all of them, or `jvm`.'),
  latency: z
    .strictObject({ p50: duration.optional(), p99: duration.optional(), max: duration.optional() })
    .optional()
    .describe('Upper bounds.'),
  knownLimit: z.string().optional().describe('Why this is known not to hold yet: shown, and not counted as failed.'),
});
