import type { Message } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import type { Resolution } from '../engine.ts';
import type { Noted } from '../note.ts';
import type { ResolvedSettings } from './settings.ts';

/** A reply, kept whole for the shortest TTL in it. */
interface Entry extends Resolution {
  readonly ttl: number;
  readonly recordTtl: number;
  readonly clamp: string;
  readonly storedAt: Micros;
  readonly filledBy: TraceId;
}

/** systemd-resolved's cache: its lives are no whole seconds of the wall clock. */
export class ResolvedCache {
  readonly #settings: ResolvedSettings;
  readonly #entries = new Map<string, Entry>();

  constructor(settings: ResolvedSettings) {
    this.#settings = settings;
  }

  find(name: string, type: string, now: Micros): { readonly told: Resolution; readonly noted: Noted } | undefined {
    for (const kind of [type, 'NXDOMAIN']) {
      const entry = this.#entries.get(`${lower(name)} ${kind}`);
      if (entry !== undefined && now < entry.storedAt + entry.ttl * second) {
        return { told: aged(entry, now), noted: noted(entry, now) };
      }
    }
    return undefined;
  }

  /** Keeps what a reply says; returns an entry to be noted. */
  store(reply: Message, name: string, type: string, now: Micros, filledBy: TraceId): Noted | undefined {
    const { cache, failureTtl } = this.#settings;
    if (cache === 'no') return undefined;
    const { rcode, answer, authority, additional } = reply;
    const from = { rcode, storedAt: now, filledBy };
    if (answer.length > 0 && rcode === 'NOERROR') {
      const recordTtl = Math.min(...[...answer, ...authority, ...additional].map(({ ttl }) => ttl));
      const life = this.#bounded(recordTtl, 'record ttl');
      const keys = new Set(answer.map((record) => `${lower(record.name)} ${typeOf(record)}`));
      const asked = `${lower(name)} ${type}`;
      for (const key of keys) {
        const own = answer.filter((record) => `${lower(record.name)} ${typeOf(record)}` === key);
        const others = answer.filter((record) => !own.includes(record));
        this.#put(key, { ...from, ...life, answer: own, authority, additional: [...others, ...additional] });
      }
      if (keys.has(asked) || type === 'ANY') return this.#noted(asked, now);
      return this.#put(asked, { ...from, ...life, answer, authority, additional });
    }
    if (cache === 'no-negative') return undefined;
    const denied = { ...from, answer, authority, additional };
    if (rcode === 'SERVFAIL') {
      const life = { ttl: failureTtl, recordTtl: Number.NaN, clamp: `failure ${failureTtl}` };
      return this.#put(`${lower(name)} ${type}`, { ...denied, ...life });
    }
    const soa = authority.find(({ data }) => data.type === 'SOA');
    if (soa?.data.type !== 'SOA' || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN')) return undefined;
    const life = this.#bounded(Math.min(soa.ttl, soa.data.minimum), 'soa minimum');
    return this.#put(`${lower(name)} ${rcode === 'NXDOMAIN' ? rcode : type}`, { ...denied, ...life });
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

/** Whole seconds left, at least 1. */
function shown({ storedAt, ttl }: Entry, now: Micros): number {
  return Math.max(1, Math.floor((storedAt + ttl * second - now) / second));
}

function aged(entry: Entry, now: Micros): Resolution {
  const ttl = shown(entry, now);
  const told = (records: readonly ResourceRecord[]) => records.map((record) => ({ ...record, ttl }));
  const { rcode, answer, authority, additional } = entry;
  return { rcode, answer: told(answer), authority: told(authority), additional: told(additional) };
}

function noted(entry: Entry, now: Micros): Noted {
  const { ttl, recordTtl, clamp, storedAt, filledBy, answer } = entry;
  const rcode = entry.rcode === 'NOERROR' && answer.length === 0 ? 'NODATA' : entry.rcode;
  const runsOut = storedAt + ttl * second;
  return { rcode, shown: shown(entry, now), ttl, recordTtl, clamp, storedAt, runsOut, filledBy };
}
