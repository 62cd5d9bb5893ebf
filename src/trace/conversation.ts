import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { lookupEnded, lookupStarted } from '../workload/records.ts';
import { type Handling, handlingOf, type NameOf } from './handling.ts';
import { recordsBelow, type TraceRecord } from './records.ts';

/** What one lookup said to its servers, and what they made of it: the resolver's side of the way. */
export interface Conversation {
  readonly workload: string;
  readonly trace: TraceId;
  readonly start: Micros;
  /** Undefined: it has not returned when the run ends. */
  readonly end: { readonly t: Micros; readonly result: string; readonly addresses: readonly string[] } | undefined;
  /** The error as the application prints it; empty where there is none. */
  readonly printed: string;
  /** In the order in which they were tried. */
  readonly names: readonly TriedName[];
}

/** A name that a resolver tried in the course of one lookup, and what it asked for it. */
export interface TriedName {
  readonly t: Micros;
  readonly name: string;
  /** Why this one: the cause of `resolver.candidate`. */
  readonly reason: string;
  readonly queries: readonly AskedQuery[];
  /** Times at which the resolver gave up waiting, or changed its ways, in order. */
  readonly events: readonly ResolverEvent[];
}

export interface ResolverEvent {
  readonly t: Micros;
  readonly kind: 'waited' | 'mode' | 'error';
  readonly server: string;
  /** Microseconds, the new mode, or the errno. */
  readonly what: number | string;
}

/** A query as it left the resolver. */
export interface AskedQuery {
  readonly t: Micros;
  readonly trace: TraceId;
  readonly type: string;
  /** Address. */
  readonly server: string;
  readonly protocol: string;
  readonly localPort: number;
  /** Which socket of the resolver, counted from 1. */
  readonly socket: number;
  /** Has this server been sent the same message before? */
  readonly again: boolean;
  readonly reply: Reply | undefined;
  /** What was done with it on its way, in order of time. */
  readonly handled: readonly Handling[];
}

interface Reply {
  readonly t: Micros;
  readonly rcode: string;
  readonly answers: number;
  /** What the resolver did with it: the cause of `resolver.reply`. */
  readonly use: string;
}

/** Every lookup of a run, in the order of their starts. */
export function conversationsIn(store: ColumnStore, world: World): Conversation[] {
  const ends = new Map([...store.rows(lookupEnded)].map((row) => [row.trace, row]));
  return [...store.rows(lookupStarted)].map(({ t, trace, workload }) => {
    const end = ends.get(trace);
    return {
      workload,
      trace,
      start: t,
      end:
        end === undefined
          ? undefined
          : { t: end.t, result: end.result, addresses: end.addresses === '' ? [] : end.addresses.split(' ') },
      printed: end?.printed ?? '',
      names: namesTried(store, world, trace, end?.t ?? world.until),
    };
  });
}

/** The names that were tried below a strand up to an instant, each with its queries. */
export function namesTried(store: ColumnStore, world: World, trace: TraceId, until: Micros): TriedName[] {
  return namesIn([...recordsBelow(store, trace)], until, store, serviceOr(world));
}

/** A Service by its name, such as `kube-dns`; everybody else by the address, as resolv.conf and Corefile have it. */
export function serviceOr({ services }: World): NameOf {
  return (address) => {
    const service = services.find((one) => one.address === address);
    return service === undefined ? address : service.name.slice(service.name.indexOf('/') + 1);
  };
}

type Draft<T> = { -readonly [K in keyof T]: T[K] };
interface DraftName extends Omit<Draft<TriedName>, 'queries' | 'events'> {
  readonly queries: (Omit<Draft<AskedQuery>, 'handled'> & { readonly handled: Handling[] })[];
  readonly events: ResolverEvent[];
}

function namesIn(records: readonly TraceRecord[], until: Micros, store: ColumnStore, nameOf: NameOf): TriedName[] {
  const names: DraftName[] = [];
  const queries = new Map<TraceId, DraftName['queries'][number]>();
  const ownerOf = (trace: TraceId) => {
    for (let strand = trace; strand > 0; strand = store.parentOf(strand)) {
      const query = queries.get(strand);
      if (query !== undefined) return query;
    }
    return undefined;
  };
  for (const record of records) {
    const { kind, row } = record;
    if (row.t > until) break;
    const last = names.at(-1);
    switch (kind) {
      case 'resolver.candidate':
        names.push({ t: row.t, name: row.candidate, reason: row.cause, queries: [], events: [] });
        break;
      case 'resolver.query': {
        const { t, trace, type, server, protocol, localPort, socket, retransmission } = row;
        const own = names.findLast(({ name }) => name === row.name) ?? last;
        // The same message to another server is no repetition to the reader.
        const again = retransmission && own?.queries.some((one) => one.server === server && one.type === type) === true;
        const query = { t, trace, type, server, protocol, localPort, socket, again, reply: undefined };
        const made = { ...query, handled: [] };
        own?.queries.push(made);
        queries.set(trace, made);
        break;
      }
      case 'resolver.reply': {
        const query = queries.get(row.trace);
        const { t, rcode, answers, cause: use } = row;
        if (query !== undefined) query.reply ??= { t, rcode, answers, use };
        break;
      }
      case 'resolver.timeout':
        last?.events.push({ t: row.t, kind: 'waited', server: row.server, what: row.waited });
        break;
      case 'resolver.mode':
        last?.events.push({ t: row.t, kind: 'mode', server: row.server, what: row.cause });
        break;
      case 'resolver.error':
        last?.events.push({ t: row.t, kind: 'error', server: row.server, what: row.cause });
        break;
      default: {
        const query = ownerOf(row.trace);
        // Probes of upstreams that its failure began are none of its own business, whoever answers them.
        const isProbe = 'type' in row && row.type === 'NS' && query?.type !== 'NS';
        const handling = query && !isProbe && handlingOf(record, query.trace, nameOf);
        if (handling) query?.handled.push(handling);
      }
    }
  }
  for (const { handled } of names.flatMap((name) => name.queries)) handled.sort((a, b) => a.t - b.t);
  return names;
}
