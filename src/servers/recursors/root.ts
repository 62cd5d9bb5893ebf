import { changed } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import { encode } from '../../transport/decode.ts';
import { DnsPayload } from '../../transport/payload.ts';
import type { RecursorProfile } from './profile.ts';

/** Seconds; of the root zone's NS records in BIND's hints. */
const ttl = 518_400;

/** The names of the root's servers. */
export function rootServers(ttl: number): ResourceRecord[] {
  return [...'abcdefghijklm'].map((letter) => {
    return { name: '.', class: 'IN', ttl, data: { type: 'NS', target: `${letter}.root-servers.net.` } };
  });
}

/** The servers of the root, which BIND names to a client that does not want recursion (recording `recursor-edns-upstream`). */
export function rootReferral(reply: Message, { pointsIntoTargets }: RecursorProfile): DnsPayload {
  const authority = [...'ABCDEFGHIJKLM'].map((letter): ResourceRecord => {
    return { name: '.', class: 'IN', ttl, data: { type: 'NS', target: `${letter}.ROOT-SERVERS.NET.` } };
  });
  const message: Message = changed(reply, { flags: { ...reply.flags, ra: true }, authority });
  const { size } = encode(message, { compress: true, pointsIntoTargets });
  // As recorded: 247 octets, one more for each record that points to the name of the first.
  return new DnsPayload(message, size + authority.length - 1, true);
}
