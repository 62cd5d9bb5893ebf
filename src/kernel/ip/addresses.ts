import { isLoopback, networkOf, type Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Device } from './device.ts';

/** The addresses of one host; several devices may hold the same, as every pod's link has the node's. */
export class LocalAddresses {
  /** By address as a signed number, with which maps are faster. */
  readonly #holders = new Map<number, Device>();

  add(device: Device, prefix: Prefix): void {
    device.addresses = [...device.addresses, prefix];
    this.#holders.set(prefix.address | 0, device);
  }

  /** False when the device does not have it. */
  remove(device: Device, prefix: Prefix, devices: Iterable<Device>): boolean {
    const rest = device.addresses.filter((p) => p.address !== prefix.address || p.length !== prefix.length);
    if (rest.length === device.addresses.length) return false;
    device.addresses = rest;
    if (this.#holders.get(prefix.address | 0) !== device) return true;
    this.#holders.delete(prefix.address | 0);
    for (const other of devices)
      if (other !== device && other.addresses.some((p) => p.address === prefix.address))
        this.#holders.set(prefix.address | 0, other);
    return true;
  }

  owns(address: Address): boolean {
    return this.#holders.has(address | 0) || isLoopback(address);
  }

  /** The source of a packet to an address of this host: the first one of its subnet. */
  sourceWithin(destination: Address): Address | undefined {
    const holder = this.#holders.get(destination | 0);
    if (holder === undefined) return isLoopback(destination) ? 0x7f000001 : undefined;
    const own = holder.addresses.find((p) => p.address === destination);
    if (own === undefined) return destination;
    const network = networkOf(destination, own.length);
    const first = holder.addresses.find((p) => p.length === own.length && networkOf(p.address, p.length) === network);
    return first?.address ?? destination;
  }

  /** An address of the device, best in the network of the next hop; else any address of the host but loopback. */
  sourceBy(device: Device, nextHop: Address): Address | undefined {
    const near = device.addresses.find((p) => networkOf(p.address, p.length) === networkOf(nextHop, p.length));
    const first = near ?? device.addresses[0];
    if (first !== undefined) return first.address;
    for (const address of this.#holders.keys()) if (!isLoopback(address >>> 0)) return address >>> 0;
    return undefined;
  }
}
