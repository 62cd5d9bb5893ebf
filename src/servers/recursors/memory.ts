import { changed } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { sameName } from '../../dns/name.ts';
import { hostsOf, type ResourceRecord, typeOf } from '../../dns/record.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Asked, ProfiledAsker } from './ask.ts';
import { RecursorCache } from './cache.ts';
import { aged, denialOf, type Entry, entryOf, failedEntry, isDenial, recordsOf, remaining, runsOut } from './entry.ts';
import { noteCache } from './note.ts';

/** CNAMEs followed for one question (unbound: 11 restarts). */
export const longestChain = 11;

const rcodeWords: Readonly<Record<Entry['outcome'], string>> = {
  found: 'NOERROR',
  alias: 'CNAME',
  nodata: 'NODATA',
  nxdomain: 'NXDOMAIN',
  failed: 'SERVFAIL',
};

/** Of larger sets none are looked for (DNS_RDATASET_MAXADDITIONAL of BIND's lib/dns/include/dns/rdataset.h). */
const mostWithAddresses = 13;

/** Seconds; `CacheEntry::shouldReplace` of PowerDNS's recursor_cache.cc. */
const margin = 5;

/** A question, and whether it was asked ahead of time. */
interface Kept {
  readonly name: string;
  readonly type: string;
  readonly isAhead?: boolean;
  /** The name in the question, where an alias led to this one. */
  readonly question?: string;
}

/** A recursor's cache, and what goes into it; it notes what becomes of its entries. */
export class Memory {
  readonly cache: RecursorCache;
  readonly #asker: ProfiledAsker;

  constructor(asker: ProfiledAsker) {
    this.#asker = asker;
    this.cache = new RecursorCache(asker.profile);
  }

  /** Keeps what a reply says about a question, and what it says behind an alias. */
  keep(asked: Asked, { name, type, isAhead = false, question = name }: Kept, began: Micros): Entry {
    const { simulation, profile } = this.#asker;
    const storedAt = profile.countsFrom === 'question' ? began : simulation.now;
    const filled = { storedAt, filledBy: asked.trace };
    const came = 'reply' in asked ? entryOf(asked.reply, name, type, profile, filled) : undefined;
    if (!('reply' in asked) || came === undefined) {
      const told = 'failure' in asked ? asked.extendedError : undefined;
      const of = profile.failuresOf === 'question' ? question : name;
      const wasAsked = !('failure' in asked) || asked.failure !== 'down';
      return this.#store(of, type, failedEntry(wasAsked ? profile.failureTtl : 0, filled, told));
    }
    const entry = this.#store(name, type, this.#besideBetter(came, asked.reply), isAhead);
    const soa = came.outcome === 'alias' ? denialOf(asked.reply, name, 'nodata', profile, filled) : undefined;
    if (soa !== undefined) this.cache.shareSoa(soa);
    if (profile.takesAdditional) this.#takeAddresses(asked.reply, filled);
    this.#keepBeside(asked.reply, came, type, filled);
    return entry;
  }

  /** Addresses that come along do not take the place of such as were answered, and last as long as those (`rrset_cache_update`, `addrdataset`). */
  #besideBetter(entry: Entry, { additional }: Message): Entry {
    if (entry.outcome !== 'found' || this.#asker.profile.takesAdditional) return entry;
    const { now } = this.#asker.simulation;
    const better = (record: ResourceRecord) => {
      const known = this.cache.find(record.name, typeOf(record), now);
      return known?.outcome === 'found' ? known : undefined;
    };
    const hosts = hostsOf(entry.records);
    const named = additional.filter((record) => hosts.some((host) => sameName(host, record.name)));
    const lives = named.map((record) => {
      const known = better(record);
      return known === undefined ? record.ttl : remaining(known, now);
    });
    const isWhole = this.#asker.profile.addsWhatCame;
    const addresses = (entry.addresses ?? []).filter((record) => isWhole || better(record) === undefined);
    return { ...entry, addresses, ...(entry.atMost !== undefined && { atMost: Math.min(...lives) }) };
  }

