import type { Message } from '../dns/message.ts';
import type { Payload } from '../network/packet.ts';
import { tcpdumpText } from './tcpdump.ts';

/** A DNS message as its sender wrote it: what a datagram holds. */
export class DnsPayload implements Payload {
  readonly message: Message;
  /** Octets as written, compressed or not. */
  readonly size: number;
  /** Did the sender compress names? Decides where a cut falls. */
  readonly compressed: boolean;

  constructor(message: Message, size: number, compressed: boolean) {
    this.message = message;
    this.size = size;
    this.compressed = compressed;
  }

  describe(): string {
    return tcpdumpText(this.message, this.size);
  }
}

/** A DNS message in a TCP stream, behind its length in two octets (RFC 1035 §4.2.2). */
export class FramedDns implements Payload {
  readonly dns: DnsPayload;
  readonly size: number;

  constructor(dns: DnsPayload) {
    this.dns = dns;
    this.size = dns.size + 2;
  }
}

/** Octets that are no DNS message. */
export class Garbage implements Payload {
  readonly size: number;

  constructor(size: number) {
    this.size = size;
  }
}
