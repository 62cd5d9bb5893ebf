import type * as z from 'zod';
import { parseAddress } from '../../network/address.ts';
import type { TlsSide } from '../../servers/description.ts';
import type { Greeting } from '../../transport/tls/server.ts';
import type { Scenario } from '../scenario.ts';
import type { tls } from '../schema/tls.ts';

/** A certificate with the authority's between it and the root, as public resolvers send them. */
const certificateOctets = 3000;

const greetings: Readonly<Record<z.infer<typeof tls>['handshake'], Greeting>> = {
  answers: 'tls',
  never: 'stalls',
  plain: 'plain',
  closes: 'closes',
  resets: 'resets',
};

/** What a server's `tls` key says. */
export function tlsSide(said: z.infer<typeof tls>, { definition }: Pick<Scenario, 'definition'>): TlsSide {
  const { port, names, addresses, issuer, validFrom, validUntil, version, idle, handshake } = said;
  return {
    port,
    version,
    certificateOctets,
    greeting: greetings[handshake],
    ...(idle !== undefined && { idle }),
    certificate: {
      commonName: names[0] ?? '',
      names,
      addresses: addresses.flatMap((text) => parseAddress(text) ?? []),
      issuer,
      from: validFrom ?? Number.NEGATIVE_INFINITY,
      until: validUntil ?? Number.POSITIVE_INFINITY,
      epoch: definition.start?.epoch ?? 0,
    },
  };
}
