import { networkOf, type Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';

export type RouteKind = 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';

export interface Route {
  readonly to: Prefix;
  readonly kind: RouteKind;
  readonly via: Address | undefined;
  readonly device: string | undefined;
}

/** The main routing table: the longest prefix wins; among equals the first added. */
export class Routes {
  /** By prefix length, then by network. */
  readonly #byLength: (Map<Address, Route[]> | undefined)[] = [];
  readonly #onChange: () => void;

  /** `onChange`: what was looked up before may be looked up differently now. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  add(route: Route): void {
    this.#onChange();
    const network = networkOf(route.to.address, route.to.length);
    let networks = this.#byLength[route.to.length];
    if (networks === undefined) {
      networks = new Map();
      this.#byLength[route.to.length] = networks;
    }
    networks.set(network, [...(networks.get(network) ?? []), route]);
  }

  /** Removes the first route to `to` that `which` accepts; false when there is none. */
  remove(to: Prefix, which: (route: Route) => boolean = () => true): boolean {
    this.#onChange();
    const networks = this.#byLength[to.length];
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
    this.#onChange();
    for (const networks of this.#byLength)
      for (const [network, routes] of networks ?? [])
        networks?.set(
          network,
          routes.filter((r) => r.device !== device),
        );
  }

  lookup(address: Address): Route | undefined {
    for (let length = 32; length >= 0; length--) {
      const route = this.#byLength[length]?.get(networkOf(address, length))?.[0];
      if (route !== undefined) return route;
    }
    return undefined;
  }

  /** Most exact first. */
  list(): Route[] {
    return this.#byLength.toReversed().flatMap((networks) => [...(networks?.values() ?? [])].flat());
  }
}
