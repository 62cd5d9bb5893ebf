import { isLinkLocal, isLoopback, keyOf, networkOf, type Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Device } from './device.ts';

/** 127.0.0.1. */
const ownLoopback = 0x7f000001;

/** The addresses of one host; several devices may hold the same, as every pod's link has the node's. */
export class LocalAddresses {
  readonly #holders = new Map<number | bigint, { readonly address: Address; readonly device: Device }>();

  add(device: Device, prefix: Prefix): void {
    device.addresses = [...device.addresses, prefix];
    this.#hold(prefix.address, device);
  }

  /** What went: the address, if the device has it, and with the first one of a subnet the others (promote_secondaries 0). */
  remove(device: Device, prefix: Prefix, devices: readonly Device[]): readonly Prefix[] {
    const isSame = (p: Prefix) => p.address === prefix.address && p.length === prefix.length;
    const isNear = (p: Prefix) => typeof p.address === 'number' && isOfSubnet(p, prefix);
    const first = device.addresses.find(isNear);
    const gone = device.addresses.filter((p) => isSame(p) || (first !== undefined && isSame(first) && isNear(p)));
    device.addresses = device.addresses.filter((p) => !gone.includes(p));
    for (const { address } of gone) this.#release(address, device, devices);
    return gone;
  }

  #release(address: Address, device: Device, devices: readonly Device[]): void {
    if (this.#holders.get(keyOf(address))?.device !== device) return;
    this.#holders.delete(keyOf(address));
    for (const other of devices)
      if (other !== device && other.addresses.some((p) => p.address === address)) this.#hold(address, other);
  }

  owns(address: Address): boolean {
    return this.#holders.has(keyOf(address)) || (typeof address === 'number' && isLoopback(address));
  }

  /** The source of a packet to an address of this host: the first one of its subnet. */
  sourceWithin(destination: Address): Address | undefined {
    const holder = this.#holders.get(keyOf(destination))?.device;
    if (holder === undefined)
      return typeof destination === 'number' && isLoopback(destination) ? ownLoopback : undefined;
    const own = holder.addresses.find((p) => p.address === destination);
    if (own === undefined) return destination;
    return holder.addresses.find((p) => isOfSubnet(p, own))?.address ?? destination;
  }

  /**
   * An address of the device, best in the network of the next hop; else any address of the host but loopback. One of
   * IPv6 that is good on a link alone comes last (RFC 6724 §5, rule 2).
   */
  sourceBy(device: Device, nextHop: Address): Address | undefined {
    const family = typeof nextHop;
    const near = device.addresses.find((p) => networkOf(p.address, p.length) === networkOf(nextHop, p.length));
    const first = near ?? device.addresses.find(({ address }) => typeof address === family && !isLinkLocal(address));
    if (first !== undefined) return first.address;
    for (const { address } of this.#holders.values())
      if (typeof address === family && !isLoopback(address) && !isLinkLocal(address)) return address;
    return device.addresses.find(({ address }) => typeof address === family)?.address;
  }

  #hold(address: Address, device: Device): void {
    this.#holders.set(keyOf(address), { address, device });
  }
}

function isOfSubnet({ address, length }: Prefix, other: Prefix): boolean {
  return length === other.length && networkOf(address, length) === networkOf(other.address, length);
}
