import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { isWithin, lower, sameName } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf, withTtl } from '../../../dns/record.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import type { Resolution } from '../engine.ts';
import type { Noted } from '../note.ts';
import type { ResolvedSettings } from './settings.ts';

/** Types that a CNAME does not stand in for (`dns_type_may_redirect`). */
const selfContained: readonly string[] = ['CNAME', 'DNAME', 'NSEC', 'NSEC3', 'ANY'];

/** A reply, kept whole for the shortest TTL in it where it answers the question; of other records in it each set for itself. */
interface Entry extends Resolution {
  readonly ttl: number;
  readonly recordTtl: number;
  readonly clamp: string;
  readonly storedAt: Micros;
  readonly filledBy: TraceId;
  /** Is it a set that came beside the answer? */
  readonly isBeside: boolean;
  /** The reply itself, of one with CD. */
  readonly packet: Message | undefined;
}

/** What the cache has for a question. */
export interface Found {
  readonly told: Resolution;
  readonly noted: Noted;
  readonly packet: Message | undefined;
}

/** systemd-resolved's cache (its resolved-dns-cache.c): lives are no whole seconds of the wall clock. */
export class ResolvedCache {
  readonly #settings: ResolvedSettings;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: ResolvedSettings) {
    this.#settings = settings;
  }

  /** `isPrimary`: what came beside the answer to another question does not do. */
  find(name: string, type: string, now: Micros, isPrimary: boolean): Found | undefined {
    if (type === 'ANY') return undefined;
    for (const kind of selfContained.includes(type) ? [type, 'NXDOMAIN'] : [type, 'NXDOMAIN', 'CNAME']) {
      const entry = this.#entries.get(`${lower(name)} ${kind}`);
      if (entry !== undefined && now < entry.storedAt + entry.ttl * second) {
        if (isPrimary && entry.isBeside) return undefined;
        return { told: aged(entry, now), noted: noted(entry, now), packet: entry.packet && agedReply(entry, now) };
      }
    }
    return undefined;
  }

  /** Keeps what a reply says; returns an entry to be noted. */
  store(reply: Message, name: string, type: string, now: Micros, filledBy: TraceId): Noted | undefined {
    const { cache, failureTtl } = this.#settings;
    if (cache === 'no') return undefined;
    const { rcode, answer, authority, additional } = reply;
    const packet = reply.flags.cd ? reply : undefined;
    const whole = { rcode, answer, authority, additional, storedAt: now, filledBy, isBeside: false, packet };
    const asked = `${lower(name)} ${type}`;
    this.#entries.delete(asked);
    for (const record of answer) this.#entries.delete(keyOf(record));
    if (rcode === 'SERVFAIL' && cache !== 'no-negative') {
      const life = { ttl: failureTtl, recordTtl: Number.NaN, clamp: `failure ${failureTtl}` };
      return this.#put(asked, { ...whole, ...life });
    }
    if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return undefined;
    const shortest = Math.min(...[...answer, ...authority, ...additional].map(({ ttl }) => ttl));
    const alias = selfContained.includes(type) ? '' : `${lower(name)} CNAME`;
    for (const key of new Set(answer.map(keyOf))) {
      const own = answer.filter((record) => keyOf(record) === key);
      const isAny = type === 'ANY' && own.some((record) => sameName(record.name, name));
      if (key === asked || key === alias || isAny) {
        this.#put(key, { ...whole, rcode: 'NOERROR', ...this.#bounded(shortest, 'record ttl') });
      } else {
        const life = this.#bounded(Math.min(...own.map(({ ttl }) => ttl)), 'record ttl');
        const alone = { answer: own, authority: [], additional: [], isBeside: true, packet: undefined };
        this.#put(key, { ...whole, rcode: 'NOERROR', ...alone, ...life });
      }
    }
    const stored = this.#noted(asked, now) ?? this.#noted(alias, now);
    if (stored !== undefined || answer.some((record) => keyOf(record) === asked || keyOf(record) === alias))
      return stored;
    const soa = authority.find(({ name: zone, data }) => data.type === 'SOA' && isWithin(name, zone));
    if (soa?.data.type !== 'SOA' || cache === 'no-negative' || type === 'ANY') return undefined;
    const life = this.#bounded(Math.min(shortest, soa.data.minimum), 'soa minimum');
    return this.#put(rcode === 'NXDOMAIN' ? `${lower(name)} NXDOMAIN` : asked, { ...whole, ...life });
  }

  clear(): void {
    this.#entries.clear();
  }

  #bounded(recordTtl: number, why: string): Pick<Entry, 'ttl' | 'recordTtl' | 'clamp'> {
    const { maximumTtl } = this.#settings;
    if (recordTtl <= maximumTtl) return { ttl: recordTtl, recordTtl, clamp: why };
    return { ttl: maximumTtl, recordTtl, clamp: `at most ${maximumTtl}` };
  }

  #put(key: string, entry: Entry): Noted | undefined {
    if (entry.ttl === 0) return undefined;
    this.#entries.set(key, entry);
    return this.#noted(key, entry.storedAt);
  }

  #noted(key: string, now: Micros): Noted | undefined {
    const entry = this.#entries.get(key);
    return entry && noted(entry, now);
  }
}

function keyOf(record: ResourceRecord): string {
  return `${lower(record.name)} ${typeOf(record)}`;
}

/** Whole seconds left, at least 1. */
function shown({ storedAt, ttl }: Entry, now: Micros): number {
  return Math.max(1, Math.floor((storedAt + ttl * second - now) / second));
}

function aged(entry: Entry, now: Micros): Resolution {
  const ttl = shown(entry, now);
  const told = (records: readonly ResourceRecord[]) => records.map((record) => withTtl(record, ttl));
  const { rcode, answer, authority, additional } = entry;
  return { rcode, answer: told(answer), authority: told(authority), additional: told(additional) };
}

/** A reply as it came, its TTLs less the time since, be it but a moment (`dns_packet_patch_ttls`). */
export function agedReply({ packet, storedAt }: Pick<Entry, 'packet' | 'storedAt'>, now: Micros): Message | undefined {
  const age = Math.max(1, now - storedAt);
  const less = (records: readonly ResourceRecord[]) =>
    records.map((record) => withTtl(record, Math.max(0, Math.floor((record.ttl * second - age) / second))));
  if (packet === undefined) return undefined;
  const { answer, authority, additional } = packet;
  return changed(packet, { answer: less(answer), authority: less(authority), additional: less(additional) });
}

function noted(entry: Entry, now: Micros): Noted {
  const { ttl, recordTtl, clamp, storedAt, filledBy, answer } = entry;
  const rcode = entry.rcode === 'NOERROR' && answer.length === 0 ? 'NODATA' : entry.rcode;
  const runsOut = storedAt + ttl * second;
  return { rcode, shown: shown(entry, now), ttl, recordTtl, clamp, storedAt, runsOut, filledBy };
}
