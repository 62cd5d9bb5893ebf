import type { Message } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import type { Noted } from '../note.ts';
import type { DnsmasqSettings } from './settings.ts';

/** Types of which dnsmasq keeps records. */
const kept: readonly string[] = ['A', 'AAAA', 'CNAME', 'PTR', 'SRV'];
/** CNAMEs followed in the cache (CNAME_CHAIN of its config.h). */
const longestChain = 10;

/** Records of a name and type, or that there are none; each record runs out for itself, in whole seconds of the wall clock. */
interface Entry {
  readonly says: 'records' | 'nodata' | 'nxdomain';
  readonly records: readonly ResourceRecord[];
  /** Seconds of life as it is kept, and as it came; of a denial. */
  readonly ttl: number;
  readonly recordTtl: number;
  readonly clamp: string;
  readonly zone: string;
  readonly storedAt: Micros;
  readonly filledBy: TraceId;
  /** Replies that it has given. */
  told: number;
}

/** What the cache answers. */
export interface CacheAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly isStale: boolean;
  readonly noted: Noted;
}

/** dnsmasq's cache: so many records, the longest unused makes room. */
export class DnsmasqCache {
  readonly #settings: DnsmasqSettings;
  /** By name and type, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  /** The SOA that was seen last, by zone. */
  readonly #soas = new Map<string, Entry>();
  #size = 0;

  constructor(settings: DnsmasqSettings) {
    this.#settings = settings;
  }

  find(name: string, type: string, now: Micros): CacheAnswer | undefined {
    const answer: ResourceRecord[] = [];
    let current = name;
    let isStale = false;
    for (let links = 0; links <= longestChain; links++) {
      const entry = this.#take(current, type, now);
      if (entry === undefined) return undefined;
      isStale ||= !this.#alive(entry, now);
      const noted = this.#noted(entry, now);
      if (entry.says !== 'records') {
        const authority = this.#soaOf(entry.zone, now);
        return { rcode: entry.says === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR', answer, authority, isStale, noted };
      }
      const records = this.#living(entry, now).map((record) => {
        return { ...record, name: current, ttl: this.#shown(record.ttl, entry, now) };
      });
      const turn = records.length - (entry.told++ % records.length);
      answer.push(...records.slice(turn), ...records.slice(0, turn));
      const [first] = records;
      if (first?.data.type !== 'CNAME' || type === 'CNAME') {
        return { rcode: 'NOERROR', answer, authority: [], isStale, noted };
      }
      current = first.data.target;
    }
    return undefined;
  }

