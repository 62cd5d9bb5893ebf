import type { Simulation } from '../../../engine/simulation.ts';
import { type Micros, minute, second } from '../../../engine/time.ts';
import type { IpvsAdministration } from '../../../kernel/ipvs/administration.ts';
import { type RealServer, sameEndpoint, type VirtualServer } from '../../../kernel/ipvs/virtual-server.ts';
import type { Endpoint } from '../../../network/packet.ts';

/** rsCheckDeleteInterval. */
const interval = 1 * minute;

interface Leaving {
  readonly service: VirtualServer;
  readonly server: RealServer;
}

/** Real servers whose end points are gone: they get weight 0, and are deleted once nobody uses them (graceful_termination.go). */
export class GracefulTermination {
  readonly #simulation: Simulation;
  readonly #administration: IpvsAdministration;
  readonly #deletesUdpAtOnce: boolean;
  #leaving: readonly Leaving[] = [];
  /** The look to come; absent: the process does not run. */
  #timer: { cancel(): void } | undefined;

  constructor(simulation: Simulation, administration: IpvsAdministration, deletesUdpAtOnce: boolean) {
    this.#simulation = simulation;
    this.#administration = administration;
    this.#deletesUdpAtOnce = deletesUdpAtOnce;
  }

  /** It looks at its list each minute, for the first time after `phase`. */
  start(phase: Micros): void {
    this.stop();
    this.#timer = this.#simulation.after(phase, () => this.#look());
  }

  /** The list is lost with the process. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#leaving = [];
  }

  isLeaving(service: VirtualServer, endpoint: Endpoint): boolean {
    return this.#leaving.some((entry) => entry.service === service && sameEndpoint(entry.server.endpoint, endpoint));
  }

  /** Its end point is gone. */
  remove(service: VirtualServer, server: RealServer): void {
    if (this.#delete({ service, server })) return;
    this.#administration.editServer(service, server.endpoint, 0);
    this.#leaving = [...this.#leaving, { service, server }];
  }

  /** Its end point is back: it is deleted, to be added anew. */
  takeBack(service: VirtualServer, endpoint: Endpoint): void {
    this.#administration.deleteServer(service, endpoint);
    this.#leaving = this.#leaving.filter(
      (entry) => entry.service !== service || !sameEndpoint(entry.server.endpoint, endpoint),
    );
  }

  #delete({ service, server }: Leaving): boolean {
    const atOnce = service.protocol === 'udp' && this.#deletesUdpAtOnce;
    if (!atOnce && server.activeConnections + server.inactiveConnections > 0) return false;
    this.#administration.deleteServer(service, server.endpoint);
    return true;
  }

  #look(): void {
    this.#leaving = this.#leaving.filter((entry) => !this.#delete(entry));
    this.#timer = this.#simulation.after(interval, () => this.#look());
  }
}

/** A phase within the minute between two looks at the list. */
export const longestPhase = 60 * second;
