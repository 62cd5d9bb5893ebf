import { nodeOfCache } from '../../cluster/node-local-dns/name.ts';
import type { Row } from '../../engine/columns.ts';
import type { RecordHeader, TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { packetCaptured, packetSent } from '../../kernel/records.ts';
import { type Question, questionsIn } from '../questions.ts';
import type { TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import type { AccountStep, Evidence, Layer } from './account.ts';

/** A step before it is known what place it has in the account. */
export type Draft = Omit<AccountStep, 'depth' | 'earlier' | 'aside'>;

/** What the records of one lookup tell about its queries, to word what others of them say. */
export interface Strands {
  /** Name and type asked for on a strand. */
  readonly questions: ReadonlyMap<TraceId, Question>;
  /** Number of the first record of a strand. */
  readonly begins: ReadonlyMap<TraceId, number>;
  /** The first packet of a strand. */
  readonly packets: ReadonlyMap<TraceId, Row<typeof packetSent.columns>>;
  /** Numbers of the records of first packets of TCP connections, without their repetitions. */
  readonly dialled: ReadonlySet<number>;
  /** Numbers of the records of queries that their server had been sent before, by the same id. */
  readonly repeated: ReadonlySet<number>;
  /** Queries in tcpdump's words, by strand, as far as whoever sent them tells what is in them. */
  readonly queries: ReadonlyMap<TraceId, string>;
  /** Strands on which a server's reply did not fit. */
  readonly truncated: ReadonlySet<TraceId>;
  /** Octets of a server's reply on a strand. */
  readonly replySizes: ReadonlyMap<TraceId, number>;
  /** Places and times at which sockets learned of an error: `app 65003000`. */
  readonly refusals: ReadonlySet<string>;
  /** Number of the record of the first candidate out of the search list. */
  readonly firstListed: number | undefined;
  /** The same of the first candidate of all: with dots enough that is the name as it stands. */
  readonly firstTried: number | undefined;
  /** Where tcpdump ran: packets by strand. */
  readonly captured: ReadonlyMap<TraceId, readonly Row<typeof packetCaptured.columns>[]>;
}

export function strandsOf(records: readonly TraceRecord[]): Strands {
  const begins = new Map<TraceId, number>();
  const packets = new Map<TraceId, Row<typeof packetSent.columns>>();
  const ports = new Set<string>();
  const dialled = new Set<number>();
  const queries = new Map<TraceId, string>();
  const replySizes = new Map<TraceId, number>();
  const truncated = new Set<TraceId>();
  const refusals = new Set<string>();
  let firstListed: number | undefined;
  let firstTried: number | undefined;
  const captured = new Map<TraceId, Row<typeof packetCaptured.columns>[]>();
  for (const { kind, row } of records) {
    if (!begins.has(row.trace)) begins.set(row.trace, row.seq);
    switch (kind) {
      case 'packet.sent':
        if (!packets.has(row.trace)) packets.set(row.trace, row);
        if (row.detail === 'S' && !ports.has(`${row.at} ${row.sourcePort}`)) dialled.add(row.seq);
        ports.add(`${row.at} ${row.sourcePort}`);
        break;
      case 'packet.captured':
        captured.set(row.trace, [...(captured.get(row.trace) ?? []), row]);
        break;
      case 'server.query':
        replySizes.set(row.trace, row.size);
        if (row.did === 'tc') truncated.add(row.trace);
        break;
      case 'socket.error':
        refusals.add(`${row.at} ${row.t}`);
        break;
      case 'resolver.candidate':
        firstTried ??= row.seq;
        if (row.cause === 'search-list') firstListed ??= row.seq;
        break;
      case 'resolver.query':
        // What else a query with EDNS says is not recorded.
        if (Number.isNaN(row.edns)) queries.set(row.trace, `${row.id}+ ${row.type}? ${row.name}`);
    }
  }
  return {
    questions: questionsIn(records),
    begins,
    packets,
    dialled,
    repeated: repeatedIn(records),
    queries,
    captured,
    truncated,
    replySizes,
    refusals,
    firstListed,
    firstTried,
  };
}

function repeatedIn(records: readonly TraceRecord[]): ReadonlySet<number> {
  const [asked, repeated] = [new Set<string>(), new Set<number>()];
  for (const { kind, row } of records) {
    if (kind !== 'resolver.query') continue;
    const question = `${row.server} ${row.name} ${row.type}`;
    if (row.retransmission && asked.has(question)) repeated.add(row.seq);
    asked.add(question);
  }
  return repeated;
}

/** A step at the place and time of a record. */
export function stepAt(
  { t, seq, trace, at }: Omit<RecordHeader, 'cause'>,
  layer: Layer,
  text: string,
  more: { readonly tone?: AccountStep['tone']; readonly evidence?: readonly Evidence[] } = {},
): Draft {
  const own = layer === 'coredns' && nodeOfCache(at) !== undefined ? 'node-cache' : layer;
  return { t, seq, trace, at, layer: own, tone: more.tone ?? 'plain', text, evidence: more.evidence ?? [] };
}

/** A draft with its place. All of it is written out: to copy it and add to the copy is slow, and a page tells of thousands. */
export function placed(
  draft: Draft,
  { depth, aside, earlier }: Pick<AccountStep, 'depth' | 'aside' | 'earlier'>,
): AccountStep {
  const { t, seq, trace, at, layer, tone, text, evidence } = draft;
  return { t, seq, trace, at, layer, tone, text, evidence, depth, aside, earlier };
}

/** The line of a process's Corefile at a place such as `Corefile:5`. */
export function lineEvidence(process: string, place: string, at: Micros, { quote }: Scene): Evidence[] {
  const [, file = '', line] = /^(.*):(\d+)$/.exec(place) ?? [];
  const text = quote(process, place, at);
  return text === '' ? [] : [{ kind: 'line', file, line: Number(line), text }];
}
