import type { Prefix } from '../../network/address.ts';
import type { Address, Fragment, Packet } from '../../network/packet.ts';
import type { Port, Segment, Station } from '../../network/segment.ts';
import type { Neighbour } from './neighbour.ts';

/** The host of a network interface. */
export interface DeviceOwner {
  readonly name: string;
  owns(address: Address): boolean;
  receive(device: Device, packet: Packet, fragment?: Fragment): void;
}

interface DeviceSettings {
  readonly name: string;
  readonly index: number;
  readonly mtu: number;
  readonly segment?: Segment | undefined;
}

/** A network interface of a host: one that is up and has no address yet. */
export class Device implements Station {
  readonly name: string;
  /** Never used twice on a host. */
  readonly index: number;
  /** Absent: it leads nowhere, as loopback or a dummy. */
  readonly segment: Segment | undefined;
  /** Where it is plugged in there. */
  readonly port: Port | undefined;
  /** Who has answered for which address. */
  readonly neighbours = new Map<number | bigint, Neighbour>();
  /** The primary address first. */
  addresses: readonly Prefix[] = [];
  /** Addresses for which it answers though nobody here has them (proxy_arp). */
  proxied: readonly Address[] = [];
  up = true;
  /** Does a capture listen here? */
  captured = false;
  /** Octets of the largest IP packet that leaves in one piece. */
  mtu: number;
  readonly #owner: DeviceOwner;

  constructor(owner: DeviceOwner, { name, index, mtu, segment }: DeviceSettings) {
    this.#owner = owner;
    this.name = name;
    this.index = index;
    this.mtu = mtu;
    this.segment = segment;
    this.port = segment?.attach(this);
  }

  get host(): string {
    return this.#owner.name;
  }

  isUp(): boolean {
    return this.up;
  }

  answersFor(address: Address): boolean {
    return this.up && (this.#owner.owns(address) || this.proxied.includes(address));
  }

  arrive(packet: Packet, fragment?: Fragment): void {
    this.#owner.receive(this, packet, fragment);
  }
}
