import { addressBits, networkOf, type Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Device } from './device.ts';

export type RouteKind = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';

/** A route as `ip route` lists it. */
export interface Route {
  readonly to: Prefix;
  readonly kind: RouteKind;
  readonly via: Address | undefined;
  readonly device: string | undefined;
  /** `src`: what packets of this host's own have for a source. */
  readonly source?: Address | undefined;
  /** Default 0. */
  readonly metric?: number | undefined;
}

/** The main routing table: the longest prefix wins; among equals the least metric, then the first added. */
export class Routes {
  /** By the bits of addresses (which tell the family), by prefix length, then by network. */
  readonly #byLength: Readonly<Record<32 | 128, (Map<Address, Route[]> | undefined)[]>> = { 32: [], 128: [] };
  readonly #onChange: () => void;

  /** `onChange`: what was looked up before may be looked up differently now. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  add(route: Route): void {
    this.#onChange();
    const network = networkOf(route.to.address, route.to.length);
    const byLength = this.#byLength[addressBits(network)];
    let networks = byLength[route.to.length];
    if (networks === undefined) {
      networks = new Map();
      byLength[route.to.length] = networks;
    }
    const routes = [...(networks.get(network) ?? []), route];
    networks.set(
      network,
      routes.sort((a, b) => metricOf(a) - metricOf(b)),
    );
  }

  /** Removes the first route to `to` that `which` accepts; false when there is none. */
  remove(to: Prefix, which: (route: Route) => boolean = () => true): boolean {
    this.#onChange();
    const networks = this.#byLength[addressBits(to.address)][to.length];
    const network = networkOf(to.address, to.length);
    const routes = networks?.get(network) ?? [];
    const gone = routes.find(which);
    if (gone === undefined) return false;
    networks?.set(
      network,
      routes.filter((r) => r !== gone),
    );
    return true;
  }

  /** A device went away: so do its routes. */
  removeDevice(device: string): void {
    this.#keep((r) => r.device !== device);
  }

  /**
   * A device has lost an address: the route to its subnet goes, and those that have it for a source; with the last
   * address of IPv4 all of IPv4 (fib_disable_ip).
   */
  removeAddress({ name, addresses }: Pick<Device, 'name' | 'addresses'>, prefix: Prefix): void {
    this.remove(prefix, (r) => r.device === name && r.via === undefined && r.source === undefined);
    const isIpv4 = ({ address }: Prefix) => typeof address === 'number';
    const isLast = isIpv4(prefix) && !addresses.some(isIpv4);
    this.#keep((r) => r.source !== prefix.address && !(isLast && r.device === name && isIpv4(r.to)));
  }

  #keep(which: (route: Route) => boolean): void {
    this.#onChange();
    for (const networks of [...this.#byLength[32], ...this.#byLength[128]])
      for (const [network, routes] of networks ?? []) networks?.set(network, routes.filter(which));
  }

  lookup(address: Address): Route | undefined {
    const byLength = this.#byLength[addressBits(address)];
    for (let length = byLength.length - 1; length >= 0; length--) {
      const route = byLength[length]?.get(networkOf(address, length))?.[0];
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** Those of IPv4 first, then most exact first. */
  list(): Route[] {
    const all = [...this.#byLength[32].toReversed(), ...this.#byLength[128].toReversed()];
    return all.flatMap((networks) => [...(networks?.values() ?? [])].flat());
  }
}

export const metricOf = ({ metric = 0 }: Route): number => metric;
