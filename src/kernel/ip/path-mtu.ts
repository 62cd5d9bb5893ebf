import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';

/** net.ipv4.route.mtu_expires. Recording k: `cache expires 598sec mtu 1400`, two seconds on. */
const lifetime = 600 * second;

/** What "fragmentation needed" errors have taught about the way to a destination. */
export class PathMtus {
  readonly #simulation: Simulation;
  readonly #learned = new Map<Address, { readonly mtu: number; readonly until: Micros }>();

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  /** Only ever less than what is known already. */
  learn(destination: Address, mtu: number): void {
    if (mtu <= this.limit(destination, mtu))
      this.#learned.set(destination, { mtu, until: this.#simulation.now + lifetime });
  }

  /** The most octets that go to a destination in one piece by a device of that MTU. */
  limit(destination: Address, deviceMtu: number): number {
    if (this.#learned.size === 0) return deviceMtu;
    const learned = this.#learned.get(destination);
    return learned === undefined || learned.until <= this.#simulation.now
      ? deviceMtu
      : Math.min(deviceMtu, learned.mtu);
  }
}
