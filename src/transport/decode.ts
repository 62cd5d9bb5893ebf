import { changed } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import type { Compression } from '../dns/packer.ts';
import type { ResourceRecord } from '../dns/record.ts';
import { layoutOf, sizeOf } from '../dns/size.ts';
import type { Payload } from '../network/packet.ts';
import { DnsPayload, FramedDns, Garbage } from './payload.ts';

/** Writes a message for the wire. */
export function encode(message: Message, options: Compression): DnsPayload {
  return new DnsPayload(message, sizeOf(message, options), options.compress);
}

/** Writes a message for a TCP stream. */
export function frame(message: Message, options: { readonly compress: boolean }): FramedDns {
  return new FramedDns(encode(message, options));
}

/** A datagram that could not be unpacked, with Go's text for it (miekg/dns). `head`: what stands before the records, where that was whole. */
export interface UnpackError {
  readonly unpackError: string;
  readonly head: Message | undefined;
}

/** What came out of octets: a message, an error, or nothing that is DNS. */
export type Decoded = { readonly message: Message; readonly size: number } | UnpackError | undefined;

/** Unpacks what a receiver with a buffer of `bufferSize` octets got: the kernel cuts off the rest. */
export function decode(payload: Payload, bufferSize = Number.POSITIVE_INFINITY): Decoded {
  if (payload instanceof FramedDns) return { message: payload.dns.message, size: payload.dns.size };
  if (payload instanceof Garbage) {
    return { unpackError: payload.size < 12 ? 'dns: short read' : 'dns: overflow unpacking uint16', head: undefined };
  }
  if (!(payload instanceof DnsPayload)) return undefined;
  if (payload.size <= bufferSize) return { message: payload.message, size: payload.size };
  return decodeCut(payload, bufferSize);
}

/**
 * A message cut at `length` octets. A cut on a record's border passes unnoticed: the records behind it are just missing;
 * elsewhere the error depends on which field was cut (miekg/dns v1.1.25 … v1.1.68, recordings `size-cut-*`).
 */
function decodeCut(payload: DnsPayload, length: number): Decoded {
  const { message } = payload;
  const head = changed(message, { answer: [], authority: [], additional: [], edns: undefined });
  const { records } = layoutOf(message, { compress: payload.compressed });
  const cut = records.find((r) => r.end > length);
  if (cut === undefined) return { message, size: length };
  const available = length - cut.start;
  if (available < 0) return { unpackError: 'dns: buffer size too small', head };
  if (available > 0) return { unpackError: cutText(available - cut.ownerLength), head };
  const whole = records.filter((r) => r.end <= length);
  const kept = (section: 'answer' | 'authority' | 'additional'): ResourceRecord[] =>
    message[section].slice(0, whole.filter((r) => r.section === section).length);
  const sections = { answer: kept('answer'), authority: kept('authority'), additional: kept('additional') };
  return { message: changed(head, sections), size: length };
}

/** Go's text when `behindOwner` octets of a record are there behind its owner name. */
function cutText(behindOwner: number): string {
  if (behindOwner < 0) return 'dns: buffer size too small';
  if (behindOwner < 4) return 'dns: overflow unpacking uint16';
  if (behindOwner < 8) return 'dns: overflow unpacking uint32';
  if (behindOwner < 10) return 'dns: overflow unpacking uint16';
  return 'dns: overflowing header size';
}
