import type { Message } from '../../../dns/message.ts';
import { isWithin, lower, sameName } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf, withTtl } from '../../../dns/record.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import { type Micros, second } from '../../../engine/time.ts';
import type { Noted } from '../note.ts';
import type { DnsmasqSettings } from './settings.ts';

/** Types of which dnsmasq keeps records and denials. */
const kept: readonly string[] = ['A', 'AAAA', 'PTR', 'SRV'];
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
  /** Its place: the same for whatever takes it over. */
  readonly place: symbol;
  /** Of an alias: where its target stands. */
  leadsTo?: { readonly key: string; readonly place: symbol };
}

/** What the cache answers. */
export interface CacheAnswer {
  readonly rcode: 'NOERROR' | 'NXDOMAIN';
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly isStale: boolean;
  readonly noted: Noted;
}

/** What of a reply is to be kept: under a key, with its TTL as it came. */
interface Insertion extends Pick<Entry, 'says' | 'records' | 'recordTtl' | 'clamp' | 'zone'> {
  readonly key: string;
}

/** dnsmasq's cache: so many records, the longest unused makes room (`extract_addresses`, `answer_request` of its rfc1035.c). */
export class DnsmasqCache {
  readonly #settings: DnsmasqSettings;
  /** By name and type, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  #size = 0;

  constructor(settings: DnsmasqSettings) {
    this.#settings = settings;
  }

  find(name: string, type: string, now: Micros): CacheAnswer | undefined {
    const answer: ResourceRecord[] = [];
    let current = name;
    let isStale = false;
    for (let links = 0; links <= longestChain; links++) {
      const alias = this.#take(current, 'CNAME', now);
      const denied = alias === undefined ? this.#take(current, 'NXDOMAIN', now) : undefined;
      const entry = alias ?? this.#take(current, type, now) ?? denied;
      if (entry === undefined || (type === 'ANY' && entry.says !== 'nxdomain')) return undefined;
      isStale ||= this.#isStale(entry, now);
      const noted = this.#noted(entry, now);
      if (entry.says === 'records') answer.push(...this.#told(entry, current, now));
      const [target] = entry.records;
      if (alias === undefined || type === 'CNAME' || target?.data.type !== 'CNAME') {
        // A denial of the name adds its SOA to addresses that were known before.
        const denial = entry.says === 'records' ? denied : entry;
        const authority = denial === undefined ? [] : this.#soaOf(denial.zone, current, now);
        return { rcode: entry.says === 'nxdomain' ? 'NXDOMAIN' : 'NOERROR', answer, authority, isStale, noted };
      }
      current = target.data.target;
    }
    return undefined;
  }

  /** Is anything at hand of the name, be it that it has no addresses? */
  knowsOf(name: string, now: Micros): boolean {
    return ['A', 'AAAA', 'CNAME'].some((kind) => this.#take(name, kind, now) !== undefined);
  }

  /** Is anything but a denial of the name at hand (`cache_find_non_terminal`)? */
  knows(name: string, now: Micros): boolean {
    return [...kept, 'CNAME', 'SOA'].some((kind) => {
      const entry = this.#entries.get(`${lower(name)} ${kind}`);
      return entry !== undefined && entry.says !== 'nxdomain' && this.#alive(entry, now) && !this.#leadsNowhere(entry);
    });
  }

  /** Is it an alias whose target has been removed since, be it that it has come back (`is_outdated_cname_pointer`)? */
  #leadsNowhere({ records: [first], leadsTo }: Entry): boolean {
    if (first?.data.type !== 'CNAME') return false;
    return leadsTo === undefined || this.#entries.get(leadsTo.key)?.place !== leadsTo.place;
  }

