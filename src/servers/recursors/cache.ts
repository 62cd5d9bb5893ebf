import { lower } from '../../dns/name.ts';
import { formatData } from '../../dns/text.ts';
import type { Micros } from '../../engine/time.ts';
import { type Entry, isDenial, remaining, runsOut } from './entry.ts';
import type { RecursorProfile } from './profile.ts';

/** A recursor's entries by name and type. */
export class RecursorCache {
  readonly #profile: RecursorProfile;
  readonly #entries = new Map<string, Entry>();
  /** Denials by the owner of their SOA, for programs that keep one SOA a zone. */
  readonly #soas = new Map<string, Entry>();

  constructor(profile: RecursorProfile) {
    this.#profile = profile;
  }

  /** What is known and still alive: the set, a CNAME in its place, or that the name is not there. */
  find(name: string, type: string, now: Micros): Entry | undefined {
    for (const kind of [type, 'CNAME', 'NXDOMAIN']) {
      const entry = this.#entries.get(`${lower(name)} ${kind}`);
      if (entry !== undefined && now < runsOut(entry, this.#profile)) return this.#withSharedSoa(entry, now);
    }
    return undefined;
  }

  /** Keeps an entry; what is kept may live shorter than what came. */
  store(name: string, type: string, came: Entry): Entry {
    const entry = this.#sharingSoa(came);
    const forAllTypes = entry.outcome === 'nxdomain' && this.#profile.nxdomainAnswersEveryType;
    const kind = entry.outcome === 'alias' ? 'CNAME' : forAllTypes ? 'NXDOMAIN' : type;
    this.#entries.set(`${lower(name)} ${kind}`, entry);
    return entry;
  }

  clear(): void {
    this.#entries.clear();
    this.#soas.clear();
  }

  /** A SOA equal to the one at hand does not renew it: the denials of a zone run out together (recording `recursor-negative`). */
  #sharingSoa(entry: Entry): Entry {
    const [soa] = entry.records;
    if (!this.#profile.sharesSoa || soa?.data.type !== 'SOA' || !isDenial(entry)) return entry;
    const known = this.#soas.get(lower(soa.name));
    const [old] = known?.records ?? [];
    const isSame = old !== undefined && formatData(old.data) === formatData(soa.data);
    if (known === undefined || !isSame || entry.storedAt >= runsOut(known, this.#profile)) {
      this.#soas.set(lower(soa.name), entry);
      return entry;
    }
    const ttl = remaining(known, entry.storedAt);
    return ttl < entry.ttl ? { ...entry, ttl, clamp: 'soa at hand' } : entry;
  }

  #withSharedSoa(entry: Entry, now: Micros): Entry {
    const [soa] = entry.records;
    const known = soa && isDenial(entry) ? this.#soas.get(lower(soa.name)) : undefined;
    if (known === undefined || now >= runsOut(known, this.#profile)) return entry;
    return { ...entry, records: known.records };
  }
}
