import type { Row } from '../../engine/columns.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { listLine } from '../../kernel/conntrack/entry.ts';
import type { conntrackEvent, conntrackRefresh, natRule } from '../../kernel/records.ts';
import { splitEndpoint } from '../../network/address.ts';
import { birthOf, type Flow } from '../flows.ts';
import { type IpvsPacket, ipvsLine, ipvsText } from '../ipvs-evidence.ts';
import { packetRow, packetSteps, type Rewriting } from '../packet-path.ts';
import type { TraceRecord } from '../records.ts';
import type { Met, Scene } from '../scene.ts';
import { capitalised, inSeconds, instant } from '../words.ts';
import type { Evidence } from './account.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';
import { packetEvidence } from './packet-line.ts';

type Born = Row<typeof conntrackEvent.columns>;
type Refreshed = Row<typeof conntrackRefresh.columns>;
type NatRule = Row<typeof natRule.columns>;

/** What one node did with one packet at one instant. */
interface Passage {
  readonly at: string;
  readonly t: Micros;
  readonly seq: number;
  readonly trace: TraceId;
  readonly rules: NatRule[];
  born: Born | undefined;
  met: Refreshed | undefined;
  /** Of a packet from the client. */
  ipvs: IpvsPacket | undefined;
  rewritten: Rewriting | undefined;
}

/** What the nodes' kernels did with packets on the way: entries met, rules read, addresses changed. */
export function kernelSteps(records: readonly TraceRecord[], strands: Strands, scene: Scene): Draft[] {
  const rows = records.flatMap(packetRow);
  const passages = passagesOf(records, packetSteps(rows), scene);
  return passages.flatMap((passage) => passageSteps(passage, strands, scene));
}

/** On the nodes, where connections are tracked. A packet without an entry or a change of its own made no difference. */
function passagesOf(
  records: readonly TraceRecord[],
  steps: readonly ReturnType<typeof packetSteps>[number][],
  scene: Scene,
): Passage[] {
  const passages = new Map<string, Passage>();
  const passageAt = ({ at, t, seq, trace }: Pick<Passage, 'at' | 't' | 'seq' | 'trace'>): Passage => {
    const key = `${trace} ${at} ${t}`;
    const known = passages.get(key);
    if (known !== undefined) return known;
    const passage = {
      at,
      t,
      seq,
      trace,
      rules: [],
      born: undefined,
      met: undefined,
      ipvs: undefined,
      rewritten: undefined,
    };
    passages.set(key, passage);
    return passage;
  };
  for (const { kind, row } of records) {
    if (!('at' in row) || scene.layerOf(row.at) !== 'kernel') continue;
    if (kind === 'netfilter.nat') passageAt(row).rules.push(row);
    else if (kind === 'conntrack.event' && row.type === 'NEW') passageAt(row).born = row;
    else if (kind === 'conntrack.refresh') passageAt(row).met = row;
    else if (kind === 'ipvs.packet' && !row.reply) passageAt(row).ipvs = row;
  }
  const told = new Set<string>();
  for (const step of steps) {
    if (step.kind !== 'rewrite') continue;
    // Of a connection's many segments the first of each direction stands for all.
    const way = `${step.trace} ${step.at} ${step.forth}`;
    if (told.has(way) && !passages.has(`${step.trace} ${step.at} ${step.t}`)) continue;
    told.add(way);
    passageAt(step).rewritten = step;
  }
  return [...passages.values()];
}

function passageSteps(passage: Passage, strands: Strands, scene: Scene): Draft[] {
  const { born, met, ipvs, rules, rewritten } = passage;
  const step = (text: string, tone: Draft['tone'], entry: readonly Evidence[]) => {
    const packet = rewritten === undefined ? [] : packetEvidence(passage.trace, rewritten.after, strands);
    const evidence = [...rules.map(ruleEvidence), ...entry, ...packet];
    return [stepAt(passage, 'kernel', text, { tone, evidence })];
  };
  if (ipvs !== undefined) {
    const tracked: Evidence[] = born === undefined ? [] : [{ kind: 'conntrack', line: listLine(born), age: 0 }];
    const connection: Evidence = { kind: 'ipvs', line: ipvsLine(ipvs), age: Math.round(ipvs.age * second) };
    const text = ipvsText(ipvs, (address, port) => scene.named(address, port));
    return step(`${text}${masqueraded(rewritten, scene)}`, ipvs.weight === 0 ? 'bad' : 'plain', [
      connection,
      ...tracked,
    ]);
  }
  if (born !== undefined) {
    const flow = scene.met(born.seq)?.flow;
    const entry: Evidence = { kind: 'conntrack', line: listLine(born), age: 0 };
    if (flow?.astray === true) return step(astrayText(flow, born, scene), 'bad', [entry]);
    return step(bornText(born, scene), 'plain', [entry]);
  }
  const found = met && scene.met(met.seq);
  if (met !== undefined && found !== undefined) {
    const entry: Evidence = { kind: 'conntrack', line: entryLine(found, met), age: met.t - found.flow.born };
    const isTrap = found.flow.astray && !met.reply;
    return step(metText(passage, met, found, scene), isTrap ? 'bad' : 'plain', [entry]);
  }
  if (rewritten === undefined) return [];
  return step(rewritingText(rewritten, scene), 'plain', []);
}

