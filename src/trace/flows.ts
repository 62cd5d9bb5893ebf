import type { EndpointDescription } from '../cluster/endpoint.ts';
import { proxyCommit } from '../cluster/records.ts';
import { nodesOf, type World } from '../cluster/world.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { conntrackEvent, conntrackRefresh } from '../kernel/records.ts';
import { joinEndpoint, splitEndpoint } from '../network/address.ts';
import { type MetService, servicesMet } from './service-met.ts';
import { counted, instant } from './words.ts';

/** The life of one conntrack entry. */
export interface Flow {
  /** The node that tracks it. */
  readonly host: string;
  readonly protocol: string;
  /** `address:port` as the first packet had them. */
  readonly source: string;
  readonly destination: string;
  /** `address:port` that an answer must have. */
  readonly replySource: string;
  readonly replyDestination: string;
  readonly born: Micros;
  /** The strand of its first packet. */
  readonly trace: TraceId;
  /** Each packet or event that set its timer or flags, its birth first. */
  readonly steps: readonly FlowStep[];
  readonly ended: Micros | undefined;
  /** What ended it: `expired`, `deleted`, …; empty while it lives. */
  readonly endedBy: string;
  /** ClusterIP of the Service whose rules its first packet met, at whatever address; undefined: none's. */
  readonly service: string | undefined;
  /** Goes to a Service's address under that address still: no DNAT rule stood when it was born. */
  readonly astray: boolean;
  /** When the end point that it leads to left its Service, though the entry stayed. */
  readonly leftAt: Micros | undefined;
}

/** A packet that made a conntrack entry, changed its state or only renewed it. `expires`: the instant at which the entry then runs out. */
export interface FlowStep {
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly kind: 'birth' | 'change' | 'refresh';
  readonly reply: boolean;
  readonly expires: Micros;
  readonly seenReply: boolean;
  readonly assured: boolean;
}

type Draft = { -readonly [K in keyof Flow]: Flow[K] } & { readonly steps: FlowStep[] };

/** Every tracked flow on the nodes, in order of birth. */
export function readFlows(store: ColumnStore, world: World): Flow[] {
  const serviceMet = servicesMet(world);
  const departures = departuresIn(world);
  const tables = new Map(nodesOf(world).map((node) => [node, new Map<number, Draft>()]));
  const flows: Draft[] = [];
  for (const row of inOrder(store.rows(conntrackEvent), store.rows(conntrackRefresh))) {
    const alive = tables.get(row.at);
    if (alive === undefined) continue;
    const { id } = row;
    if ('reply' in row) alive.get(id)?.steps.push(stepOf(row, 'refresh', row.reply));
    else if (row.type === 'NEW') {
      const flow = begin(row, serviceMet(row), departures);
      alive.set(id, flow);
      flows.push(flow);
    } else if (row.type === 'UPDATE')
      alive.get(id)?.steps.push(stepOf(row, 'change', !lastOf(alive.get(id))?.seenReply));
    else end(alive, row);
  }
  for (const alive of tables.values()) for (const flow of alive.values()) expire(flow, world.until);
  return flows;
}

/** Records of two kinds in the order written. */
function* inOrder<A extends RecordHeader, B extends RecordHeader>(
  left: Iterator<A>,
  right: Iterator<B>,
): Generator<A | B> {
  let [a, b] = [left.next(), right.next()];
  while (a.done !== true || b.done !== true) {
    if (b.done === true || (a.done !== true && a.value.seq < b.value.seq)) {
      if (a.done !== true) yield a.value;
      a = left.next();
    } else {
      yield b.value;
      b = right.next();
    }
  }
}

type EventRow = Row<typeof conntrackEvent.columns>;

function begin(row: EventRow, service: MetService | undefined, departures: Departures): Draft {
  const astray = service?.clusterIp === row.originalDestination && row.replySource === row.originalDestination;
  const left = astray || service === undefined ? undefined : departures(row.replySource, service.name, row.t);
  return {
    host: row.at,
    protocol: row.protocol,
    source: joinEndpoint(row.originalSource, row.originalSourcePort),
    destination: joinEndpoint(row.originalDestination, row.originalDestinationPort),
    replySource: joinEndpoint(row.replySource, row.replySourcePort),
    replyDestination: joinEndpoint(row.replyDestination, row.replyDestinationPort),
    born: row.t,
    trace: row.trace,
    steps: [stepOf(row, 'birth', false)],
    ended: undefined,
    endedBy: '',
    service: service?.clusterIp,
    astray,
    leftAt: left,
  };
}

/** When an end point left its Service after an instant, if it was there then. */
type Departures = (endpoint: string, service: string, born: Micros) => Micros | undefined;

function departuresIn(world: World): Departures {
  const known = new Map<string, ReturnType<typeof presencesOf>>();
  return (endpoint, service, born) => {
    const key = `${service} ${endpoint}`;
    const presences = known.get(key) ?? presencesOf(endpoint, service, world);
    known.set(key, presences);
    if (presences.findLast(({ from }) => from < born)?.isThere === false) return undefined;
    return presences.find(({ from, isThere }) => from >= born && !isThere)?.from;
  };
}

