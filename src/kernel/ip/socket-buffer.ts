import type { Address, Packet } from '../../network/packet.ts';
import type { Connection } from '../conntrack/connection.ts';
import type { Device } from './device.ts';

/** What connection tracking made of a packet; `none`: it has not seen it. */
export type CtState = 'none' | 'untracked' | 'invalid' | 'new' | 'established' | 'related';

/** A packet on its way through one host, with what the kernel remembers about it (sk_buff). */
export class SocketBuffer {
  packet: Packet;
  input: Device | undefined;
  output: Device | undefined;
  /** Who it is handed to on the output device. */
  nextHop: Address = 0;
  mark = 0;
  ctState: CtState = 'none';
  /** The flow it belongs to, when it has one. */
  connection: Connection | undefined;
  /** Does it travel in the flow's reply direction? */
  reply = false;

  /** IPVS has rewritten it (ipvs_property). */
  byIpvs = false;

  /** Octets of the largest fragment that it came in or must be cut into; absent: it is whole and must stay so (DF). */
  largestFragment: number | undefined;

  constructor(packet: Packet, input: Device | undefined) {
    this.packet = packet;
    this.input = input;
  }
}