  /** Keeps what a reply says; returns an entry to be noted. */
  store(reply: Message, now: Micros, filledBy: TraceId): Noted | undefined {
    const [question] = reply.question;
    if (question === undefined || question.type === 'ANY' || reply.flags.tc) return undefined;
    if (this.#settings.cacheSize === 0) return undefined;
    if (reply.rcode !== 'NOERROR' && reply.rcode !== 'NXDOMAIN') return undefined;
    const sets = new Map<string, ResourceRecord[]>();
    for (const record of reply.answer.filter((one) => kept.includes(typeOf(one)) && one.ttl > 0)) {
      const key = `${lower(record.name)} ${typeOf(record)}`;
      sets.set(key, [...(sets.get(key) ?? []), record]);
    }
    let stored: Entry | undefined;
    for (const [key, set] of sets) {
      const records = set.map((record) => ({ ...record, ttl: this.#bounded(record.ttl) }));
      const ttl = Math.min(...records.map((record) => record.ttl));
      const recordTtl = Math.min(...set.map((record) => record.ttl));
      const clamp = this.#clampOf(recordTtl, 'record ttl');
      const life = { ttl, recordTtl, clamp, zone: '', storedAt: now, filledBy, told: 0 };
      stored = this.#put(key, { says: 'records', records, ...life });
    }
    const end = lastTarget(reply, question.name);
    const isDenial = !reply.answer.some(({ name, data }) => data.type !== 'CNAME' && lower(name) === lower(end));
    if (isDenial && question.type !== 'CNAME') stored = this.#deny(reply, end, question.type, now, filledBy) ?? stored;
    return stored && this.#noted(stored, now);
  }

  clear(): void {
    this.#entries.clear();
    this.#soas.clear();
    this.#size = 0;
  }

  #deny(reply: Message, name: string, type: string, now: Micros, filledBy: TraceId): Entry | undefined {
    const soa = reply.authority.find(({ data }) => data.type === 'SOA');
    const { keepsDenials, ttlWithoutSoa } = this.#settings;
    const isName = reply.rcode === 'NXDOMAIN';
    if (!keepsDenials || (!isName && !kept.includes(type))) return undefined;
    const recordTtl = soa?.data.type === 'SOA' ? Math.min(soa.ttl, soa.data.minimum) : ttlWithoutSoa;
    const why = soa === undefined ? `neg-ttl ${ttlWithoutSoa}` : 'soa minimum';
    if (recordTtl === 0) return undefined;
    const zone = lower(soa?.name ?? '');
    const ttl = this.#bounded(recordTtl);
    const life = { recordTtl, clamp: this.#clampOf(recordTtl, why), zone, storedAt: now, filledBy, told: 0 };
    if (soa !== undefined) {
      const records = [{ ...soa, ttl: this.#bounded(soa.ttl) }];
      this.#soas.set(zone, { says: 'records', records, ttl: this.#bounded(soa.ttl), ...life });
    }
    const key = `${lower(name)} ${isName ? 'NXDOMAIN' : type}`;
    return this.#put(key, { says: isName ? 'nxdomain' : 'nodata', records: [], ttl, ...life });
  }

  #put(key: string, entry: Entry): Entry {
    this.#remove(key);
    this.#entries.set(key, entry);
    this.#size += weight(entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#settings.cacheSize) break;
      this.#remove(oldest);
    }
    return entry;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#size -= weight(entry);
  }

  /** The entry for a name: of the type, a CNAME, or that the name is not there. It is the last to be removed now. */
  #take(name: string, type: string, now: Micros): Entry | undefined {
    for (const kind of [type, 'CNAME', 'NXDOMAIN']) {
      const key = `${lower(name)} ${kind}`;
      const entry = this.#entries.get(key);
      if (entry === undefined || !(this.#alive(entry, now) || this.#tellable(entry, now))) continue;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry;
    }
    return undefined;
  }

  #alive(entry: Entry, now: Micros): boolean {
    if (entry.says !== 'records') return left(entry.ttl, entry, now) > 0;
    return entry.records.some(({ ttl }) => left(ttl, entry, now) > 0);
  }

  /** Has it run out, but not too long ago? */
  #tellable(entry: Entry, now: Micros): boolean {
    const { staleFor } = this.#settings;
    return staleFor !== undefined && left(entry.ttl, entry, now) > -staleFor;
  }

  /** Records that have not run out; all of them when none is left. */
  #living(entry: Entry, now: Micros): readonly ResourceRecord[] {
    const living = entry.records.filter(({ ttl }) => left(ttl, entry, now) > 0);
    return living.length > 0 ? living : entry.records;
  }

  #soaOf(zone: string, now: Micros): ResourceRecord[] {
    const entry = this.#soas.get(zone);
    if (entry === undefined || left(entry.ttl, entry, now) <= 0) return [];
    return entry.records.map((record) => ({ ...record, ttl: this.#shown(record.ttl, entry, now) }));
  }

  #shown(ttl: number, entry: Entry, now: Micros): number {
    return Math.min(this.#settings.maximumShown, Math.max(0, left(ttl, entry, now)));
  }

  #bounded(ttl: number): number {
    return Math.min(Math.max(ttl, this.#settings.minimumTtl), this.#settings.maximumTtl);
  }

  #clampOf(recordTtl: number, why: string): string {
    const { minimumTtl, maximumTtl } = this.#settings;
    if (recordTtl < minimumTtl) return `min-cache-ttl ${minimumTtl}`;
    return recordTtl > maximumTtl ? `max-cache-ttl ${maximumTtl}` : why;
  }

  #noted(entry: Entry, now: Micros): Noted {
    const { ttl, recordTtl, clamp, storedAt, filledBy } = entry;
    const rcode = { records: 'NOERROR', nodata: 'NODATA', nxdomain: 'NXDOMAIN' }[entry.says];
    const runsOut = (Math.floor(storedAt / second) + ttl) * second;
    return { rcode, shown: this.#shown(ttl, entry, now), ttl, recordTtl, clamp, storedAt, runsOut, filledBy };
  }
}

/** Seconds left, by the seconds of the wall clock. */
function left(ttl: number, { storedAt }: Entry, now: Micros): number {
  return Math.floor(storedAt / second) + ttl - Math.floor(now / second);
}

function weight({ records }: Entry): number {
  return Math.max(1, records.length);
}

/** Where the aliases of a reply lead. */
function lastTarget({ answer }: Message, name: string): string {
  let end = name;
  for (let links = 0; links <= answer.length; links++) {
    const alias = answer.find((record) => record.data.type === 'CNAME' && lower(record.name) === lower(end));
    if (alias?.data.type !== 'CNAME') break;
    end = alias.data.target;
  }
  return end;
}
