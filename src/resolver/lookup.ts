import type { Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Source } from '../problem/problem.ts';

/** Which addresses the caller wants: AF_UNSPEC, AF_INET or AF_INET6. */
export type Family = 'any' | 'ipv4' | 'ipv6';

/** The types that a family is asked for, in the order of the queries. */
export function typesOf(family: Family): readonly ('A' | 'AAAA')[] {
  switch (family) {
    case 'any':
      return ['A', 'AAAA'];
    case 'ipv4':
      return ['A'];
    case 'ipv6':
      return ['AAAA'];
  }
}

/** One call of a resolver. */
export interface Lookup {
  /** As the application wrote it: a final dot means "as it is". */
  readonly name: string;
  readonly family: Family;
  /** AI_ADDRCONFIG: no query for a family of which the host has no address. */
  readonly addressConfiguration?: boolean;
  /** AI_CANONNAME. */
  readonly canonicalName?: boolean;
}

/** What the caller gets. */
export interface LookupResult {
  /** `OK`, or the error as the resolver calls it, such as `EAI_AGAIN` or `ENOTFOUND`. */
  readonly result: string;
  /** In the order handed out. */
  readonly addresses: readonly string[];
  /** The error as an application prints it; empty when it went well. */
  readonly printed: string;
  /** errno after a failed call of libc; 0: untouched. */
  readonly errno: number;
}

/** A client's resolver, as one thread of a process calls it. */
export interface Resolver {
  /** The strand of all that is done for the lookup is `trace` or a child of it. */
  lookup(lookup: Lookup, trace: TraceId): Process<LookupResult>;
  /** The file /etc/resolv.conf was written anew; who looks at it again, and when, is the resolver's affair. */
  rewriteResolvConf(source: Source): void;
}
