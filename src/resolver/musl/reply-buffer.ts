import { bytesOf } from '../../dns/bytes.ts';
import { isCompressed } from '../../dns/size.ts';
import { formatAddress } from '../../network/address.ts';
import { addressesOf } from '../addresses.ts';
import type { Arrived } from '../client.ts';
import type { MuslRelease } from '../releases.ts';

const headerLength = 12;
/** Type, class, TTL and length of a record's data. */
const fixedLength = 10;
/** Octets of an address by the record's type: A, AAAA. */
const addressLength: Readonly<Record<number, number>> = { 1: 4, 28: 16 };

/**
 * The addresses that musl reads out of its buffers for the replies to a lookup's queries (`__dns_parse` of
 * src/network/dns_parse.c): what did not fit is not there, and until 1.2.3 the last address may reach into what lies behind.
 */
export function addressesRead(replies: readonly Arrived[], release: MuslRelease): string[][] {
  return replies.map(({ message, size }, i) => {
    if (message.question.length + message.answer.length > release.mostEntries) return [];
    if (size <= release.replyBuffer) return addressesOf([message]);
    return addressesIn(octetsOf(replies[i]), octetsOf(replies[i + 1]), message.question.length, release);
  });
}

function octetsOf(reply: Arrived | undefined): Uint8Array {
  if (reply === undefined) return new Uint8Array();
  return bytesOf(reply.message, { compress: isCompressed(reply.message, reply.size) });
}

/** Goes through the records as long as they begin in the buffer; `behind`: the buffer that lies next in memory. */
function addressesIn(
  reply: Uint8Array,
  behind: Uint8Array,
  questions: number,
  { replyBuffer: end, readsPastEnd }: MuslRelease,
): string[] {
  const at = (offset: number): number => (offset < end ? reply[offset] : behind[offset - end]) ?? 0;
  /** Behind a name, which is passed over as octets; undefined: it ends too late. */
  const behindName = (start: number, room: number): number | undefined => {
    let offset = start;
    while (offset < end && at(offset) > 0 && at(offset) < 128) offset++;
    return offset > end - room ? undefined : offset + (at(offset) === 0 ? 1 : 2);
  };
  const found: string[] = [];
  let offset = headerLength;
  for (let i = 0; i < questions; i++) {
    const fields = behindName(offset, 6);
    if (fields === undefined) return found;
    offset = fields + 4;
  }
  for (;;) {
    const fields = behindName(offset, readsPastEnd ? 6 : 12);
    if (fields === undefined) return found;
    const length = at(fields + 8) * 256 + at(fields + 9);
    const data = fields + fixedLength;
    if ((readsPastEnd ? fields : data) + length > end) return found;
    const expected = addressLength[at(fields + 1)];
    if (expected !== undefined && expected !== length) return found;
    if (expected !== undefined) found.push(addressText(Array.from({ length }, (_, i) => at(data + i))));
    offset = data + length;
  }
}

function addressText(octets: readonly number[]): string {
  if (octets.length === 4) return octets.join('.');
  return formatAddress(octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n));
}
