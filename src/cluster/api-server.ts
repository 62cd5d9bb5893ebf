import type { Process } from '../engine/process.ts';
import { noTrace } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { publishedEndpoints } from './endpoint.ts';
import { Gate } from './gate.ts';
import type { ProxiedService } from './kube-proxy/proxier.ts';
import { Pods } from './pods/pods.ts';
import { apiTurn } from './records.ts';
import type { WatchRules } from './retries.ts';
import { Watch } from './watch.ts';

/** Who cannot reach the API server: nobody, as it is down; the nodes, to which the way is cut. */
export type Absence = 'down' | 'cut-off-nodes';

/** Where somebody reaches for the API server from. */
export type Side = 'nodes' | 'control-plane';

/** What the API server holds of Services and pods, who watches it, and whether it can be reached. */
export class ApiServer {
  readonly pods = new Pods();
  readonly #simulation: Simulation;
  readonly #services: Map<string, ProxiedService>;
  #list: readonly ProxiedService[];
  readonly #watches: { readonly side: Side; readonly watch: Watch }[] = [];
  readonly #turns: ((absence: Absence | undefined) => void)[] = [];
  #absence: Absence | undefined;
  readonly #reachable = new Gate(() => this.isReachable('nodes'));

  constructor(simulation: Simulation, services: Iterable<ProxiedService>) {
    this.#simulation = simulation;
    this.#services = new Map([...services].map((service) => [service.name, published(service)]));
    this.#list = [...this.#services.values()];
  }

  isReachable(side: Side): boolean {
    return this.#absence === undefined || (side === 'control-plane' && this.#absence !== 'down');
  }

  get(name: string): ProxiedService | undefined {
    return this.#services.get(name);
  }

  set(service: ProxiedService): void {
    this.#services.set(service.name, published(service));
    this.#publish();
  }

  delete(name: string): void {
    this.#services.delete(name);
    this.#publish();
  }

  /** A component that watches. `name`: whose draws its pauses are. */
  watch(name: string, rules: WatchRules, side: Side = 'nodes'): Watch {
    const watch = new Watch({
      simulation: this.#simulation,
      name,
      rules,
      isReachable: () => this.isReachable(side),
      current: () => this.#list,
      pods: this.pods,
    });
    this.#watches.push({ side, watch });
    return watch;
  }

  /** It goes away; undefined: it is back. */
  setAbsence(absence: Absence | undefined): void {
    const before = this.#watches.map(({ side }) => this.isReachable(side));
    this.#absence = absence;
    this.#simulation.recorder.write(apiTurn, 'api-server', noTrace, absence ?? 'back', {});
    for (const turn of this.#turns) turn(absence);
    const pods = this.pods.snapshot();
    for (const [i, { side, watch }] of this.#watches.entries()) {
      const now = this.isReachable(side);
      if (now && before[i] === false) watch.back();
      if (!now && before[i] === true) watch.lost(pods);
    }
    if (this.isReachable('nodes')) this.#reachable.open();
  }

  #publish(): void {
    this.#list = [...this.#services.values()];
    for (const { watch } of this.#watches) watch.published();
  }

  onTurn(turn: (absence: Absence | undefined) => void): void {
    this.#turns.push(turn);
  }

  /** Ends when it can be reached from the nodes. */
  reached(): Process {
    return this.#reachable.opened();
  }
}

function published(service: ProxiedService): ProxiedService {
  return { ...service, endpoints: publishedEndpoints(service) };
}
