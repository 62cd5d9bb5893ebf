import type { Message } from '../../../dns/message.ts';
import { layoutOf, type RecordLayout } from '../../../dns/size.ts';
import type { DnsPayload } from '../../../transport/payload.ts';

/** What is left of a datagram in a buffer: the message, as far as whole records came, and the error of reading on. */
export interface Unpacked {
  readonly message: Message;
  /** The text that miekg/dns gives; absent where the cut falls between two records, which nobody notices. */
  readonly error?: string;
}

/** Reads a datagram of which the kernel kept only the first `room` octets. */
export function unpack(payload: DnsPayload, room: number): Unpacked {
  const { message } = payload;
  if (payload.size <= room) return { message };
  const { records } = layoutOf(message, payload.compressed);
  const cut = records.findIndex((record) => record.end > room);
  const broken = records[cut];
  if (broken === undefined) return { message };
  const whole = records.slice(0, cut);
  const count = (section: RecordLayout['section']) => whole.filter((record) => record.section === section).length;
  const kept: Message = {
    ...message,
    answer: message.answer.slice(0, count('answer')),
    authority: message.authority.slice(0, count('authority')),
    additional: message.additional.slice(0, count('additional')),
    edns: count('opt') > 0 ? message.edns : undefined,
  };
  const error = unpackError(room - broken.start, broken.ownerLength);
  return error === undefined ? { message: kept } : { message: kept, error };
}

/** The error for a record of which `present` octets came: owner, type and class, TTL, length, data in this order. */
function unpackError(present: number, ownerLength: number): string | undefined {
  if (present <= 0) return undefined;
  if (present < ownerLength) return 'dns: buffer size too small';
  const fixed = present - ownerLength;
  if (fixed < 4) return 'dns: overflow unpacking uint16';
  if (fixed < 8) return 'dns: overflow unpacking uint32';
  if (fixed < 10) return 'dns: overflow unpacking uint16';
  return 'dns: overflowing header size';
}
