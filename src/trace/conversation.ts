import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { lookupEnded, lookupStarted } from '../workload/records.ts';
import { type Handling, handlingOf, type NameOf } from './handling.ts';
import { type RowOf, recordsBelow, type TraceRecord } from './records.ts';

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
type DraftQuery = Omit<Draft<AskedQuery>, 'handled'> & { readonly handled: Handling[] };
interface DraftName extends Omit<TriedName, 'queries' | 'events'> {
  readonly queries: DraftQuery[];
  readonly events: ResolverEvent[];
}

function namesIn(records: readonly TraceRecord[], until: Micros, store: ColumnStore, nameOf: NameOf): TriedName[] {
  const names: DraftName[] = [];
  const queries = new Map<TraceId, DraftQuery>();
  for (const record of records) {
    const { kind, row } = record;
    if (row.t > until) break;
    switch (kind) {
      case 'resolver.candidate':
        names.push({ t: row.t, name: row.candidate, reason: row.cause, queries: [], events: [] });
        break;
      case 'resolver.query': {
        const own = names.findLast(({ name }) => name === row.name) ?? names.at(-1);
        const query = queryOf(row, own?.queries ?? []);
        own?.queries.push(query);
        queries.set(row.trace, query);
        break;
      }
      case 'resolver.reply': {
        const query = queries.get(row.trace);
        const { t, rcode, answers, cause: use } = row;
        if (query !== undefined) query.reply ??= { t, rcode, answers, use };
        break;
      }
      case 'resolver.timeout':
      case 'resolver.mode':
      case 'resolver.error':
        names.at(-1)?.events.push(eventOf(record));
        break;
      default: {
        const query = nearestQuery(row.trace, queries, store);
        const handling = query && handlingFor(query, record, nameOf);
        if (handling) query.handled.push(handling);
      }
    }
  }
  for (const { handled } of names.flatMap((name) => name.queries)) handled.sort((a, b) => a.t - b.t);
  return names;
}

function queryOf(row: RowOf<'resolver.query'>, before: readonly DraftQuery[]): DraftQuery {
  const { t, trace, type, server, protocol, localPort, socket, retransmission } = row;
  // The same message to another server is no repetition to the reader.
  const again = retransmission && before.some((one) => one.server === server && one.type === type);
  return { t, trace, type, server, protocol, localPort, socket, again, reply: undefined, handled: [] };
}

type EventRecord = Extract<TraceRecord, { readonly kind: 'resolver.timeout' | 'resolver.mode' | 'resolver.error' }>;

function eventOf({ kind, row }: EventRecord): ResolverEvent {
  const { t, server, cause } = row;
  switch (kind) {
    case 'resolver.timeout':
      return { t, kind: 'waited', server, what: row.waited };
    case 'resolver.mode':
      return { t, kind: 'mode', server, what: cause };
    case 'resolver.error':
      return { t, kind: 'error', server, what: cause };
  }
}

/** The query that a strand belongs to. */
function nearestQuery(trace: TraceId, queries: ReadonlyMap<TraceId, DraftQuery>, store: ColumnStore) {
  for (let strand = trace; strand > 0; strand = store.parentOf(strand)) {
    const query = queries.get(strand);
    if (query !== undefined) return query;
  }
  return undefined;
}

function handlingFor(query: DraftQuery, record: TraceRecord, nameOf: NameOf): Handling | undefined {
  const { row } = record;
  // Probes of upstreams that its failure began are none of its own business, whoever answers them.
  const isProbe = 'type' in row && row.type === 'NS' && query.type !== 'NS';
  return isProbe ? undefined : handlingOf(record, query.trace, nameOf);
}
