import { endpointsChanged, proxySync, proxyTurn } from '../cluster/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { natRule } from '../kernel/records.ts';
import type { Flow } from './flows.ts';
import { instant } from './words.ts';

/** What a kube-proxy does after each turn; undefined: it works. */
const states: Readonly<Record<string, string>> = {
  stop: 'has been stopped since',
  hang: 'hangs since',
  'fail restores': 'cannot restore since',
};

/** What of a flow tells where its packets went. */
type LedFlow = Pick<Flow, 'host' | 'service' | 'trace' | 'leftAt' | 'steps'>;

/**
 * Why a node's rules led a packet to an end point that had left its Service by then: `the rules of node-1 still led
 * there, as its kube-proxy hangs since 20 s`. Undefined: they did not.
 */
export function ruleLags(store: ColumnStore, flows: readonly LedFlow[]): (trace: TraceId) => string | undefined {
  const led = new Map<TraceId, { readonly node: string; readonly t: Micros; readonly address: string }>();
  for (const { trace, at: node, t, cause, rule } of store.rows(natRule)) {
    const address = cause === 'dnat' ? /(?:--to-destination|dnat to) \[?([^\s\]]+?)\]?:\d+/.exec(rule)?.[1] : undefined;
    if (address !== undefined) led.set(trace, { node, t, address });
  }
  // What meets an entry goes where the rules had led the first packet; as long as they are the same they lead there still.
  const doing = proxyStates(store);
  const syncs = syncsByProxier(store);
  const neglect = neglectsBy(doing, syncs);
  for (const { trace: first, host, leftAt, steps, service } of flows) {
    const way = led.get(first);
    if (way === undefined) continue;
    for (const { trace, t, reply } of steps) {
      if (reply || led.has(trace)) continue;
      if (leftAt === undefined || service === undefined) led.set(trace, way);
      else if (t >= leftAt && neglect(host, service, way.address, t) === undefined) led.set(trace, { ...way, t });
    }
  }
  const changes = [...store.rows(endpointsChanged)];
  return (trace) => {
    const way = led.get(trace);
    if (way === undefined) return undefined;
    const notReady = leftAt(changes, way.address, way.t);
    if (notReady === undefined) return undefined;
    // One that terminates is led to on purpose while none is ready (KEP-1669): it left when that was over.
    const isChosen = syncs.get(proxierOf(way.node, way.address))?.some(({ t, inUse }) => {
      return t > notReady && t <= way.t && [...inUse].some((one) => one.endsWith(`=${way.address}`));
    });
    const left = (isChosen === true ? ledToUntil(changes, way.address, notReady, way.t) : undefined) ?? notReady;
    const why = doing(way.node, way.t) ?? 'had not followed yet';
    return `the rules of ${way.node} still led there, though it had left the end points at ${instant(left)}: its kube-proxy ${why}`;
  };
}

/** What a node's kube-proxy is unable to do at an instant: `hangs since 20 s`; undefined: it works. */
type Doing = (node: string, at: Micros) => string | undefined;

function proxyStates(store: ColumnStore): Doing {
  const turns = [...store.rows(proxyTurn)];
  return (node, at) => {
    const turn = turns.findLast((row) => row.at === node && row.t <= at);
    const state = turn && states[turn.cause];
    return state === undefined ? undefined : `${state} ${instant(turn?.t ?? 0)}`;
  };
}

/** Why an entry of a Service, known by its ClusterIP, to an end point that left is still there: what its node's kube-proxy has done about it until then. Undefined: it works, and its rules lead there too. */
export function neglects(store: ColumnStore): Neglect {
  return neglectsBy(proxyStates(store), syncsByProxier(store));
}

type Neglect = (node: string, service: string, endpoint: string, at: Micros) => string | undefined;

function neglectsBy(doing: Doing, syncs: ReadonlyMap<string, readonly Sync[]>): Neglect {
  return (node, service, endpoint, at) => {
    const state = doing(node, at);
    if (state !== undefined) return `the kube-proxy of ${node}, which deletes such entries, ${state}`;
    let takenOut: Micros | undefined;
    for (const { t, inUse } of syncs.get(proxierOf(node, endpoint)) ?? []) {
      if (t > at) break;
      takenOut = inUse.has(`${service}=${endpoint}`) ? undefined : (takenOut ?? t);
    }
    if (takenOut === undefined) return undefined;
    return `the kube-proxy of ${node} had taken it out of its rules at ${instant(takenOut)}, and forgotten the entry`;
  };
}

type Change = Row<typeof endpointsChanged.columns>;

/** Since when an address has been no ready end point of any Service, where it had been one. */
function leftAt(changes: readonly Change[], address: string, at: Micros): Micros | undefined {
  const has = (list: string) => list.split(' ').includes(address);
  const before = changes.filter(({ t }) => t <= at);
  const last = before.findLastIndex(({ addresses }) => has(addresses));
  const service = before[last]?.at;
  // Without a change that shows it ready it was so from the start.
  const isLeaving = (row: Change) =>
    service === undefined ? has(row.serving) || has(row.terminating) : row.at === service;
  return before.slice(last + 1).find(isLeaving)?.t;
}

/** When a terminating end point, led to because none was ready, stopped serving or had a ready one beside it; undefined: it was not led to for that, or is still. */
function ledToUntil(changes: readonly Change[], address: string, notReady: Micros, at: Micros): Micros | undefined {
  const isLast = ({ addresses, serving }: Change) => addresses === '' && serving.split(' ').includes(address);
  const service = changes.find((row) => row.t === notReady && isLast(row))?.at;
  if (service === undefined) return undefined;
  return changes.find((row) => row.at === service && row.t > notReady && row.t <= at && !isLast(row))?.t;
}

interface Sync {
  readonly t: Micros;
  /** `10.96.0.10=10.244.1.3`: the end points that the rules lead to from then on. */
  readonly inUse: ReadonlySet<string>;
}

/** A node's kube-proxy brings the rules of each family up to date by itself: the one that leads to an address. */
function proxierOf(node: string, address: string): string {
  return `${node} ${address.includes(':') ? 'ipv6' : 'ipv4'}`;
}

/** When each node's kube-proxy brought the rules of each family up to date. */
export function syncsByProxier(store: ColumnStore): ReadonlyMap<string, readonly Sync[]> {
  const done = [...store.rows(proxySync)].filter(({ cause }) => cause !== 'failed');
  const byProxier = grouped(done, ({ at, family }) => `${at} ${family}`);
  return new Map(
    [...byProxier].map(([proxier, rows]) => [
      proxier,
      rows.map(({ t, endpoints }) => ({ t, inUse: new Set(endpoints.split(' ')) })),
    ]),
  );
}
