import type { Payload } from '../network/packet.ts';

/** A datagram that holds a text, such as a line of syslog. */
export class TextPayload implements Payload {
  readonly text: string;
  readonly size: number;

  constructor(text: string) {
    this.text = text;
    this.size = new TextEncoder().encode(text).length;
  }
}
