import type { Packet } from '../../network/packet.ts';
import type { Device } from './device.ts';

/** A packet on its way through one host, with what the kernel remembers about it (sk_buff). */
export class Buffer {
  packet: Packet;
  input: Device | undefined;
  output: Device | undefined;
  mark = 0;

  constructor(packet: Packet, input: Device | undefined) {
    this.packet = packet;
    this.input = input;
  }
}
