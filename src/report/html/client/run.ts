import { unpack, unpackSteps } from '../packing.ts';
import type { EvidenceData, OutcomeData, RunData, StoryData } from '../page-data.ts';

/** A workload's lookups, a column each; texts by number. */
export interface Lane {
  readonly name: string;
  readonly number: readonly number[];
  readonly start: readonly number[];
  readonly latency: readonly number[];
  readonly outcome: readonly number[];
  readonly cause: readonly number[];
  readonly lookedUp: readonly number[];
  readonly story: readonly number[];
}

/** A lookup by its workload's and its own number. */
export interface LookupId {
  readonly lane: number;
  readonly index: number;
}

/** One lookup, read out of its columns. */
export interface LookupRow extends LookupId {
  /** `app/17`, as `timeline.csv` and `dnspath explain` call it. */
  readonly id: string;
  readonly workload: string;
  readonly name: string;
  readonly start: number;
  readonly latency: number;
  readonly verdict: OutcomeData['verdict'];
  readonly got: string;
  readonly cause: string;
}

/** A run, unpacked. */
export class Run {
  readonly data: RunData;
  readonly lanes: readonly Lane[];

  constructor(data: RunData) {
    this.data = data;
    this.lanes = data.workloads.map(({ name, lookups }) => ({
      name,
      number: unpackSteps(lookups.number),
      start: unpackSteps(lookups.start),
      latency: unpack(lookups.latency),
      outcome: unpack(lookups.outcome),
      cause: unpack(lookups.cause),
      lookedUp: unpack(lookups.name),
      story: unpack(lookups.story),
    }));
  }

  text(number: number): string {
    return this.data.texts[number] ?? '';
  }

  outcome(number: number): OutcomeData {
    return this.data.outcomes[number] ?? { verdict: 'right', text: '' };
  }

  lookup({ lane, index }: LookupId): LookupRow {
    const own = this.lanes[lane];
    const outcome = this.outcome(own?.outcome[index] ?? 0);
    return {
      lane,
      index,
      id: `${own?.name ?? ''}/${own?.number[index] ?? 0}`,
      workload: own?.name ?? '',
      name: this.text(own?.lookedUp[index] ?? -1),
      start: own?.start[index] ?? 0,
      latency: own?.latency[index] ?? 0,
      verdict: outcome.verdict,
      got: outcome.text,
      cause: this.text(own?.cause[index] ?? -1),
    };
  }

  /** The story of a lookup, or of one like it. */
  story({ lane, index }: LookupId): StoryData | undefined {
    return this.data.stories[this.lanes[lane]?.story[index] ?? -1];
  }

  evidence([kind, text, line, file]: EvidenceData) {
    return { kind, text: this.text(text), line: line ?? 0, file: file === undefined ? '' : this.text(file) };
  }

  /** Its number where the lookups of all workloads are counted through. */
  ordinal({ lane, index }: LookupId): number {
    return this.lanes.slice(0, lane).reduce((sum, { start }) => sum + start.length, index);
  }

  get count(): number {
    return this.lanes.reduce((sum, { start }) => sum + start.length, 0);
  }
}

/** Where the first number that is not below `value` stands in a sorted column. */
export function placeOf(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
