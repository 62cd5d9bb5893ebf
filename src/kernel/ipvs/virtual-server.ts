import type { Micros } from '../../engine/time.ts';
import type { Address, Endpoint } from '../../network/packet.ts';
import type { IpvsProtocol } from './connection.ts';
import type { Scheduler, SchedulerName } from './schedulers.ts';

/** A destination of a virtual server (struct ip_vs_dest). */
export interface RealServer {
  readonly endpoint: Endpoint;
  /** 0: no new connections. */
  weight: number;
  activeConnections: number;
  inactiveConnections: number;
  /** Deleted servers live on in their connections, and come back with them when they are added again. */
  isAvailable: boolean;
}

/** A service of IPVS (struct ip_vs_service). */
export interface VirtualServer {
  readonly protocol: IpvsProtocol;
  readonly endpoint: Endpoint;
  scheduler: SchedulerName;
  /** Chooses among `servers`; remembers where it is. */
  schedule: Scheduler;
  /** How long a client stays with its server after its last connection; absent: it does not. */
  persistence: Micros | undefined;
  /** The newest first, as the kernel's list has them. */
  servers: readonly RealServer[];
}

export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}

/** The virtual servers of a host, by protocol and end point. */
export class VirtualServers {
  readonly #byAddress = new Map<Address, VirtualServer[]>();

  get size(): number {
    let size = 0;
    for (const servers of this.#byAddress.values()) size += servers.length;
    return size;
  }

  find(protocol: IpvsProtocol, address: Address, port: number): VirtualServer | undefined {
    return this.#byAddress.get(address)?.find((s) => s.protocol === protocol && s.endpoint.port === port);
  }

  add(server: VirtualServer): void {
    const { address } = server.endpoint;
    this.#byAddress.set(address, [...(this.#byAddress.get(address) ?? []), server]);
  }

  remove(server: VirtualServer): void {
    const { address } = server.endpoint;
    const rest = (this.#byAddress.get(address) ?? []).filter((other) => other !== server);
    if (rest.length > 0) this.#byAddress.set(address, rest);
    else this.#byAddress.delete(address);
  }

  clear(): void {
    this.#byAddress.clear();
  }

  /** In the order of ipvsadm: TCP first, then by address and port (ipvs_cmp_services). */
  sorted(): VirtualServer[] {
    return [...this.#byAddress.values()]
      .flat()
      .sort((a, b) =>
        a.protocol === b.protocol ? compareEndpoints(a.endpoint, b.endpoint) : a.protocol === 'tcp' ? -1 : 1,
      );
  }
}

/** IPv4 before IPv6, then by address, then by port. */
export function compareEndpoints(a: Endpoint, b: Endpoint): number {
  if (typeof a.address !== typeof b.address) return typeof a.address === 'number' ? -1 : 1;
  if (a.address !== b.address) return a.address < b.address ? -1 : 1;
  return a.port - b.port;
}