  /** Keeps what a reply says beside the answer: each type of an answer to ANY, and what stands behind an alias. */
  #keepBeside(reply: Message, came: Entry, type: string, filled: Pick<Entry, 'storedAt' | 'filledBy'>): void {
    const { profile } = this.#asker;
    for (const kind of type === 'ANY' && profile.anyFillsTypes ? new Set(came.records.map(typeOf)) : []) {
      const [{ name = '' } = {}] = came.records;
      const own = entryOf(reply, name, kind, profile, filled);
      if (own !== undefined) this.cache.store(name, kind, own);
    }
    let [link] = came.outcome === 'alias' ? came.records : [];
    for (let links = 0; profile.takesChains && link?.data.type === 'CNAME' && links < longestChain; links++) {
      const { target } = link.data;
      const next = entryOf(changed(reply, { authority: [] }), target, type, profile, filled);
      if (next === undefined || isDenial(next)) break;
      this.#storeBeside(target, type, next);
      [link] = next.outcome === 'alias' ? next.records : [];
    }
  }

  /** Servers of zones and addresses of hosts that a reply brought along. */
  #takeAddresses(reply: Message, filled: Pick<Entry, 'storedAt' | 'filledBy'>): void {
    const { profile } = this.#asker;
    for (const name of new Set(reply.authority.filter((one) => typeOf(one) === 'NS').map((one) => one.name))) {
      const entry = entryOf(changed(reply, { answer: reply.authority }), name, 'NS', profile, filled);
      if (entry !== undefined) this.#storeBeside(name, 'NS', entry);
    }
    for (const { name, data } of reply.additional) {
      if (data.type !== 'A' && data.type !== 'AAAA') continue;
      const entry = entryOf(changed(reply, { answer: reply.additional }), name, data.type, profile, filled);
      if (entry !== undefined) this.#storeBeside(name, data.type, entry);
    }
  }

  /** What came beside an answer does not take the place of one that is to live on for a while. */
  #storeBeside(name: string, type: string, entry: Entry): void {
    const { now } = this.#asker.simulation;
    const known = this.cache.find(name, type, now);
    const isReplaced = known === undefined || known.isBeside === true || remaining(known, now) <= margin;
    if (isReplaced) this.#store(name, type, { ...entry, isBeside: true });
  }

  /** Makes an entry that has run out live again, for no longer than old answers are told; times that have gone by count (`updateStaleEntry` of PowerDNS). */
  revive(entry: Entry, name: string, type: string): Entry {
    const { simulation, profile } = this.#asker;
    const ttl = Math.max(1, Math.min(entry.ttl, profile.stale?.replyTtl ?? 0));
    const age = Math.floor(simulation.now / second) - Math.floor(runsOut(entry, profile) / second);
    const revivals = (entry.revivals ?? 0) + 1 + Math.floor(Math.max(1, age) / ttl);
    const again = { ...entry, ttl, storedAt: simulation.now, revivals };
    this.cache.store(name, type, again);
    return again;
  }

  #store(name: string, type: string, entry: Entry, isAhead = false): Entry {
    const isKept = runsOut(entry, this.#asker.profile) > entry.storedAt;
    const stored = isKept ? this.cache.store(name, type, entry, isAhead) : entry;
    this.note(isKept ? 'stored' : 'not-stored', name, type, stored, entry.filledBy);
    if (!isDenial(entry)) return stored;
    return this.cache.find(name, type, this.#asker.simulation.now) ?? entry;
  }

  /** Addresses that came with a referral. */
  glue(entry: Entry): ResourceRecord[] {
    return aged(entry.addresses ?? [], entry, this.#asker.simulation.now);
  }

  /** Addresses of the hosts that an answer names: better known, or as they came with it. */
  addresses(entry: Entry): ResourceRecord[] {
    const { simulation, profile } = this.#asker;
    const { now } = simulation;
    const [first] = entry.records;
    if (profile.addsAddresses === 'none' || first === undefined || entry.records.length > mostWithAddresses) return [];
    if (profile.addsAddresses === 'NS' && first.data.type !== 'NS') return [];
    const age = Math.floor(now / second) - Math.floor(entry.storedAt / second);
    const living = (entry.addresses ?? []).filter(({ ttl }) => age === 0 || ttl > age);
    const came = aged(living, entry, now);
    const hosts = [...new Set(hostsOf(entry.records))].filter((host) => !this.cache.isGone(host, now));
    return hosts.flatMap((host) =>
      ['A', 'AAAA'].flatMap((type) => {
        const own = came.filter((record) => typeOf(record) === type && sameName(record.name, host));
        if (profile.addsWhatCame && own.length === 0) return [];
        const known = this.cache.find(host, type, now);
        if (known?.outcome === 'found')
          return recordsOf(known, this.cache.letters.of(host), Math.max(0, remaining(known, now)));
        return own.map((record) => ({ ...record, name: this.cache.letters.of(record.name) }));
      }),
    );
  }

  note(outcome: string, name: string, type: string, entry: Entry | undefined, trace: TraceId): void {
    const { profile, simulation } = this.#asker;
    const noted = entry && {
      ttl: entry.ttl,
      recordTtl: entry.recordTtl,
      clamp: entry.clamp,
      storedAt: entry.storedAt,
      filledBy: entry.filledBy,
      rcode: rcodeWords[entry.outcome],
      shown: outcome === 'stale' ? (profile.stale?.replyTtl ?? 0) : remaining(entry, simulation.now),
      runsOut: runsOut(entry, profile),
    };
    noteCache(this.#asker, outcome, { name, type, trace }, { entry: noted });
  }
}
