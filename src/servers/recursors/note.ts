import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { recursorCache } from '../records.ts';
import type { Asker } from './asker.ts';

/** An entry as a record shows it; see `recursor.cache`. */
export interface Noted {
  readonly rcode: string;
  /** As clients get it now. */
  readonly shown: number;
  readonly ttl: number;
  readonly recordTtl: number;
  readonly clamp: string;
  readonly storedAt: Micros;
  readonly runsOut: Micros;
  readonly filledBy: TraceId;
}

/** Notes what a recursor's cache did. */
export function noteCache(
  { simulation, name: at }: Asker,
  outcome: string,
  name: string,
  type: string,
  entry: Noted | undefined,
  trace: TraceId,
): void {
  const absent = Number.NaN;
  simulation.recorder.write(recursorCache, at, trace, outcome, {
    name,
    type,
    outcome,
    rcode: entry?.rcode ?? '',
    age: entry === undefined ? absent : Math.floor((simulation.now - entry.storedAt) / second),
    ttl: entry === undefined ? absent : Math.max(0, entry.shown),
    originalTtl: entry?.ttl ?? absent,
    recordTtl: entry?.recordTtl ?? absent,
    clamp: entry?.clamp ?? '',
    storedAt: entry?.storedAt ?? absent,
    runsOut: entry?.runsOut ?? absent,
    filledBy: entry?.filledBy ?? absent,
  });
}
