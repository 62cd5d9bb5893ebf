import type { World } from '../../cluster/world.ts';
import type { ColumnStore, Row } from '../../engine/columns.ts';
import type { RecordHeader, TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { packetCaptured, packetSent } from '../../kernel/records.ts';
import type { ResolverDescription } from '../../resolver/description.ts';
import type { Flow } from '../flows.ts';
import { hostOf, hostWith } from '../hosts.ts';
import { type Quote, quoteFrom } from '../quote.ts';
import type { TraceRecord } from '../records.ts';
import type { AccountStep, Evidence, Layer } from './account.ts';

/** A step before it is known what place it has in the account. */
export type Draft = Omit<AccountStep, 'depth' | 'earlier' | 'aside'>;

/** An entry as a packet met it. `before`: when it would have expired without that packet. */
export interface Met {
  readonly flow: Flow;
  readonly before: Micros;
}

/** What the telling of any lookup needs to know of a run beside the lookup's own records. */
export class Scene {
  readonly world: World;
  readonly store: ColumnStore;
  readonly quote: Quote;
  readonly flows: readonly Flow[];
  readonly #layers: ReadonlyMap<string, Layer>;
  #met: ReadonlyMap<number, Met> | undefined;

  constructor(world: World, store: ColumnStore, flows: readonly Flow[]) {
    this.world = world;
    this.store = store;
    this.flows = flows;
    this.quote = quoteFrom(world, store);
    this.#layers = layersOf(world);
  }

  layerOf(at: string): Layer {
    return this.#layers.get(at) ?? 'network';
  }

  /** The entry that a record of the kernel's is about, by the record's number. */
  met(seq: number): Met | undefined {
    this.#met ??= metEntries(this.flows);
    return this.#met.get(seq);
  }

  /** `coredns-1 (10.244.1.3:53)`; what nobody here has as it is. */
  named(address: string, port?: number): string {
    const name = this.nameOf(address);
    const endpoint = port === undefined ? address : `${address}:${port}`;
    return name === address ? endpoint : `${name} (${endpoint})`;
  }

  /** The pod, process or server with an address, or the Service; the address where there is none. */
  nameOf(address: string): string {
    const service = this.world.services.find((one) => one.address === address);
    return service === undefined ? hostWith(this.world, address) : `Service ${service.name}`;
  }

  hostOf(name: string): string {
    return hostOf(this.world, name);
  }

  resolverOf(workload: string): ResolverDescription | undefined {
    const found = this.world.workloads.find(({ name }) => name === workload);
    return found?.kind === 'lookups' ? found.resolver : undefined;
  }

  /** The line of a process's Corefile at a place such as `Corefile:5`. */
  lineOf(process: string, place: string, at: Micros): Evidence[] {
    const [, file = '', line] = /^(.*):(\d+)$/.exec(place) ?? [];
    const text = this.quote(process, place, at);
    return text === '' ? [] : [{ kind: 'line', file, line: Number(line), text }];
  }
}

function layersOf(world: World): Map<string, Layer> {
  const layers = new Map<string, Layer>();
  for (const { host } of world.workloads) layers.set(host, 'resolver');
  for (const { name, host, role } of world.servers) {
    for (const at of [name, host]) layers.set(at, role === 'recursor' ? 'recursor' : 'authority');
  }
  for (const { name, host } of world.coredns) for (const at of [name, host]) layers.set(at, 'coredns');
  for (const node of world.kubeProxyOn) layers.set(node, 'kernel');
  return layers;
}

function metEntries(flows: readonly Flow[]): Map<number, Met> {
  const met = new Map<number, Met>();
  for (const flow of flows) {
    for (const [index, { seq, expires }] of flow.steps.entries()) {
      met.set(seq, { flow, before: flow.steps[index - 1]?.expires ?? expires });
    }
  }
  return met;
}

/** What the records of one lookup tell about its queries, to word what others of them say. */
export interface Strands {
  /** Name and type asked for on a strand. */
  readonly questions: ReadonlyMap<TraceId, Question>;
  /** The first packet of a strand. */
  readonly packets: ReadonlyMap<TraceId, Row<typeof packetSent.columns>>;
  /** Queries in tcpdump's words, by strand, as far as whoever sent them tells what is in them. */
  readonly queries: ReadonlyMap<TraceId, string>;
  /** Where tcpdump ran: packets by strand. */
  readonly captured: ReadonlyMap<TraceId, readonly Row<typeof packetCaptured.columns>[]>;
}

export interface Question {
  readonly name: string;
  readonly type: string;
}

export function strandsOf(records: readonly TraceRecord[]): Strands {
  const questions = new Map<TraceId, Question>();
  const packets = new Map<TraceId, Row<typeof packetSent.columns>>();
  const queries = new Map<TraceId, string>();
  const captured = new Map<TraceId, Row<typeof packetCaptured.columns>[]>();
  for (const { kind, row } of records) {
    switch (kind) {
      case 'packet.sent':
        if (!packets.has(row.trace)) packets.set(row.trace, row);
        break;
      case 'packet.captured':
        captured.set(row.trace, [...(captured.get(row.trace) ?? []), row]);
        break;
      case 'resolver.query':
        questions.set(row.trace, { name: row.name, type: row.type });
        // What else a query with EDNS says is not recorded.
        if (Number.isNaN(row.edns)) queries.set(row.trace, `${row.id}+ ${row.type}? ${row.name}`);
        break;
      case 'server.query':
      case 'coredns.request':
      case 'workload.reply':
        questions.set(row.trace, { name: row.name, type: row.type });
        break;
      case 'coredns.forward':
        questions.set(row.upstream, { name: row.name, type: row.type });
    }
  }
  return { questions, packets, queries, captured };
}

/** A step at the place and time of a record. */
export function stepAt(
  { t, seq, trace, at }: Omit<RecordHeader, 'cause'>,
  layer: Layer,
  text: string,
  more: { readonly tone?: AccountStep['tone']; readonly evidence?: readonly Evidence[] } = {},
): Draft {
  return { t, seq, trace, at, layer, tone: more.tone ?? 'plain', text, evidence: more.evidence ?? [] };
}
