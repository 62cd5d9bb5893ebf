import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import type { IpvsProtocol } from './connection.ts';
import type { Ipvs } from './ipvs.ts';
import { createScheduler, type SchedulerName } from './schedulers.ts';
import { type RealServer, sameEndpoint, type VirtualServer } from './virtual-server.ts';

export interface VirtualServerOptions {
  readonly scheduler: SchedulerName;
  /** Absent: clients are not kept with a server. */
  readonly persistence?: Micros;
}

/** Seconds; 0 leaves a time-out as it is. */
export interface IpvsTimeouts {
  readonly tcp: number;
  readonly tcpFin: number;
  readonly udp: number;
}

/** What ip_vs answers to ipvsadm, as ipvsadm words it. */
export type Refusal =
  | 'Service already exists'
  | 'Service not defined'
  | 'Destination already exists'
  | 'No such destination';

/** queue_delayed_work(…, 1): a jiffy at 250 Hz. */
const flushDelay = 4 * millisecond;

/** Adds, changes and deletes virtual and real servers (ip_vs_ctl.c). */
export class IpvsAdministration {
  readonly #simulation: Simulation;
  readonly #ipvs: Ipvs;
  readonly #sysctls: Sysctls;
  readonly #rules: KernelRules;
  readonly #onFirst: () => void;
  /** Deleted servers, which come back as they are while connections hold them. */
  #trash: { readonly service: VirtualServer; readonly server: RealServer }[] = [];

  /** `onFirst`: IPVS has something to do from now on. */
  constructor(
    simulation: Simulation,
    ipvs: Ipvs,
    { sysctls, rules, onFirst }: { sysctls: Sysctls; rules: KernelRules; onFirst: () => void },
  ) {
    this.#simulation = simulation;
    this.#ipvs = ipvs;
    this.#sysctls = sysctls;
    this.#rules = rules;
    this.#onFirst = onFirst;
  }

  find(protocol: IpvsProtocol, { address, port }: Endpoint): VirtualServer | undefined {
    return this.#ipvs.servers.find(protocol, address, port);
  }

  addService(protocol: IpvsProtocol, endpoint: Endpoint, options: VirtualServerOptions): Refusal | undefined {
    if (this.find(protocol, endpoint) !== undefined) return 'Service already exists';
    const { scheduler, persistence } = options;
    const schedule = createScheduler(scheduler, this.#rules);
    this.#ipvs.servers.add({ protocol, endpoint, scheduler, schedule, persistence, servers: [] });
    this.#onFirst();
    return undefined;
  }

  editService(protocol: IpvsProtocol, endpoint: Endpoint, options: VirtualServerOptions): Refusal | undefined {
    const service = this.find(protocol, endpoint);
    if (service === undefined) return 'Service not defined';
    service.persistence = options.persistence;
    if (service.scheduler === options.scheduler) return undefined;
    service.scheduler = options.scheduler;
    service.schedule = createScheduler(options.scheduler, this.#rules);
    service.schedule.changed?.(service.servers);
    return undefined;
  }

  deleteService(protocol: IpvsProtocol, endpoint: Endpoint): Refusal | undefined {
    const service = this.find(protocol, endpoint);
    if (service === undefined) return 'Service not defined';
    for (const server of service.servers) this.#drop(service, server);
    this.#ipvs.servers.remove(service);
    return undefined;
  }

  clear(): void {
    for (const { protocol, endpoint } of this.#ipvs.servers.sorted()) this.deleteService(protocol, endpoint);
  }

  addServer(service: VirtualServer, endpoint: Endpoint, weight: number): Refusal | undefined {
    if (serverAt(service, endpoint) !== undefined) return 'Destination already exists';
    const server = this.#fromTrash(service, endpoint) ?? {
      endpoint,
      weight,
      activeConnections: 0,
      inactiveConnections: 0,
      isAvailable: true,
    };
    server.weight = weight;
    server.isAvailable = true;
    service.servers = [server, ...service.servers];
    service.schedule.changed?.(service.servers);
    return undefined;
  }

  editServer(service: VirtualServer, endpoint: Endpoint, weight: number): Refusal | undefined {
    const server = serverAt(service, endpoint);
    if (server === undefined) return 'No such destination';
    server.weight = weight;
    service.schedule.changed?.(service.servers);
    return undefined;
  }

  deleteServer(service: VirtualServer, endpoint: Endpoint): Refusal | undefined {
    const server = serverAt(service, endpoint);
    if (server === undefined) return 'No such destination';
    this.#drop(service, server);
    return undefined;
  }

  /** `ipvsadm --set tcp tcpfin udp`. */
  setTimeouts({ tcp, tcpFin, udp }: IpvsTimeouts): void {
    const { timeouts } = this.#ipvs;
    if (tcp > 0) timeouts.ESTABLISHED = tcp * second;
    if (tcpFin > 0) timeouts.FIN_WAIT = tcpFin * second;
    if (udp > 0) timeouts.UDP = udp * second;
  }

  #drop(service: VirtualServer, server: RealServer): void {
    const before = service.servers[service.servers.indexOf(server) - 1];
    server.isAvailable = false;
    service.servers = service.servers.filter((other) => other !== server);
    service.schedule.changed?.(service.servers, { server, before });
    this.#trash = [...this.#trash.filter(({ server: old }) => isHeld(old)), { service, server }];
    if (this.#rules.ipvsOrphans === 'at-once' && this.#sysctls.get('net.ipv4.vs.expire_nodest_conn') !== 0)
      this.#simulation.after(flushDelay, () => this.#ipvs.flushUnavailable());
  }

  #fromTrash({ protocol, endpoint: virtual }: VirtualServer, endpoint: Endpoint): RealServer | undefined {
    const kept = this.#trash.find(
      ({ service, server }) =>
        service.protocol === protocol &&
        sameEndpoint(service.endpoint, virtual) &&
        sameEndpoint(server.endpoint, endpoint) &&
        isHeld(server),
    );
    this.#trash = this.#trash.filter((other) => other !== kept);
    return kept?.server;
  }
}

function serverAt({ servers }: VirtualServer, endpoint: Endpoint): RealServer | undefined {
  return servers.find((server) => sameEndpoint(server.endpoint, endpoint));
}

function isHeld({ activeConnections, inactiveConnections }: RealServer): boolean {
  return activeConnections + inactiveConnections > 0;
}
