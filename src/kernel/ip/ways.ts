import { isMulticast, keyOf } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { AddressType } from '../netfilter/context.ts';
import type { Errno } from '../socket/socket.ts';
import type { LocalAddresses } from './addresses.ts';
import type { Device } from './device.ts';
import { routeErrors } from './route-failures.ts';
import { type RouteKind, Routes } from './routes.ts';

/** Where a packet goes next. */
export interface Onwards {
  readonly device: Device;
  readonly nextHop: Address;
  /** What the route says that packets of this host's own have for a source. */
  readonly source: Address | undefined;
}

/** Where a packet goes next, or why it cannot. */
export type Way = Onwards | { readonly error: Errno; readonly kind: RouteKind | 'none' };

/** What is known of a destination. */
interface Known {
  readonly way: Way;
  /** Undefined: nobody has asked yet. */
  source: Address | Errno | undefined;
}

/** How each destination is reached from one host. */
export class Ways {
  readonly routes = new Routes(() => this.forget());
  readonly #local: LocalAddresses;
  readonly #devices: ReadonlyMap<string, Device>;
  readonly #loopback: Device;
  /** What was asked since a device, an address or a route changed, by destination. */
  readonly #known = new Map<number | bigint, Known>();
  /** What was asked last: most hosts talk to one other. */
  #lastKey: number | bigint | undefined;
  #last: Known | undefined;

  constructor(local: LocalAddresses, devices: ReadonlyMap<string, Device>, loopback: Device) {
    this.#local = local;
    this.#devices = devices;
    this.#loopback = loopback;
  }

  /** A device or an address has changed. */
  forget(): void {
    this.#known.clear();
    this.#lastKey = undefined;
    this.#last = undefined;
  }

  to(destination: Address): Way {
    return this.#about(destination).way;
  }

  /** The source address that a packet to `destination` gets, or why there is no way. */
  sourceFor(destination: Address): Address | Errno {
    const known = this.#about(destination);
    known.source ??= this.#sourceFor(destination, known.way);
    return known.source;
  }

  /** The address that MASQUERADE gives to what leaves by a device: it does not look at a route's `src`. */
  masqueradeAddress(device: Device, destination: Address): Address | undefined {
    const way = this.to(destination);
    return this.#local.sourceBy(device, 'error' in way ? destination : way.nextHop);
  }

  /** Is an address reached without a gateway? */
  isDirect(address: Address): boolean {
    const way = this.to(address);
    return !('error' in way) && way.nextHop === address;
  }

  /** The device by which a packet to `destination` leaves. */
  deviceTo(destination: Address): Device | undefined {
    const way = this.to(destination);
    return 'error' in way ? undefined : way.device;
  }

  /** What `-m addrtype` calls an address; with a device, as if that had this host's only addresses. */
  addressType(address: Address, device?: Device): AddressType {
    const isOwn = this.#local.owns(address);
    if (isOwn && (device === undefined || device.addresses.some((own) => own.address === address))) return 'LOCAL';
    if (isOwn) return 'UNICAST';
    if (address === 0xffffffff) return 'BROADCAST';
    if (isMulticast(address)) return 'MULTICAST';
    const kind = this.routes.lookup(address)?.kind ?? 'unicast';
    return kind === 'unicast'
      ? 'UNICAST'
      : kind === 'blackhole'
        ? 'BLACKHOLE'
        : kind === 'unreachable'
          ? 'UNREACHABLE'
          : 'PROHIBIT';
  }

  #about(destination: Address): Known {
    const key = keyOf(destination);
    if (this.#last !== undefined && this.#lastKey === key) return this.#last;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = { way: this.#find(destination), source: undefined };
      this.#known.set(key, known);
    }
    this.#lastKey = key;
    this.#last = known;
    return known;
  }

  #sourceFor(destination: Address, way: Way): Address | Errno {
    const own = this.#local.sourceWithin(destination);
    if (own !== undefined) return own;
    if ('error' in way) return way.error;
    return way.source ?? this.#local.sourceBy(way.device, way.nextHop) ?? 'EADDRNOTAVAIL';
  }

  #find(destination: Address): Way {
    if (this.#local.owns(destination)) return { device: this.#loopback, nextHop: destination, source: undefined };
    const route = this.routes.lookup(destination);
    if (route === undefined) return { error: 'ENETUNREACH', kind: 'none' };
    if (route.kind !== 'unicast') return { error: routeErrors[route.kind], kind: route.kind };
    const device = this.#devices.get(route.device ?? '');
    if (device === undefined || !device.up) return { error: 'ENETUNREACH', kind: 'none' };
    return { device, nextHop: route.via ?? destination, source: route.source };
  }
}
