import * as z from 'zod';
import { address, duration } from './values.ts';

/** DNS over TLS of a server outside the cluster. */
export const tls = z
  .strictObject({
    port: z.int().min(1).max(65535).default(853),
    names: z.array(z.string().min(1)).default([]).describe('DNS names of its certificate; *. stands for one label.'),
    addresses: z
      .array(address)
      .default([])
      .describe('Addresses of its certificate: what `tls://ADDRESS` without `tls_servername` looks for.'),
    issuer: z
      .string()
      .min(1)
      .default('public')
      .describe(
        'Common name of the authority that issued the certificate, as in the file that `tls` names; public: one that systems trust.',
      ),
    validFrom: duration.optional().describe('Time of the run from which the certificate is valid; always unless said.'),
    validUntil: duration
      .optional()
      .describe('Time of the run at which the certificate expires, 0s: before it; never unless said.'),
    version: z.enum(['1.2', '1.3']).default('1.3').describe('The newest version that it speaks.'),
    idle: duration.optional().describe('Closes connections that bring nothing for so long; never unless said.'),
    handshake: z
      .enum(['answers', 'never', 'plain', 'closes', 'resets'])
      .default('answers')
      .describe(
        'never: the connection opens, then nothing is said; plain: no TLS is spoken; closes, resets: it ends the connection.',
      ),
  })
  .describe('Listens for DNS over TLS too. Without, port 853 refuses connections.');
