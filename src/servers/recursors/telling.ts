import type { ResourceRecord } from '../../dns/record.ts';
import type { ProfiledAsker } from './ask.ts';
import { bare, type Resolution } from './engine.ts';
import { type Entry, isDenial, recordsOf, remaining } from './entry.ts';
import { staleAnswer } from './extended-error.ts';
import type { Memory } from './memory.ts';
import type { Answering, Known } from './wanted.ts';

/** What clients are told of entries. */
export class Telling {
  readonly #asker: ProfiledAsker;
  readonly #memory: Memory;

  constructor(asker: ProfiledAsker, memory: Memory) {
    this.#asker = asker;
    this.#memory = memory;
  }

  /** What is answered whatever is known. */
  refusal(type: string, rd: boolean): Resolution | undefined {
    const { withoutRd, any } = this.#asker.profile;
    if (!rd && withoutRd === 'REFUSED') return bare('REFUSED');
    return type === 'ANY' && any !== 'known' && any !== 'one set' ? bare(any) : undefined;
  }

  /** The records of an entry as clients get them now. */
  told({ entry, isStale }: Known, wasKnown: boolean, name: string): ResourceRecord[] {
    const { profile, simulation } = this.#asker;
    const isWhole = !wasKnown && profile.countsFrom === 'question';
    const left = Math.max(0, remaining(entry, simulation.now));
    const renewed = isStale ? this.#memory.cache.liveSoa(entry, simulation.now) : undefined;
    if (renewed !== undefined) return recordsOf(renewed, undefined, Math.max(0, remaining(renewed, simulation.now)));
    const ttl = isStale ? (profile.stale?.replyTtl ?? 0) : isWhole ? this.#wholeTtl(entry) : left;
    const kept = wasKnown ? this.#memory.cache.letters.of(name) : undefined;
    return recordsOf(entry, profile.keepsLetters ? kept : name, wasKnown ? this.#shown(entry, ttl) : ttl);
  }

  /** The end of a chain of aliases; undefined: the entry is one more. */
  endOf(
    { entry, staleBecause }: Known,
    wasKnown: boolean,
    answering: Answering,
    records: readonly ResourceRecord[],
    isForwarded: boolean,
  ): Resolution | undefined {
    const { profile } = this.#asker;
    const { answer } = answering;
    if (profile.stale?.isExplained === true) answering.staleBecause ??= staleBecause;
    const why = answering.staleBecause && { extendedError: staleAnswer(answering.staleBecause) };
    switch (entry.outcome) {
      case 'failed': {
        const { extendedError } = entry;
        const { failsWithAliases } = profile;
        const isTold = failsWithAliases === 'always' || (failsWithAliases === 'known' && wasKnown);
        return { ...bare('SERVFAIL'), ...(isTold && { answer }), ...(extendedError && { extendedError }) };
      }
      case 'nxdomain':
        return isForwarded
          ? bare('NOERROR')
          : { rcode: 'NXDOMAIN', answer, authority: records, additional: [], ...why };
      case 'nodata':
        return { rcode: 'NOERROR', answer, authority: records, additional: this.#memory.glue(entry), ...why };
      case 'found': {
        const additional = this.#memory.addresses(entry);
        return { rcode: 'NOERROR', answer: [...answer, ...records], authority: [], additional, ...why };
      }
      case 'alias':
        return undefined;
    }
  }

  /** As it is told to those who have waited for it: within the program's bounds. */
  #wholeTtl(entry: Entry): number {
    const { minimumNegativeTtl, maximumNegativeTtl, livesLeast } = this.#asker.profile;
    if (!isDenial(entry) && !livesLeast) return entry.ttl;
    return Math.min(maximumNegativeTtl, Math.max(minimumNegativeTtl, entry.recordTtl));
  }

  /** The TTL that is told of a denial's SOA is its own, whatever its life is bounded to, and so of an alias that came with NXDOMAIN (kresd); or that of everything is. */
  #shown(entry: Entry, ttl: number): number {
    const { showsUnboundedSoa, livesLeast } = this.#asker.profile;
    const isOwn = livesLeast || entry.showsOwnTtl === true || (showsUnboundedSoa && isDenial(entry));
    return isOwn ? Math.max(0, ttl - entry.ttl + entry.recordTtl) : ttl;
  }
}
