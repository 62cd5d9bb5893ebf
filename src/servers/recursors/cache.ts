import { labelsOf, lower } from '../../dns/name.ts';
import { formatData } from '../../dns/text.ts';
import { type Micros, second } from '../../engine/time.ts';
import { type Entry, isDenial, runsOut } from './entry.ts';
import { Letters } from './letters.ts';
import type { RecursorProfile } from './profile.ts';

const leewaySeconds = 60;

/** Stands for all names under the last label. */
const belowTop = 'NXDOMAIN below';

function topOf(name: string): string {
  return `${lower(labelsOf(name).at(-1) ?? '')}.`;
}

/** A recursor's entries by name, then type; `NXDOMAIN` stands for every type. */
export class RecursorCache {
  readonly #profile: RecursorProfile;
  readonly #names = new Map<string, Map<string, Entry>>();
  readonly #failures = new Map<string, Entry>();
  /** When a question failed last, where that counts. */
  readonly #renewed = new Map<string, Micros>();
  /** Of names, for programs that keep them. */
  readonly letters = new Letters();
  /** Denials by the owner of their SOA, for programs that keep one SOA a zone. */
  readonly #soas = new Map<string, Entry>();

  constructor(profile: RecursorProfile) {
    this.#profile = profile;
  }

  /** What is known and still alive: the set, a CNAME in its place, or that the name is not there. */
  find(name: string, type: string, now: Micros): Entry | undefined {
    for (const one of this.#entries(name, type)) {
      const entry = now < runsOut(one, this.#profile) ? this.#withSharedSoa(one, now) : undefined;
      if (entry !== undefined) return entry;
    }
    return this.#profile.trustsRoot ? this.#denialOfTop(name, now) : undefined;
  }

  /** That there is nothing under the last label. */
  #denialOfTop(name: string, now: Micros): Entry | undefined {
    const entry = this.#names.get(topOf(name))?.get(belowTop);
    return entry !== undefined && now < runsOut(entry, this.#profile) ? entry : undefined;
  }

  /** A failure that is kept. */
  failure(name: string, type: string, now: Micros): Entry | undefined {
    const entry = this.#failures.get(`${lower(name)} ${type}`);
    return entry !== undefined && now < runsOut(entry, this.#profile) ? entry : undefined;
  }

  /** What has run out but may still be told. */
  expired(name: string, type: string, now: Micros): Entry | undefined {
    const limit = (this.#profile.stale?.limit ?? 0) * second;
    const isTold = (one: Entry) => one.outcome !== 'nxdomain' || this.#profile.stale?.denials === 'all';
    const { revivals = Number.POSITIVE_INFINITY } = this.#profile.stale ?? {};
    return this.#entries(name, type).find((one) => {
      if ((one.revivals ?? 0) >= revivals) return false;
      const end = runsOut(one, this.#profile);
      const from = Math.max(end, this.#renewed.get(`${lower(name)} ${type}`) ?? 0);
      return isTold(one) && now >= end && now < from + limit;
    });
  }

  /** A failure: old answers may be told for longer, where that is so set. */
  renew(name: string, type: string, now: Micros): void {
    if (this.#profile.stale?.renewedByFailure === true) this.#renewed.set(`${lower(name)} ${type}`, now);
  }

  /** Is it known that there is no such name? */
  isGone(name: string, now: Micros): boolean {
    const entry = this.#names.get(lower(name))?.get('NXDOMAIN');
    return entry !== undefined && now < runsOut(entry, this.#profile);
  }

  /** All sets of a name that are alive. */
  sets(name: string, now: Micros): Entry[] {
    const known = [...(this.#names.get(lower(name))?.values() ?? [])];
    return known.filter((entry) => entry.outcome === 'found' && now < runsOut(entry, this.#profile));
  }

  /** Keeps an entry; returns it as it is kept. */
  store(name: string, type: string, come: Entry, isAhead = false): Entry {
    if (this.#profile.keepsNothing) return come;
    if (come.outcome === 'failed') {
      this.#failures.set(`${lower(name)} ${type}`, come);
      return come;
    }
    const entry = this.#asBefore(name, type, come, isAhead);
    if (isDenial(entry)) this.shareSoa(entry, isAhead);
    if (this.#profile.keepsLetters) this.letters.learn((isDenial(entry) ? undefined : entry.records[0]?.name) ?? name);
    const { nxdomainAnswersEveryType, nxdomainEndsSets } = this.#profile;
    const forAllTypes = entry.outcome === 'nxdomain' && entry.records.length > 0 && nxdomainAnswersEveryType;
    if (this.#profile.trustsRoot && entry.outcome === 'nxdomain' && entry.records[0]?.name === '.') {
      this.#names.set(topOf(name), new Map(this.#names.get(topOf(name))).set(belowTop, entry));
    }
    const kinds = this.#names.get(lower(name)) ?? new Map<string, Entry>();
    if (nxdomainEndsSets && forAllTypes) kinds.clear();
    else if (nxdomainEndsSets) kinds.delete('NXDOMAIN');
    kinds.set(entry.outcome === 'alias' ? 'CNAME' : forAllTypes ? 'NXDOMAIN' : type, entry);
    this.#names.set(lower(name), kinds);
    return entry;
  }

  /**
   * A set equal to the one at hand does not renew it, but for one that was asked for ahead of time; what ended with
   * addresses that came along begins anew (`need_to_update_rrset` of unbound's services/cache/rrset.c).
   */
  #asBefore(name: string, type: string, come: Entry, isAhead: boolean): Entry {
    const old = this.#names.get(lower(name))?.get(come.outcome === 'alias' ? 'CNAME' : type);
    if (!this.#profile.sharesSoa || old === undefined || isAhead || isDenial(come) || come.outcome !== old.outcome)
      return come;
    const { atMost, ...lasting } = old;
    const isAlive = come.storedAt < runsOut(lasting, this.#profile);
    if (!isAlive || !isSameRecord(old, come)) return come;
    const between = Math.floor(come.storedAt / second) - Math.floor(old.storedAt / second);
    return {
      ...old,
      addresses: come.addresses ?? [],
      ...(come.atMost !== undefined && { atMost: come.atMost + between }),
    };
  }

  /**
   * A SOA equal to the one at hand does not renew it: the denials of a zone run out together (recording `recursor-negative`);
   * but for one that was asked for ahead of time, where less than a minute is left (`prefetch_leeway` of unbound's mesh.c).
   */
  shareSoa(entry: Entry, isAhead = false): void {
    const [soa] = entry.records;
    if (!this.#profile.sharesSoa || soa?.data.type !== 'SOA') return;
    const known = this.#soas.get(lower(soa.name));
    const [old] = known?.records ?? [];
    const isSame = old !== undefined && formatData(old.data) === formatData(soa.data);
    const leeway = isAhead ? leewaySeconds * second : 0;
    if (known === undefined || !isSame || entry.storedAt + leeway >= runsOut(known, this.#profile)) {
      this.#soas.set(lower(soa.name), entry);
    }
  }

  clear(): void {
    this.#names.clear();
    this.letters.clear();
    this.#failures.clear();
    this.#renewed.clear();
    this.#soas.clear();
  }

  #entries(name: string, type: string): Entry[] {
    const kinds = this.#names.get(lower(name));
    const entries: Entry[] = [];
    if (kinds === undefined) return entries;
    for (const kind of [type, 'CNAME', 'NXDOMAIN']) {
      const entry = kinds.get(kind);
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  /** Of a denial that has run out: the SOA at hand, which may have been renewed. */
  liveSoa(entry: Entry, now: Micros): Entry | undefined {
    return isDenial(entry) && this.#profile.sharesSoa ? this.#withSharedSoa(entry, now) : undefined;
  }

  /** A denial with the SOA at hand and its TTL; undefined: there is none any more. */
  #withSharedSoa(entry: Entry, now: Micros): Entry | undefined {
    const [soa] = entry.records;
    if (!this.#profile.sharesSoa || soa?.data.type !== 'SOA' || !isDenial(entry)) return entry;
    const known = this.#soas.get(lower(soa.name));
    if (known === undefined || now >= runsOut(known, this.#profile)) return undefined;
    return { ...entry, records: known.records, ttl: known.ttl, storedAt: known.storedAt, alone: entry };
  }
}

/** Of several records the order counts too, which servers turn. */
function isSameRecord({ records: [one, ...more] }: Entry, { records: [other, ...others] }: Entry): boolean {
  if (one === undefined || other === undefined || more.length > 0 || others.length > 0) return false;
  return formatData(one.data) === formatData(other.data);
}
