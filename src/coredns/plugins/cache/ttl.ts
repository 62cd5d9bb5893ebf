import type { Message } from '../../../dns/message.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import type { ReplyKind } from './classify.ts';
import type { Bound, CacheOptions } from './options.ts';
import type { CacheBehaviour } from './releases.ts';

/** How long an entry lives, and which setting decided. */
export interface Lifetime {
  readonly seconds: number;
  /** The lowest TTL among the records; absent where it does not count. */
  readonly recordTtl: number | undefined;
  /** `record ttl`, `success max 30`, `minimum 5`… */
  readonly clamp: string;
  /** `Corefile:4` of that setting; empty for a default or the records' own TTL. */
  readonly place: string;
}

/** TTL of what has no usable one of its own (dnsutil.MinimalDefaultTTL). */
const failSafeSeconds = 5;

/** The time that a reply of this kind is kept, which is also the TTL of each of its records. */
export function lifetime(reply: Message, kind: ReplyKind, options: CacheOptions, behaviour: CacheBehaviour): Lifetime {
  if (kind === 'server-error') return from(options.servfail, 'servfail', undefined);
  const store = kind === 'name-error' || kind === 'no-data' ? 'denial' : 'success';
  const { min, max } = options[store];
  const recordTtl = ownTtl(reply, kind);
  const ttl = recordTtl ?? failSafeSeconds;
  const ceiling = behaviour.ttlCeilingSeconds ?? max.seconds;
  const capped = Math.min(ttl, ceiling);
  const raised = Math.max(capped, min.seconds);
  if (raised > max.seconds) return from(max, `${store} max`, recordTtl);
  if (raised > capped) return from(min, 'minimum', recordTtl);
  if (capped < ttl && ceiling < max.seconds)
    return { seconds: capped, recordTtl, clamp: `ceiling ${ceiling}`, place: '' };
  if (capped < ttl) return from(max, `${store} max`, recordTtl);
  return { seconds: ttl, recordTtl, clamp: recordTtl === undefined ? 'no ttl, 5 s' : 'record ttl', place: '' };
}

function from(bound: Bound, name: string, recordTtl: number | undefined): Lifetime {
  const { seconds, place } = bound;
  return { seconds, recordTtl, clamp: `${name} ${seconds}`, place };
}

/** The lowest TTL of all sections; undefined where the reply has no records or is of a kind whose TTLs do not count. */
function ownTtl(reply: Message, kind: ReplyKind): number | undefined {
  if (kind === 'delegation' || kind === 'other') return undefined;
  let lowest: number | undefined;
  const look = (records: readonly ResourceRecord[]) => {
    for (const { ttl } of records) lowest = lowest === undefined ? ttl : Math.min(lowest, ttl);
  };
  look(reply.answer);
  look(reply.authority);
  look(reply.additional);
  return lowest;
}
