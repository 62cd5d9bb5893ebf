import { type Process, sleep, waitUntil } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, minute } from '../../engine/time.ts';

/** How often a kube-proxy may sync. */
export interface Pace {
  readonly minSyncPeriod: Micros;
  /** Two syncs may follow each other at once, and the period counts from start to start; otherwise from the end of one. */
  readonly burst: boolean;
  /** A sync that failed is tried again after this. */
  readonly syncPeriod: Micros;
}

const burstSyncs = 2;
/** Without any request a sync comes after this all the same (proxyutil.FullSyncPeriod). */
const longestPause = 60 * minute;

/**
 * Decides when kube-proxy syncs (BoundedFrequencyRunner): at once if it may, and what is asked for meanwhile is done in
 * one. Until 1.33 a bucket of two tokens, which fill at the rate of the period; since 1.34 a pause after each sync.
 */
export class SyncRunner {
  readonly #simulation: Simulation;
  readonly #pace: Pace;
  readonly #sync: () => Process<boolean>;
  #isRequested = false;
  #wake: () => void = () => {};
  /** Tokens, each worth `minSyncPeriod`, as they were at `#countedAt`. */
  #tokens: Micros;
  #countedAt: Micros;

  /** `sync` returns whether it succeeded. */
  constructor(simulation: Simulation, pace: Pace, sync: () => Process<boolean>) {
    this.#simulation = simulation;
    this.#pace = pace;
    this.#sync = sync;
    this.#tokens = burstSyncs * pace.minSyncPeriod;
    this.#countedAt = simulation.now;
  }

  request(): void {
    this.#isRequested = true;
    this.#wake();
  }

  /** `succeeded`: the sync that came before. */
  *run(succeeded: boolean): Process<never> {
    const { minSyncPeriod, burst } = this.#pace;
    let due = this.#dueAfter(succeeded);
    let last = Number.NEGATIVE_INFINITY;
    for (;;) {
      yield* this.#requestedOr(due);
      if (burst && !this.#takeToken()) {
        due = Math.min(due, last + minSyncPeriod);
        continue;
      }
      due = this.#dueAfter(yield* this.#sync());
      last = this.#simulation.now;
      if (!burst) yield* sleep(minSyncPeriod);
    }
  }

  #dueAfter(succeeded: boolean): Micros {
    return this.#simulation.now + (succeeded ? longestPause : this.#pace.syncPeriod);
  }

  *#requestedOr(due: Micros): Process {
    if (!this.#isRequested) {
      yield* waitUntil<void>(this.#simulation, due, (wake) => {
        this.#wake = () => wake();
        return () => {};
      });
    }
    this.#isRequested = false;
  }

  #takeToken(): boolean {
    const { minSyncPeriod } = this.#pace;
    const { now } = this.#simulation;
    this.#tokens = Math.min(burstSyncs * minSyncPeriod, this.#tokens + now - this.#countedAt);
    this.#countedAt = now;
    if (this.#tokens < minSyncPeriod) return false;
    this.#tokens -= minSyncPeriod;
    return true;
  }
}