/** What else became of a packet that IPVS sent on: its source may have changed too. */
function masqueraded(rewritten: Rewriting | undefined, scene: Scene): string {
  const changes = rewritten === undefined ? [] : changesOf(rewritten, scene).filter((one) => one.startsWith('source'));
  return changes.length === 0 ? '' : ` ${capitalised(changes.join('; '))}.`;
}

/** The first packet of a flow: rules are read, and an entry keeps what they said. */
function bornText(born: Born, scene: Scene): string {
  const asked = endsIn({
    source: born.originalSource,
    sourcePort: born.originalSourcePort,
    destination: born.originalDestination,
    destinationPort: born.originalDestinationPort,
  });
  const sent = endsIn({
    source: born.replyDestination,
    sourcePort: born.replyDestinationPort,
    destination: born.replySource,
    destinationPort: born.replySourcePort,
  });
  const changes = changesBetween(asked, sent, scene);
  const said = changes.length === 0 ? 'none of the nat table changes it' : changes.join('; ');
  return `No conntrack entry fits the packet, so the rules are read: ${said}. A new entry keeps that for ${born.timeout} s.`;
}

function astrayText(flow: Flow, born: Born, scene: Scene): string {
  const why = `No conntrack entry fits the packet, and ${birthOf(flow, scene.store)}.`;
  return `${why} It keeps the Service's address, leaves as ${flow.replyDestination}, and its new entry keeps that for ${born.timeout} s.`;
}

/** What comes back in a flow: of a connection its first segment is no answer yet. */
function replyWord(packet: Rewriting['after'] | undefined): string {
  if (packet?.protocol !== 'tcp' || packet.size > 0) return 'The answer';
  return packet.detail === 'S.' ? 'The SYN-ACK' : `A reply of TCP alone (Flags [${packet.detail}])`;
}

function metText({ rewritten }: Passage, met: Refreshed, { flow, before }: Met, scene: Scene): string {
  const age = `born at ${instant(flow.born)}, ${inSeconds(met.t - flow.born)} ago`;
  const changes = rewritten === undefined ? [] : changesOf(rewritten, scene);
  const done = changes.length === 0 ? '' : ` ${capitalised(changes.join('; '))}.`;
  const timer = `${inSeconds(before - met.t)} left of its time, now ${met.timeout} s again`;
  if (met.reply) return `${replyWord(rewritten?.after)} belongs to a conntrack entry (${age}).${done}`;
  const way = flow.astray
    ? ` It leaves as ${flow.replyDestination} for ${flow.destination}, where nobody answers.`
    : done;
  return `The packet fits a conntrack entry (${age}; ${timer}), so no rule is read.${way}`;
}

function rewritingText(rewritten: Rewriting, scene: Scene): string {
  const changes = changesOf(rewritten, scene).join('; ');
  return rewritten.forth
    ? `${capitalised(changes)}.`
    : `${replyWord(rewritten.after)} belongs to the query's conntrack entry: ${changes}.`;
}

function changesOf({ before, after, forth }: Rewriting, scene: Scene): string[] {
  const back = forth ? '' : ' again';
  return changesBetween(endsIn(before), endsIn(after), scene).map((change) => `${change}${back}`);
}

interface Ends {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
}

type Addressed = Pick<Rewriting['before'], 'source' | 'sourcePort' | 'destination' | 'destinationPort'>;

function endsIn({ source, sourcePort, destination, destinationPort }: Addressed): Ends {
  return {
    source: { address: source, port: sourcePort },
    destination: { address: destination, port: destinationPort },
  };
}

function changesBetween(before: Ends, after: Ends, scene: Scene): string[] {
  return (['destination', 'source'] as const).flatMap((end) => {
    const [from, to] = [before[end], after[end]].map(({ address, port }) => scene.named(address, port));
    return from === to ? [] : [`${end} ${from} becomes ${to}`];
  });
}

function ruleEvidence({ rule }: NatRule): Evidence {
  return { kind: 'rule', table: 'nat', line: rule };
}

/** The entry as it stood when the packet had met it. */
function entryLine({ flow }: Met, { id, timeout, seenReply, assured }: Refreshed): string {
  const [originalSource, originalSourcePort] = endsOf(flow.source);
  const [originalDestination, originalDestinationPort] = endsOf(flow.destination);
  const [replySource, replySourcePort] = endsOf(flow.replySource);
  const [replyDestination, replyDestinationPort] = endsOf(flow.replyDestination);
  return listLine({
    protocol: 'udp',
    state: '',
    timeout,
    originalSource,
    originalSourcePort,
    originalDestination,
    originalDestinationPort,
    replySource,
    replySourcePort,
    replyDestination,
    replyDestinationPort,
    seenReply,
    assured,
    id,
  });
}

function endsOf(endpoint: string): readonly [string, number] {
  const { address, port } = splitEndpoint(endpoint);
  return [address, port];
}