  /** Keeps what a reply says, all of it or nothing; returns an entry to be noted. `ttlWithoutSoa`: of a denial without SOA. */
  store(
    reply: Message,
    now: Micros,
    filledBy: TraceId,
    ttlWithoutSoa = this.#settings.ttlWithoutSoa,
  ): Noted | undefined {
    const { cacheSize, staleFor } = this.#settings;
    const [question] = reply.question;
    const isAnswer = reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN';
    if (question === undefined || reply.flags.tc || cacheSize === 0 || !isAnswer) return undefined;
    const insertions = this.#insertions(reply, question.name, question.type, ttlWithoutSoa);
    if (staleFor === undefined && insertions.some(({ recordTtl }) => this.#bounded(recordTtl) === 0)) return undefined;
    let stored: Entry | undefined;
    let alias: Entry | undefined;
    for (const { key, ...said } of insertions) {
      const records = said.records.map((record) => withTtl(record, this.#bounded(record.ttl)));
      const ttl = this.#bounded(said.recordTtl);
      const clamp = this.#clampOf(said.recordTtl, said.clamp);
      const place = this.#entries.get(key)?.place ?? Symbol(key);
      stored = this.#put(key, { ...said, records, ttl, clamp, storedAt: now, filledBy, told: 0, place });
      if (key.endsWith(' SOA')) continue;
      if (alias !== undefined) alias.leadsTo = { key, place };
      alias = key.endsWith(' CNAME') ? stored : undefined;
    }
    return stored && this.#noted(stored, now);
  }

  clear(): void {
    this.#entries.clear();
    this.#size = 0;
  }

  /** The aliases from the name asked, and what stands at their end. Where nothing does, the last alias is not kept. */
  #insertions(reply: Message, name: string, type: string, ttlWithoutSoa: number): Insertion[] {
    const isDenied = reply.rcode === 'NXDOMAIN';
    if (!kept.includes(type) && !isDenied) return [];
    const chain: Insertion[] = [];
    let end = name;
    let shortest = Number.POSITIVE_INFINITY;
    for (let links = 0; links <= longestChain; links++) {
      const alias = reply.answer.find((record) => record.data.type === 'CNAME' && sameName(record.name, end));
      if (alias?.data.type !== 'CNAME') break;
      if (links === longestChain) return [];
      shortest = Math.min(shortest, alias.ttl);
      if (kept.includes(type)) chain.push(insertionOf(`${lower(end)} CNAME`, [alias]));
      end = alias.data.target;
    }
    const set = reply.answer.filter((record) => typeOf(record) === type && sameName(record.name, end));
    if (set.length > 0 && !isDenied) return [...chain, insertionOf(`${lower(end)} ${type}`, set)];
    return this.#settings.keepsDenials
      ? [...chain, ...denialOf(reply, end, type, shortest, ttlWithoutSoa)]
      : chain.slice(0, -1);
  }

  #put(key: string, entry: Entry): Entry {
    this.#remove(key);
    this.#removeContradicted(key);
    this.#entries.set(key, entry);
    this.#size += weight(entry);
    if (this.#size > this.#settings.cacheSize) this.#removeExpired(entry.storedAt);
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#settings.cacheSize) break;
      this.#remove(oldest);
    }
    return entry;
  }

  /** A name is an alias or has records. */
  #removeContradicted(key: string): void {
    const [name = '', kind] = key.split(' ');
    for (const other of kind === 'CNAME' ? [...kept, 'SOA', 'NXDOMAIN'] : ['CNAME']) this.#remove(`${name} ${other}`);
  }

  #removeExpired(now: Micros): void {
    for (const [key, entry] of this.#entries) {
      if (!this.#alive(entry, now) && !this.#tellable(entry, now)) this.#remove(key);
    }
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#size -= weight(entry);
  }

  /** The entry for a name, which is the last to be removed now. */
  #take(name: string, kind: string, now: Micros): Entry | undefined {
    const key = `${lower(name)} ${kind}`;
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!(this.#alive(entry, now) || this.#tellable(entry, now)) || this.#leadsNowhere(entry)) {
      this.#remove(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Records as they are told now, one place on from reply to reply. */
  #told(entry: Entry, name: string, now: Micros): ResourceRecord[] {
    const records = this.#living(entry, now).map((record) => {
      return { ...record, name, ttl: this.#shown(record.ttl, entry, now) };
    });
    const turn = records.length - (entry.told++ % records.length);
    return [...records.slice(turn), ...records.slice(0, turn)];
  }

