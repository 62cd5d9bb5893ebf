import type { CoreDnsDescription } from '../coredns/description.ts';
import type { CoreDnsProcess } from '../coredns/process.ts';
import type { HostDescription } from '../kernel/description.ts';
import type { Host } from '../kernel/host.ts';
import type { WorkloadDescription } from '../workload/description.ts';
import type { World, WorldEvent } from './world.ts';

/** What comes into being and happens in a run of itself, beside what its world describes. */
export class Lived {
  readonly #world: World;
  readonly #hosts: Map<string, Host>;
  readonly #processes: Map<string, CoreDnsProcess>;
  readonly #hostDescriptions: HostDescription[] = [];
  readonly #processDescriptions: CoreDnsDescription[] = [];
  readonly #workloads: WorkloadDescription[] = [];
  readonly #events: WorldEvent[] = [];

  constructor(world: World, hosts: Map<string, Host>, processes: Map<string, CoreDnsProcess>) {
    this.#world = world;
    this.#hosts = hosts;
    this.#processes = processes;
  }

  host(host: Host, description: HostDescription): void {
    this.#hosts.set(host.host, host);
    this.#hostDescriptions.push(description);
  }

  process(process: CoreDnsProcess, description: CoreDnsDescription): void {
    this.#processes.set(process.name, process);
    this.#processDescriptions.push(description);
  }

  /** One that a pod of a Deployment runs. */
  workload(description: WorkloadDescription): void {
    this.#workloads.push(description);
  }

  /** The process, or else the host, that has an address, or had it last. */
  nameAt(address: string): string {
    const has = ({ interfaces }: HostDescription) =>
      interfaces.some(({ addresses }) => addresses.some((own) => own.split('/')[0] === address));
    const host = [...this.#world.hosts, ...this.#hostDescriptions].findLast(has)?.name;
    const process = [...this.#world.coredns, ...this.#processDescriptions].findLast((one) => one.host === host);
    return process?.name ?? host ?? address;
  }

  event(event: WorldEvent): void {
    this.#events.push(event);
  }

  /** The world with all that came to it: what those read who explain the run. */
  get world(): World {
    const world = this.#world;
    const came = [this.#events, this.#hostDescriptions, this.#processDescriptions, this.#workloads];
    if (came.every(({ length }) => length === 0)) return world;
    return {
      ...world,
      hosts: [...world.hosts, ...this.#hostDescriptions],
      coredns: [...world.coredns, ...this.#processDescriptions],
      workloads: [...world.workloads, ...this.#workloads],
      events: [...world.events, ...this.#events].sort((a, b) => a.at - b.at),
    };
  }
}
