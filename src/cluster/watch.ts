import type { Process } from '../engine/process.ts';
import type { Simulation, Timer } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import { Gate } from './gate.ts';
import type { ProxiedService } from './kube-proxy/proxier.ts';
import type { PodIndex } from './pods/pods.ts';
import { retries, type WatchRules } from './retries.ts';

interface Settings {
  readonly simulation: Simulation;
  /** Whose it is: its draws are its own. */
  readonly name: string;
  readonly rules: WatchRules;
  /** Can the API server be reached from where it is? */
  readonly isReachable: () => boolean;
  /** What the API server holds. */
  readonly current: () => readonly ProxiedService[];
  readonly pods: PodIndex;
}

/**
 * What one component knows of the API: the same as the API server while its watch stands. A watch that is lost is tried
 * again after pauses; it stands again some time after the API server is back, and nothing was missed then.
 */
export class Watch {
  readonly #settings: Settings;
  #stands: boolean;
  #services: readonly ProxiedService[];
  /** As they were when the watch was lost. */
  #podsBefore: PodIndex | undefined;
  #tries: Generator<Micros, never> | undefined;
  #timer: Timer | undefined;
  readonly #standing = new Gate(() => this.#stands);
  #changed: (services: readonly ProxiedService[]) => void = () => {};

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#stands = settings.isReachable();
    this.#services = settings.current();
  }

  get stands(): boolean {
    return this.#stands;
  }

  /** As it knows them. */
  get services(): readonly ProxiedService[] {
    return this.#services;
  }

  /** As it knows them. */
  get pods(): PodIndex {
    return this.#podsBefore ?? this.#settings.pods;
  }

  /** Called with the Services after each change that it hears of. */
  onChange(changed: (services: readonly ProxiedService[]) => void): void {
    this.#changed = changed;
  }

  /** Does it now, or when the watch stands again, in order. */
  whenStanding(act: () => void): void {
    this.#standing.whenOpen(act);
  }

  /** The process that watches is another from now on: it has to list first. Ends when it has its lists. */
  *listed(): Process {
    const { isReachable, simulation, rules } = this.#settings;
    if (isReachable()) this.#stand();
    else {
      this.#stands = false;
      this.#tryFrom(simulation.now, rules.list);
    }
    yield* this.#standing.opened();
  }

  /** The API server holds something else now. */
  published(): void {
    if (this.#stands) this.#hear();
  }

  /** The API server cannot be reached any more. `pods`: as they are now. */
  lost(pods: PodIndex): void {
    const { simulation, rules } = this.#settings;
    this.#timer?.cancel();
    if (!this.#stands) return;
    this.#stands = false;
    this.#podsBefore = pods;
    this.#tryFrom(simulation.now, rules.watch);
  }

  /** It can be reached again: the next try succeeds. */
  back(): void {
    const { simulation } = this.#settings;
    if (this.#stands || this.#tries === undefined) return;
    let next = this.#tries.next().value;
    while (next < simulation.now) next = this.#tries.next().value;
    this.#timer = simulation.at(next, () => this.#stand());
  }

  #tryFrom(failedAt: Micros, rule: WatchRules['list']): void {
    const { simulation, name } = this.#settings;
    this.#timer?.cancel();
    this.#tries = retries(rule, failedAt, simulation.stream(`watch/${name}`));
  }

  #stand(): void {
    this.#timer?.cancel();
    if (!this.#stands) {
      this.#stands = true;
      this.#podsBefore = undefined;
      if (this.#services !== this.#settings.current()) this.#hear();
    }
    this.#standing.open();
  }

  #hear(): void {
    this.#services = this.#settings.current();
    this.#changed(this.#services);
  }
}
