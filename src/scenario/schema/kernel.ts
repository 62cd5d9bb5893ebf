import * as z from 'zod';
import { sysctlNames } from '../../kernel/sysctls.ts';

/** Linux releases: series, or a release of one. */
export const kernel = z
  .string()
  .regex(/^\d+\.\d+(\.\d+)?$/)
  .default('5.15')
  .describe('Linux release, such as "5.15"; "5.10.80" has also what its stable series got by then.');

/** Where a vendor's kernel differs from the release it is called after. */
export const kernelRules = z
  .strictObject({
    udpStreamRule: z
      .enum(['answered', 'two-seconds-assured-early', 'two-seconds'])
      .optional()
      .describe('How a UDP entry comes by the stream time-out: before 5.0, before 5.16, since.'),
    clashRule: z
      .enum(['drop', 'adopt', 'adopt-without-nat', 'adopt-same', 'adopt-or-reply-only'])
      .optional()
      .describe(
        'What becomes of the packet that loses the race to insert its flow: before 4.7, 4.8, 4.19, 5.6, since.',
      ),
    overlooksSameOrigin: z
      .boolean()
      .optional()
      .describe('Does NAT leave the port of a flow that is there already? Since 5.0.'),
    earlyDrop: z
      .enum(['eight-tuples', 'own-bucket', 'eight-buckets'])
      .optional()
      .describe('Where a full table looks for what it can give up: before 4.7, before 4.20, since.'),
    collector: z
      .enum(['timers', 'round-320s', 'round-16s', 'every-120s', 'adaptive'])
      .optional()
      .describe('When expired entries go that nobody meets: before 4.9, 4.10, 5.14, 5.18, since.'),
    portSearch: z.enum(['rover', 'random']).optional().describe('How NAT looks for a free port: before 5.0, since.'),
  })
  .describe("Where a vendor's kernel differs from the release it is called after, as those with later fixes do.");

/** Knobs of a node from the start. */
export const sysctls = z
  .strictObject(Object.fromEntries(sysctlNames.map((name) => [name, z.int().optional()])))
  .transform((knobs): Readonly<Record<string, number>> => {
    const set = Object.entries(knobs).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
    return Object.fromEntries(set);
  })
  .describe('Knobs of the node, such as net.netfilter.nf_conntrack_max: 131072, from the start on.');
