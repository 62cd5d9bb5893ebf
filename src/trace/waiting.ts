import { podLife } from '../cluster/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { lookupEnded, lookupStarted } from '../workload/records.ts';

/** A lookup that had not returned when the run ended. */
export interface WaitingLookup {
  readonly workload: string;
  readonly trace: TraceId;
  readonly start: Micros;
}

/** Lookups that were under way for a second or longer when the run ended, in order of their start; not those of pods that had ended. */
export function waitingLookups(store: ColumnStore, until: Micros): WaitingLookup[] {
  if (store.count(lookupStarted) === store.count(lookupEnded)) return [];
  const ended = new Set([...store.rows(lookupEnded)].map(({ trace }) => trace));
  const gone = [...store.rows(podLife)].filter(({ cause }) => endOfProcess.includes(cause));
  return [...store.rows(lookupStarted)]
    .filter(({ trace, t }) => !ended.has(trace) && t <= until - second)
    .filter(({ at, t }) => !gone.some((step) => step.at === at && step.t >= t))
    .map(({ workload, trace, t }) => ({ workload, trace, start: t }));
}

const endOfProcess: readonly string[] = ['container-ended', 'container-killed', 'network-removed', 'removed'];
