import type { Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Port, Segment } from '../../network/segment.ts';
import type { Neighbour } from './neighbour.ts';

/** A network interface of a host. */
export interface Device {
  readonly name: string;
  /** Never used twice on a host. */
  readonly index: number;
  /** Absent: loopback or a dummy. */
  readonly segment: Segment | undefined;
  /** Where it is plugged in there. */
  readonly port: Port | undefined;
  /** Who has answered for which address. */
  readonly neighbours: Map<number | bigint, Neighbour>;
  /** The primary address first. */
  addresses: readonly Prefix[];
  /** Addresses for which it answers though nobody here has them (proxy_arp). */
  proxied: readonly Address[];
  up: boolean;
  /** Does a capture listen here? */
  captured: boolean;
  /** Octets of the largest IP packet that leaves in one piece. */
  mtu: number;
}

/** One that is up and has no address yet; without a segment it leads nowhere. */
export function newDevice(name: string, index: number, mtu: number, segment?: Segment, port?: Port): Device {
  return {
    name,
    index,
    segment,
    port,
    neighbours: new Map(),
    addresses: [],
    proxied: [],
    up: true,
    captured: false,
    mtu,
  };
}