  #alive(entry: Entry, now: Micros): boolean {
    if (entry.says !== 'records') return left(entry.ttl, entry, now) > 0;
    return entry.records.some(({ ttl }) => left(ttl, entry, now) > 0);
  }

  /** In the second in which it runs out it is told with TTL 0, and not asked anew (`crec_isstale`). */
  #isStale(entry: Entry, now: Micros): boolean {
    const ttl = entry.says === 'records' ? Math.max(...entry.records.map((record) => record.ttl)) : entry.ttl;
    return left(ttl, entry, now) < 0;
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

  /** Of a zone, in the letters of the name asked. */
  #soaOf(zone: string, name: string, now: Micros): ResourceRecord[] {
    const entry = this.#take(zone, 'SOA', now);
    return entry === undefined ? [] : this.#told(entry, isWithin(name, zone) ? name.slice(-zone.length) : zone, now);
  }

  #shown(ttl: number, entry: Entry, now: Micros): number {
    return Math.min(this.#settings.maximumShown, Math.max(0, left(ttl, entry, now)));
  }

  #bounded(ttl: number): number {
    return Math.max(Math.min(ttl, this.#settings.maximumTtl), this.#settings.minimumTtl);
  }

  #clampOf(recordTtl: number, why: string): string {
    const { minimumTtl, maximumTtl } = this.#settings;
    if (Math.min(recordTtl, maximumTtl) < minimumTtl) return `min-cache-ttl ${minimumTtl}`;
    return recordTtl > maximumTtl ? `max-cache-ttl ${maximumTtl}` : why;
  }

  #noted(entry: Entry, now: Micros): Noted {
    const { ttl, recordTtl, clamp, storedAt, filledBy } = entry;
    const rcode = { records: 'NOERROR', nodata: 'NODATA', nxdomain: 'NXDOMAIN' }[entry.says];
    const runsOut = (Math.floor(storedAt / second) + ttl) * second;
    return { rcode, shown: this.#shown(ttl, entry, now), ttl, recordTtl, clamp, storedAt, runsOut, filledBy };
  }
}

function inSmallLetters(soa: ResourceRecord): ResourceRecord {
  const { data } = soa;
  if (data.type !== 'SOA') return soa;
  return { ...soa, name: lower(soa.name), data: { ...data, mname: lower(data.mname), rname: lower(data.rname) } };
}

/** Seconds left, by the seconds of the wall clock. */
function left(ttl: number, { storedAt }: Entry, now: Micros): number {
  return Math.floor(storedAt / second) + ttl - Math.floor(now / second);
}

function weight({ records }: Entry): number {
  return Math.max(1, records.length);
}

function insertionOf(key: string, records: readonly ResourceRecord[]): Insertion {
  const recordTtl = Math.min(...records.map(({ ttl }) => ttl));
  return { key, says: 'records', records, recordTtl, clamp: 'record ttl', zone: '' };
}

/** A denial, and the SOA that says how long it lives. Without SOA it lives as long as the aliases that lead to it. */
function denialOf(
  reply: Message,
  name: string,
  type: string,
  ttlOfAliases: number,
  ttlWithoutSoa: number,
): Insertion[] {
  const soa = reply.authority.find(({ name: zone, data }) => data.type === 'SOA' && isWithin(name, zone));
  const minimum = soa?.data.type === 'SOA' ? Math.min(soa.ttl, soa.data.minimum) : ttlWithoutSoa;
  const recordTtl = minimum === 0 && Number.isFinite(ttlOfAliases) ? ttlOfAliases : minimum;
  const isName = reply.rcode === 'NXDOMAIN' && type !== 'PTR';
  const denial: Insertion = {
    key: `${lower(name)} ${isName ? 'NXDOMAIN' : type}`,
    says: reply.rcode === 'NXDOMAIN' ? 'nxdomain' : 'nodata',
    records: [],
    recordTtl,
    clamp: soa === undefined ? `neg-ttl ${ttlWithoutSoa}` : 'soa minimum',
    zone: minimum === 0 && !Number.isFinite(ttlOfAliases) ? '' : lower(soa?.name ?? ''),
  };
  return soa === undefined ? [denial] : [insertionOf(`${lower(soa.name)} SOA`, [inSmallLetters(soa)]), denial];
}
