import type { ColumnStore } from '../engine/columns.ts';
import { noTrace, type TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { packetCaptured } from '../kernel/records.ts';

/** Of more strands than these together that one strand caused, or that are alike, only the first and the last are shown. */
const first = 100;
const last = 20;

/** Strands that one strand caused or that are alike, and what they caused in turn, left out of `events.jsonl`. */
export interface Gap {
  readonly cause: 'storm' | 'alike';
  /** The strand that caused them, or the first of those that are alike. */
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
  /** For each strand that is left out, the strand whose storm it belongs to, or minus the first of those alike; 0 for the others. */
  readonly #stormOf: Int32Array;

  /** `alike`: strands of which some stand for all, each list in order. */
  constructor(store: ColumnStore, alike: readonly (readonly TraceId[])[]) {
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
    for (const strands of alike) {
      for (const trace of strands.slice(first, -last)) this.#stormOf[trace] = -(strands[0] ?? noTrace);
    }
    for (let trace = 1; trace < traces; trace++) {
      if (this.#leftOut(trace)) continue;
      const parent = store.parentOf(trace);
      const [place = 0, siblings = 0] = [before[trace], children[parent]];
      const inMiddle = parent !== noTrace && place >= first && place < siblings - last;
      this.#stormOf[trace] = this.#stormOf[parent] || (inMiddle ? parent : 0);
    }
  }

  shows(kind: string, trace: TraceId): boolean {
    return kind !== packetCaptured.name && !this.#leftOut(trace);
  }

  /** What is left out, by storm, in the order in which their gaps begin. */
  gaps(): Gap[] {
    if (!this.#stormOf.some((storm) => storm !== 0)) return [];
    const gaps = new Map<number, Draft>();
    for (const { t, seq, trace: of } of this.#store.marks()) {
      if (!this.#leftOut(of)) continue;
      const storm = this.#stormOf[of] ?? 0;
      const gap = gaps.get(storm) ?? {
        cause: storm > 0 ? 'storm' : 'alike',
        trace: Math.abs(storm),
        strands: 0,
        records: 0,
        t,
        seq,
        until: t,
      };
      gaps.set(storm, gap);
      gap.records++;
      gap.until = Math.max(gap.until, t);
      if (seq < gap.seq) Object.assign(gap, { t, seq });
    }
    for (const storm of this.#stormOf) {
      const gap = gaps.get(storm);
      if (gap !== undefined) gap.strands++;
    }
    return [...gaps.values()].sort((a, b) => a.seq - b.seq);
  }

  #leftOut(trace: TraceId): boolean {
    return (this.#stormOf[trace] ?? 0) !== 0;
  }
}
