import type { ClusterView } from '../coredns/cluster-view.ts';
import { type Process, waitFor } from '../engine/process.ts';
import { clusterView } from './cluster-view.ts';
import type { ProxiedService } from './kube-proxy/proxier.ts';

/** What the API server holds of Services, and what those who watch it have seen: the same, while it can be reached. */
export class ApiServer {
  readonly #services: Map<string, ProxiedService>;
  #seen: readonly ProxiedService[];
  #reachable = true;
  #waiting: (() => void)[] = [];
  #watch: (services: readonly ProxiedService[]) => void = () => {};

  constructor(services: Iterable<ProxiedService>) {
    this.#services = new Map([...services].map((service) => [service.name, published(service)]));
    this.#seen = [...this.#services.values()];
  }

  get reachable(): boolean {
    return this.#reachable;
  }

  /** As the watches have them. */
  get services(): readonly ProxiedService[] {
    return this.#seen;
  }

  get(name: string): ProxiedService | undefined {
    return this.#services.get(name);
  }

  set(service: ProxiedService): void {
    this.#services.set(service.name, published(service));
    if (this.#reachable) this.#publish();
  }

  delete(name: string): void {
    this.#services.delete(name);
    if (this.#reachable) this.#publish();
  }

  /** Watches keep what they have while it cannot be reached; nobody new gets a list. */
  setReachable(reachable: boolean): void {
    this.#reachable = reachable;
    if (!reachable) return;
    this.#publish();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Called with the Services after each change that can be seen. */
  onChange(watch: (services: readonly ProxiedService[]) => void): void {
    this.#watch = watch;
  }

  view(): ClusterView {
    return clusterView(
      () => this.#seen,
      () => this.listed(),
    );
  }

  /** Ends when a list can be had. */
  *listed(): Process {
    while (!this.#reachable) {
      yield* waitFor<void>((wake) => {
        this.#waiting.push(wake);
        return () => {};
      });
    }
  }

  #publish(): void {
    this.#seen = [...this.#services.values()];
    this.#watch(this.#seen);
  }
}

/** The EndpointSlices' controller calls every end point of such a Service ready. */
function published(service: ProxiedService): ProxiedService {
  if (service.publishNotReadyAddresses !== true) return service;
  return { ...service, endpoints: service.endpoints.map((endpoint) => ({ ...endpoint, ready: true })) };
}
