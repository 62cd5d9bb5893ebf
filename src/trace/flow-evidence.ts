import { proxyCommit } from '../cluster/records.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { splitEndpoint } from '../network/address.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { birthOf, type Flow, misledBy } from './flows.ts';
import { neglects } from './rule-lag.ts';
import { inSeconds, instant } from './words.ts';

/** Packets of flows that were born without DNAT: the first, and those that met its entry. */
export function* flowEvidence(store: ColumnStore, flows: readonly Flow[]): Generator<Evidence> {
  const neglect = neglects(store);
  const answered = answeredStrands(store, flows);
  const backFor = rulesBack(store, flows);
  for (const flow of flows) {
    yield* leftBehind(flow, neglect, answered);
    if (!flow.astray) continue;
    const birth = birthOf(flow, store);
    const back = backFor(flow);
    const absent = back === undefined ? 'no-rule' : 'no-rule-gap';
    const short = `a conntrack entry without DNAT, born at ${instant(flow.born)} while no rule stood for the Service`;
    const none = `no rule stood on ${flow.host} for ${flow.destination}`;
    const left = `left ${flow.host} as ${flow.replyDestination} to ${flow.destination}, where nobody answers`;
    for (const { t, seq, trace, kind, reply, expires } of flow.steps) {
      if (reply) continue;
      const header = { t, seq, at: flow.host, trace, cause: '' };
      const timer = inSeconds(expires - t);
      if (kind === 'birth') {
        const text = `the packet met no conntrack entry and ${birth}; it ${left}, and made an entry of ${timer}`;
        yield evidenceOf(header, 'way', absent, text, 0, back === undefined ? none : short);
      } else if (back === undefined || back > t) {
        const text = `the packet matched the conntrack entry born at ${instant(flow.born)}, and ${birth}, then as now; it ${left}`;
        yield evidenceOf(header, 'way', absent, text, 0, none);
      } else {
        const text = `the packet matched the conntrack entry born at ${instant(flow.born)}, while ${birth}; it ${left}; the entry was refreshed to ${timer} by this very packet`;
        yield evidenceOf(header, 'way', 'stuck-conntrack-entry', text, 0, short);
      }
    }
  }
}

/** From when on there was a rule again for whom a flow without DNAT had asked: kube-proxy wrote it, or another flow met it. Undefined: never. */
function rulesBack(store: ColumnStore, flows: readonly Flow[]): (flow: Flow) => Micros | undefined {
  const known = new Map<string, Micros[]>();
  const add = (host: string, address: string, t: Micros) => {
    const times = known.get(`${host} ${address}`);
    if (times === undefined) known.set(`${host} ${address}`, [t]);
    else times.push(t);
  };
  for (const { at, t, cause, services } of store.rows(proxyCommit))
    if (cause === 'nat') for (const address of services.split(' ')) add(at, address, t);
  for (const { host, destination, born, astray } of flows)
    if (!astray) add(host, splitEndpoint(destination).address, born);
  return ({ host, destination, born }) =>
    known
      .get(`${host} ${splitEndpoint(destination).address}`)
      ?.reduce<Micros | undefined>(
        (first, t) => (t > born && (first === undefined || t < first) ? t : first),
        undefined,
      );
}

/** Packets of a flow whose end point has left its Service. */
function* leftBehind(
  flow: Flow,
  neglect: ReturnType<typeof neglects>,
  answered: ReadonlySet<TraceId>,
): Generator<Evidence> {
  const { host, born, leftAt = 0, service, replySource } = flow;
  if (service === undefined) return;
  const endpoint = splitEndpoint(replySource).address;
  for (const { t, seq, trace, expires } of misledBy(flow)) {
    const why = neglect(host, service, endpoint, t);
    // Who still answers is no blind alley; and as long as the node's rules lead there too, a new entry would be none better.
    if (answered.has(trace) || why === undefined) continue;
    const short = `a conntrack entry to ${replySource}, which had left the Service at ${instant(leftAt)}`;
    const text = `the packet matched the conntrack entry born at ${instant(born)}, which leads to ${replySource}; that end point left the Service at ${instant(leftAt)}, but the entry stayed (${why}), and this very packet refreshed it to ${inSeconds(expires - t)}`;
    yield evidenceOf({ t, seq, at: host, trace, cause: '' }, 'way', 'stale-conntrack-entry', text, 0, short);
  }
}

/** Queries that reached a CoreDNS, as far as there are flows whose end point has left. */
function answeredStrands(store: ColumnStore, flows: readonly Flow[]): ReadonlySet<TraceId> {
  const answered = new Set<TraceId>();
  if (flows.every((flow) => misledBy(flow).length === 0)) return answered;
  for (const { trace } of store.rows(coreDnsRequest)) answered.add(trace);
  return answered;
}
