import { changed } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import { sameName } from '../dns/name.ts';
import type { Compression, Reach } from '../dns/packer.ts';
import { type ResourceRecord, typeOf } from '../dns/record.ts';
import { layoutOf, udpRoom } from '../dns/size.ts';
import { encode } from '../transport/decode.ts';
import type { DnsPayload } from '../transport/payload.ts';
import type { Incoming } from '../transport/serve.ts';
import type { ServerFaults } from './description.ts';

/** How a server writes its replies. */
export interface Writing {
  /** Largest UDP reply, whatever the client takes. */
  readonly largest: number;
  /** Of a reply too large: does it keep the records that fit, beside TC, or the sets that fit whole? */
  readonly keepsWhatFits: boolean | 'sets';
  /** Does a reply that was cut carry OPT? */
  readonly keepsOpt?: boolean;
  /** May later names point into the target of an SRV record? */
  readonly pointsIntoTargets?: boolean;
  /** To what names may point; where that is anything, without regard to letters. */
  readonly pointsTo?: Reach;
}

/** A reply as it goes on the wire: whole, or over UDP with TC where it does not fit. */
export function fitted(
  reply: Message,
  { message, protocol }: Incoming,
  { limits, compress }: ServerFaults,
  { largest, keepsWhatFits, keepsOpt = true, pointsIntoTargets = true, pointsTo = 'all' }: Writing,
): DnsPayload {
  const compression = { compress, pointsIntoTargets, pointsTo };
  const whole = encode(reply, compression);
  const room = Math.min(udpRoom(message.edns), largest);
  if (protocol === 'tcp' || limits === 'none' || whole.size <= room) return whole;
  const flags = { ...reply.flags, tc: true };
  const edns = keepsOpt ? reply.edns : undefined;
  const cut = changed(reply, { flags, authority: [], additional: [], edns });
  const count = keepsWhatFits === false ? 0 : recordsWithin(cut, compression, room);
  const fits = keepsWhatFits === 'sets' ? wholeSets(reply.answer, count) : count;
  return encode(changed(cut, { answer: reply.answer.slice(0, fits) }), compression);
}

/** Of the first `count` records, those that end with a set. */
function wholeSets(answer: readonly ResourceRecord[], count: number): number {
  let end = count;
  const isSame = (a: ResourceRecord | undefined, b: ResourceRecord | undefined) =>
    a !== undefined && b !== undefined && sameName(a.name, b.name) && typeOf(a) === typeOf(b);
  while (end > 0 && isSame(answer[end - 1], answer[end])) end--;
  return end;
}

/** How many records of the answer fit, together with OPT. */
function recordsWithin(reply: Message, compression: Compression, size: number): number {
  const { records } = layoutOf(reply, compression);
  const opt = records.find(({ section }) => section === 'opt');
  const room = size - (opt === undefined ? 0 : opt.end - opt.start);
  return records.filter(({ section, end }) => section === 'answer' && end <= room).length;
}
