import type { ResourceRecord } from '../dns/record.ts';

const lenders = new WeakMap<ResourceRecord, (ttl: number) => void>();

/** Records that a plugin hands out as they lie in its memory: who sets the TTL of one in place sets it for all later replies. */
export class LentRecords {
  readonly #own: ReadonlySet<ResourceRecord>;
  readonly #ttls = new Map<ResourceRecord, number>();

  constructor(own: readonly ResourceRecord[]) {
    this.#own = new Set(own);
  }

  /** The records with the TTLs that they have by now; those that are not its own as they are. */
  lend(records: readonly ResourceRecord[]): ResourceRecord[] {
    return records.map((record) => {
      if (!this.#own.has(record)) return record;
      const lent = { ...record, ttl: this.#ttls.get(record) ?? record.ttl };
      lenders.set(lent, (ttl) => this.#ttls.set(record, ttl));
      return lent;
    });
  }
}

/** Sets the TTL of records in place, where they are lent. */
export function setLentTtls(records: readonly ResourceRecord[], ttl: number): void {
  for (const record of records) lenders.get(record)?.(ttl);
}
