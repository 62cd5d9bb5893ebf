import type { ColumnStore } from '../engine/columns.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { packetCaptured } from '../kernel/records.ts';

/** Of more strands than these together that one strand caused, only the first and the last are shown. */
const first = 100;
const last = 20;

/** Strands that one strand caused, and what they caused in turn, left out of `events.jsonl`. */
export interface Gap {
  /** The strand that caused them. */
  readonly trace: TraceId;
  readonly strands: number;
  readonly records: number;
  /** Of the first record left out. */
  readonly t: Micros;
  readonly seq: number;
  /** Of the last record left out. */
  readonly until: Micros;
}

type Draft = { -readonly [K in keyof Gap]: Gap[K] };

/** Finds the strands that did the same thing over and over, so that a file need not say it thousands of times. */
export class Storms {
  readonly #store: ColumnStore;
  /** For each strand that is left out, the strand whose storm it belongs to; 0 for the others. */
  readonly #stormOf: Int32Array;

  constructor(store: ColumnStore) {
    this.#store = store;
    const { traces } = store;
    const children = new Int32Array(traces);
    const before = new Int32Array(traces);
    for (let trace = 1; trace < traces; trace++) {
      const parent = store.parentOf(trace);
      before[trace] = children[parent] ?? 0;
      children[parent] = (children[parent] ?? 0) + 1;
    }
    this.#stormOf = new Int32Array(traces);
    for (let trace = 1; trace < traces; trace++) {
      const parent = store.parentOf(trace);
      const outer = this.#stormOf[parent] ?? 0;
      const [place = 0, siblings = 0] = [before[trace], children[parent]];
      const inMiddle = parent !== noTrace && place >= first && place < siblings - last;
      this.#stormOf[trace] = outer > 0 ? outer : inMiddle ? parent : 0;
    }
  }

  shows(kind: string, trace: TraceId): boolean {
    return kind !== packetCaptured.name && !this.#leftOut(trace);
  }

  /** What is left out, by storm, in the order in which their gaps begin. */
  gaps(): Gap[] {
    if (!this.#stormOf.some((storm) => storm > 0)) return [];
    const gaps = new Map<TraceId, Draft>();
    for (const { t, seq, trace: of } of this.#store.marks()) {
      if (!this.#leftOut(of)) continue;
      const trace = this.#stormOf[of] ?? 0;
      const gap = gaps.get(trace) ?? { trace, strands: 0, records: 0, t, seq, until: t };
      gaps.set(trace, gap);
      gap.records++;
      gap.until = Math.max(gap.until, t);
      if (seq < gap.seq) Object.assign(gap, { t, seq });
    }
    for (const trace of this.#stormOf) {
      const gap = gaps.get(trace);
      if (gap !== undefined) gap.strands++;
    }
    return [...gaps.values()].sort((a, b) => a.seq - b.seq);
  }

  #leftOut(trace: TraceId): boolean {
    return (this.#stormOf[trace] ?? 0) > 0;
  }
}
