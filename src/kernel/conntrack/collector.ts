import type { RandomStream } from '../../engine/random.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { type Micros, second } from '../../engine/time.ts';
import { timerExpiry } from '../jiffies.ts';
import type { CollectorRule } from '../releases.ts';
import type { ConntrackTable } from './table.ts';

/** The worker that walks round visits the table in so many parts (GC_MAX_BUCKETS_DIV). */
const parts = 128;
/** Seconds between looks at the whole table, and what is assumed of a hundred tuples that are not there (GC_SCAN_…). */
const interval = { least: 1, most: 60, ofOneEntry: 300, assumedTuples: 100, fixed: 120 } as const;

/** What the collector of expired entries works on (`gc_worker` of nf_conntrack_core.c). */
export interface CollectorSettings {
  readonly simulation: Simulation;
  readonly table: ConntrackTable;
  readonly draws: RandomStream;
  readonly rule: CollectorRule;
  /** The worker serves all namespaces of its machine: with much to do elsewhere it looks this often. */
  readonly interval: Micros | undefined;
  readonly endExpired: (slot: number) => boolean;
  /** Ends an entry that is alive, where a table that was full is to get room. */
  readonly makeRoom: (slot: number) => void;
}

/**
 * Ends expired entries that nobody meets (gc_worker): late, so their DESTROY events and the count lag behind.
 * One event at a time is waited for, whatever the number of entries. Gaps of 61.44 and 53.25 s were measured on 6.18
 * with 47 and 26 entries of 1 to 140 s, as this rule has it.
 */
export class Collector {
  readonly #settings: CollectorSettings;
  readonly #phase: Micros;
  #next = Number.POSITIVE_INFINITY;
  /** When the whole table was looked at last. */
  #last: Micros;
  #roomWanted = false;

  constructor(settings: CollectorSettings) {
    this.#settings = settings;
    this.#phase = settings.draws.integer(this.#cycle());
    this.#last = this.#phase - this.#cycle();
  }

  /** An entry will expire, if nothing renews it. */
  expect(slot: number): void {
    if (this.#byEntry()) this.#schedule(this.#visit(slot));
    else if (this.#next === Number.POSITIVE_INFINITY) this.#schedule(this.#afterPause());
  }

  /** Has each entry a time of its own, or does a look take in the whole table? */
  #byEntry(): boolean {
    const { rule, interval: given } = this.#settings;
    return given === undefined && rule !== 'adaptive' && rule !== 'every-120s';
  }

  /** A new flow was turned away: the next look makes room. */
  wantRoom(): void {
    this.#roomWanted = true;
  }

  /** When the worker comes by an entry that will have expired. */
  #visit(slot: number): Micros {
    const { table, rule } = this.#settings;
    const expires = table.expires(slot);
    if (rule === 'timers') return Math.ceil(expires / second) * second;
    const cycle = this.#cycle();
    const offset = this.#phase + Math.round((table.part(slot, parts) / parts) * cycle);
    return offset + Math.ceil((expires - offset) / cycle) * cycle;
  }

  /** From one look, or one round, to the next, when there is nothing in the table. */
  #cycle(): Micros {
    const { rule, interval: given } = this.#settings;
    if (given !== undefined) return given;
    switch (rule) {
      case 'timers':
        return second;
      case 'round-320s':
        return 320 * second;
      case 'round-16s':
        return 16 * second;
      case 'every-120s':
        return timerExpiry(0, interval.fixed * second);
      case 'adaptive':
        return timerExpiry(0, interval.most * second);
    }
  }

  #afterPause(): Micros {
    const { now } = this.#settings.simulation;
    const cycle = this.#cycle();
    return this.#last + Math.max(1, Math.ceil((now - this.#last) / cycle)) * cycle;
  }

  #schedule(at: Micros): void {
    if (at >= this.#next) return;
    this.#next = at;
    this.#settings.simulation.at(at, () => this.#look(at));
  }

  #look(at: Micros): void {
    if (at !== this.#next) return;
    this.#next = Number.POSITIVE_INFINITY;
    this.#last = at;
    const { table, makeRoom } = this.#settings;
    const byEntry = this.#byEntry();
    let next = Number.POSITIVE_INFINITY;
    let tuples = interval.assumedTuples;
    let left = tuples * interval.most * second;
    for (const slot of table.slots()) {
      const visit = byEntry ? this.#visit(slot) : at;
      if (visit <= at && this.#settings.endExpired(slot)) continue;
      next = Math.min(next, visit);
      const rest = table.expires(slot) - at;
      tuples += 2;
      left += 2 * Math.min(Math.max(rest, interval.least * second), interval.ofOneEntry * second);
      if (this.#roomWanted) makeRoom(slot);
    }
    this.#roomWanted = false;
    if (table.size > 0) this.#schedule(this.#nextLook(at, next, left / tuples));
  }

  /** `entry`: when the first entry is due by itself; `mean`: what tuples have left. */
  #nextLook(at: Micros, entry: Micros, mean: Micros): Micros {
    const { rule, interval: given } = this.#settings;
    if (given !== undefined) return at + given;
    if (rule === 'every-120s') return timerExpiry(at, interval.fixed * second);
    if (rule !== 'adaptive') return entry;
    const wait = Math.min(Math.max(Math.round(mean), interval.least * second), interval.most * second);
    return timerExpiry(at, wait);
  }
}
