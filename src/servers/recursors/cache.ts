import { lower } from '../../dns/name.ts';
import type { Micros } from '../../engine/time.ts';
import { type Entry, runsOut } from './entry.ts';
import type { RecursorProfile } from './profile.ts';

/** A recursor's entries by name and type. */
export class RecursorCache {
  readonly #profile: RecursorProfile;
  readonly #entries = new Map<string, Entry>();

  constructor(profile: RecursorProfile) {
    this.#profile = profile;
  }

  /** What is known and still alive: the set, a CNAME in its place, or that the name is not there. */
  find(name: string, type: string, now: Micros): Entry | undefined {
    for (const kind of [type, 'CNAME', 'NXDOMAIN']) {
      const entry = this.#entries.get(`${lower(name)} ${kind}`);
      if (entry !== undefined && now < runsOut(entry, this.#profile)) return entry;
    }
    return undefined;
  }

  store(name: string, type: string, entry: Entry): void {
    const forAllTypes = entry.outcome === 'nxdomain' && this.#profile.nxdomainAnswersEveryType;
    const kind = entry.outcome === 'alias' ? 'CNAME' : forAllTypes ? 'NXDOMAIN' : type;
    this.#entries.set(`${lower(name)} ${kind}`, entry);
  }

  clear(): void {
    this.#entries.clear();
  }
}
