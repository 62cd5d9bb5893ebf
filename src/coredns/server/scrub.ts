import { changed } from '../../dns/build.ts';
import type { Edns, Message } from '../../dns/message.ts';
import { layoutOf, optLength, sizeOf, udpRoom } from '../../dns/size.ts';
import type { Changeable } from '../../engine/changeable.ts';
import { familyOf } from '../../network/address.ts';
import { DnsPayload } from '../../transport/payload.ts';
import { type History, inRelease, since } from '../history.ts';
import type { Request } from '../plugin.ts';
import type { Release } from '../releases.ts';

type Original = Pick<Request['original'], 'edns' | 'repeated'>;

const largestTcp = 65_535;
/** A larger datagram is compressed so as not to be fragmented (request.Scrub). */
const fragmentationLimits = { ipv4: 1480, ipv6: 1220 } as const;
/** Options of the request that are repeated in a reply without OPT of its own: NSID, EXPIRE, COOKIE, keepalive, padding. */
const repeatedOptions: History<readonly number[]> = [
  ['1.6.7', [3, 9, 10, 11, 12]],
  ['1.15.0', []],
];

/** miekg/dns 1.1.33: a TC bit that is already there survives a Truncate in which everything fits. */
const keepsTruncated = since('1.8.0');

/** How large a reply the client takes (`edns.Size`). */
export function replySize(protocol: 'udp' | 'tcp', edns: Edns | undefined): number {
  return protocol === 'tcp' ? largestTcp : udpRoom(edns);
}

/** What the ScrubWriter makes of a reply: the OPT that the client's asks for, the size that it takes, TC when records fell off. */
export function written(reply: Message, request: Request, release: Release): DnsPayload {
  const sized = sizeAndDo(reply, request.original, release);
  const limit = replySize(request.protocol, request.original.edns);
  const plain = sizeOf(sized, { compress: false });
  if (plain <= limit) {
    const compressed = request.protocol === 'udp' && plain > fragmentationLimits[familyOf(request.client.address)];
    return new DnsPayload(sized, compressed ? sizeOf(sized, { compress: true }) : plain, compressed);
  }
  const cut = truncate(sized, limit, inRelease(keepsTruncated, release.name));
  return new DnsPayload(cut, sizeOf(cut, { compress: true }), true);
}

/** A reply with the OPT that the query's asks for (`request.SizeAndDo`). */
export function sizeAndDo(reply: Message, { edns: asked, repeated }: Original, release: Release): Message {
  if (asked === undefined) return reply;
  const options = reply.edns?.options ?? repeatedOf(asked, repeated, release);
  return changed(reply, { edns: { udpSize: asked.udpSize, do: asked.do, version: 0, options } });
}

/** The request's EDNS once a reply without OPT of its own went out with it: left are the options that are repeated. */
export function ednsAsLeft(edns: Edns, { original }: Request, release: Release): Edns {
  const left: Changeable<Edns> = { ...edns };
  left.options = repeatedOf(edns, original.repeated, release);
  return left;
}

function repeatedOf({ options }: Edns, repeated: readonly number[] = [], release: Release): Edns['options'] {
  if (options.length === 0) return options;
  const repeats = [...inRelease(repeatedOptions, release.name), ...repeated];
  return options.filter(({ code }) => repeats.includes(code));
}

/** Keeps records, compressed, as long as they fit; one that fills the budget exactly is the last (miekg/dns Truncate). */
function truncate(message: Message, limit: number, keepsTc: boolean): Message {
  const { flags, answer, authority, additional } = message;
  const budget = limit - (message.edns === undefined ? 0 : optLength(message.edns));
  const layout = layoutOf(message, { compress: true });
  const kept = { answer: 0, authority: 0, additional: 0, opt: 0 };
  for (const { section, start, end } of layout.records) {
    if (start >= budget || end > budget) break;
    kept[section]++;
  }
  const isCut = kept.answer + kept.authority + kept.additional < answer.length + authority.length + additional.length;
  return changed(message, {
    flags: { ...flags, tc: isCut || (keepsTc && flags.tc) },
    answer: answer.slice(0, kept.answer),
    authority: authority.slice(0, kept.authority),
    additional: additional.slice(0, kept.additional),
  });
}
