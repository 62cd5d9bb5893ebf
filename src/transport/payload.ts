import type { Message } from '../dns/message.ts';
import type { Payload } from '../network/packet.ts';

/** A DNS message in a datagram or a TCP stream, as its sender wrote it. */
export class DnsPayload implements Payload {
  readonly message: Message;
  /** Octets on the wire as written (compressed or not), without the TCP length prefix. */
  readonly size: number;
  /** Did the sender compress names? Decides where a cut falls. */
  readonly compressed: boolean;

  constructor(message: Message, size: number, compressed: boolean) {
    this.message = message;
    this.size = size;
    this.compressed = compressed;
  }
}
