import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { formatEndpoint } from '../../network/address.ts';
import { recursorCache, recursorGivenUp } from '../records.ts';
import type { Asker } from './asker.ts';
import type { Upstream } from './upstream.ts';

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

/** What is asked for, and on which strand. */
interface Subject {
  readonly name: string;
  readonly type: string;
  readonly trace: TraceId;
}

/** Notes what a recursor's cache did, with an entry or because of a limit where there is one. */
export function noteCache(
  { simulation, name: at }: Asker,
  outcome: string,
  { name, type, trace }: Subject,
  { entry, clamp = entry?.clamp ?? '' }: { readonly entry?: Noted | undefined; readonly clamp?: string } = {},
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
    clamp,
    storedAt: entry?.storedAt ?? absent,
    runsOut: entry?.runsOut ?? absent,
    filledBy: entry?.filledBy ?? absent,
  });
}

/** Notes that none of its servers is asked. */
export function noteGivenUp(
  { simulation, name: at }: Asker,
  upstreams: readonly Upstream[],
  { name, type, trace }: Subject,
): void {
  if (upstreams.length === 0) return;
  simulation.recorder.write(recursorGivenUp, at, trace, '', {
    name,
    type,
    upstreams: upstreams.map(({ endpoint }) => formatEndpoint(endpoint)).join(' '),
    filledBy: Math.max(...upstreams.map(({ lostBy }) => lostBy)),
  });
}
