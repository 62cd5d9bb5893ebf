import type { Message } from '../dns/message.ts';
import { formatEndpoint } from '../network/address.ts';
import type { Incoming, ServerSite } from '../transport/serve.ts';
import { serverQuery } from './records.ts';

/** Notes a query that reached a server, and what the server made of it. */
export function recordQuery(
  { simulation, owner: server }: Pick<ServerSite, 'simulation' | 'owner'>,
  query: Incoming,
  outcome: { readonly did: string; readonly connection?: number; readonly size: number | undefined },
): void {
  const { message, protocol, tls, client, trace } = query;
  const [question] = message.question;
  simulation.recorder.write(serverQuery, server, trace, outcome.did, {
    server,
    protocol: tls === true ? 'tls' : protocol,
    name: question?.name ?? '',
    type: question?.type ?? '',
    edns: message.edns?.udpSize ?? Number.NaN,
    do: message.edns?.do ?? false,
    rd: message.flags.rd,
    ad: message.flags.ad,
    cd: message.flags.cd,
    did: outcome.did,
    from: formatEndpoint(client),
    connection: outcome.connection ?? Number.NaN,
    size: outcome.size ?? Number.NaN,
  });
}

/** The word by which scripted servers say what they did, for a reply of any server. */
export function wordFor({ rcode, flags, answer }: Message): string {
  if (flags.tc) return 'tc';
  if (rcode !== 'NOERROR') return rcode.toLowerCase();
  return answer.length > 0 ? 'answer' : 'nodata';
}