/** Was an end point its Service's? By instant from which that held. */
function presencesOf(endpoint: string, service: string, { services, events }: World) {
  const isThere = (endpoints: readonly EndpointDescription[]) =>
    endpoints.some(({ address, ready, serving }) => address === endpoint && (ready || serving));
  const first = services.filter(({ name }) => name === service);
  const changes = events.flatMap((event) => {
    if (event.kind === 'set-endpoints' && event.service === service)
      return [{ at: event.at, endpoints: event.endpoints }];
    if (event.kind !== 'set-service' || event.service.name !== service) return [];
    return [{ at: event.at, endpoints: event.service.endpoints }];
  });
  return [
    ...first.map(({ endpoints }) => ({ from: Number.NEGATIVE_INFINITY, isThere: isThere(endpoints) })),
    ...changes.sort((a, b) => a.at - b.at).map(({ at, endpoints }) => ({ from: at, isThere: isThere(endpoints) })),
  ];
}

/** Packets of its own direction that met an entry which led to an end point that had left. */
export function misledBy({ leftAt, steps }: Flow): readonly FlowStep[] {
  return leftAt === undefined ? [] : steps.filter(({ t, reply }) => !reply && t >= leftAt);
}

function stepOf(
  row: Pick<EventRow, 't' | 'seq' | 'trace' | 'timeout' | 'seenReply' | 'assured'>,
  kind: FlowStep['kind'],
  reply: boolean,
): FlowStep {
  const { t, seq, trace, seenReply, assured } = row;
  return { t, seq, trace, kind, reply, expires: t + row.timeout * second, seenReply, assured };
}

function end(alive: Map<number, Draft>, row: EventRow): void {
  const flow = alive.get(row.id);
  if (flow === undefined) return;
  alive.delete(row.id);
  // An expired entry is met by no packet any more, however late it is collected.
  flow.ended = Math.min(row.t, lastOf(flow)?.expires ?? row.t);
  flow.endedBy = row.cause;
}

/** What has run out by the end of the run lives no more, though nobody has collected it yet. */
function expire(flow: Draft, until: Micros): void {
  const { expires } = lastOf(flow) ?? { expires: Number.POSITIVE_INFINITY };
  if (expires > until) return;
  flow.ended = expires;
  flow.endedBy = 'expired';
}

function lastOf(flow: Flow | undefined): FlowStep | undefined {
  return flow?.steps.at(-1);
}

/** How an entry stood at an instant; undefined where it was not there. */
export function stateAt(flow: Flow, t: Micros): FlowStep | undefined {
  if (t < flow.born || t >= (flow.ended ?? Number.POSITIVE_INFINITY)) return undefined;
  const step = flow.steps.findLast((candidate) => candidate.t <= t);
  return step !== undefined && step.expires > t ? step : undefined;
}

/** Packets of its own direction that renewed its time. */
export function refreshesOf(flow: Flow): readonly FlowStep[] {
  return flow.steps.filter(({ kind, reply }) => kind !== 'birth' && !reply);
}

/** What kube-proxy's tables held for the Service when a flow without DNAT was born: `no rule stood for 10.43.0.10:53: …`. */
export function birthOf(flow: Flow, store: ColumnStore): string {
  const { address } = splitEndpoint(flow.destination);
  const commits = [...store.rows(proxyCommit)].filter(({ at }) => at === flow.host);
  const has = ({ services }: { readonly services: string }) => services.split(' ').includes(address);
  const words: string[] = [];
  const filter = commits.filter(({ t, cause }) => cause === 'filter' && t <= flow.born);
  const [left, before] = [filter.at(-1), filter.at(-2)];
  if (left !== undefined && before !== undefined && has(before) && !has(left))
    words.push(`kube-proxy had taken its REJECT out of the filter table at ${instant(left.t)}`);
  const next = commits.find(({ t, cause }) => cause === 'nat' && t > flow.born);
  if (next !== undefined && has(next)) words.push(`its DNAT came with the nat table at ${instant(next.t)}`);
  const why = words.length === 0 ? '' : ` (${words.join(', ')})`;
  return `no rule stood for ${flow.destination}${why}`;
}

/** The life of an entry that led its packets astray, as sentences. */
export function storyOf(flow: Flow, store: ColumnStore): string {
  const refreshes = refreshesOf(flow);
  const [first, last] = [refreshes[0], refreshes.at(-1)];
  const tuple = `${flow.protocol} ${flow.source} to ${flow.destination}, answers expected from ${flow.replySource} to ${flow.replyDestination}`;
  const birth =
    flow.leftAt === undefined
      ? birthOf(flow, store)
      : `${flow.replySource} was an end point; it left at ${instant(flow.leftAt)}`;
  const born = `Born at ${instant(flow.born)} on ${flow.host}, while ${birth}.`;
  const renewed =
    first === undefined || last === undefined
      ? 'No other packet met it.'
      : `Renewed to ${instant(last.expires - last.t)} by ${counted(refreshes.length, 'packet')}, ${instant(first.t)} to ${instant(last.t)}: a packet that meets an entry follows it, and no rule is read.`;
  return `${tuple}. ${born} ${renewed} ${endOf(flow)}`;
}

function endOf({ ended, endedBy }: Flow): string {
  if (ended === undefined) return 'Alive at the end of the run.';
  return `${endedBy === 'expired' ? 'Ran out' : `Gone (${endedBy})`} at ${instant(ended)}.`;
}
