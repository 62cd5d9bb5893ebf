import type { World } from '../cluster/world.ts';
import type { Changeable } from '../engine/changeable.ts';
import { hostOf, hostWith } from './hosts.ts';
import type { HostStep } from './journey.ts';
import type { Note, Told } from './journey-notes.ts';
import type { Hopping, PacketStep, Rewriting } from './packet-path.ts';

/** Wires of one packet between two hosts where something happened to it. `as`: the source that it was given on the way. */
type Carried = Hopping & { readonly as: string };
type Joined = Exclude<PacketStep, Hopping> | Carried;
type Shown = Joined | Note;

/** Packets and notes of a strand in one row; hosts that only hand packets on, or undo a translation, are passed over. */
export function journeySteps(packets: readonly PacketStep[], told: Told, world: World): HostStep[] {
  const carried = joinHops(packets.filter(isOfInterest));
  const inLanes = carried.map(toNodeCaches(carried, world));
  return [...inLanes, ...told.notes].sort((a, b) => a.seq - b.seq).map((step) => hostStep(step, told, world));
}

/** What begins or ends on a node with NodeLocal DNSCache, and was neither translated nor dropped there, is that process's. */
function toNodeCaches(carried: readonly Joined[], { nodeCaches = [] }: World) {
  if (nodeCaches.length === 0) return (step: Joined) => step;
  const caches = new Map(nodeCaches.map(({ host, name }) => [host, name]));
  const kernels = new Set(carried.flatMap((step) => (step.kind === 'hop' ? [] : [`${step.trace} ${step.at}`])));
  const place = (host: string, trace: number) => (kernels.has(`${trace} ${host}`) ? host : (caches.get(host) ?? host));
  return (step: Joined): Joined =>
    step.kind === 'hop' ? { ...step, from: place(step.from, step.trace), to: place(step.to, step.trace) } : step;
}

function hostStep(step: Shown, told: Told, world: World): HostStep {
  const { t } = step;
  switch (step.kind) {
    case 'hop': {
      const tone = step.lost ? 'lost' : step.forth ? 'query' : 'reply';
      return { t, from: step.from, to: step.to, label: labelOf(step, told, world), tone };
    }
    case 'rewrite': {
      const to = hostWith(world, step.after.destination);
      const by = told.byIpvs.has(`${step.trace} ${step.at}`) ? 'IPVS' : 'DNAT';
      const label = `${by} ${step.before.destination} to ${to === step.after.destination ? '' : `${to}, `}${step.after.destination}`;
      return { t, from: step.at, to: step.at, label, tone: 'rewrite' };
    }
    case 'end':
      return { t, from: step.at, to: step.at, label: endsOf[step.cause] ?? `dropped: ${step.cause}`, tone: 'trouble' };
    case 'note': {
      const host = hostOf(world, step.at);
      return { t, from: host, to: host, label: step.label, tone: step.tone };
    }
  }
}

/** TCP segments that only acknowledge say nothing, nor do their translations. */
function isOfInterest(step: PacketStep): boolean {
  if (step.kind === 'end') return true;
  const { protocol, size, detail } = step.kind === 'rewrite' ? step.after : step;
  return protocol !== 'tcp' || size > 0 || detail.includes('S') || detail.includes('R');
}

function isShown(step: Rewriting): boolean {
  return step.forth && step.before.destination !== step.after.destination;
}

/** A wire that others may yet be joined to. */
type Drafted = Exclude<PacketStep, Hopping> | Changeable<Carried>;

function joinHops(packets: readonly PacketStep[]): Joined[] {
  const joined: Drafted[] = [];
  // Where the wires of each strand stand: a storm has thousands of strands, each of them few wires.
  const wires = new Map<number, number[]>();
  for (const [index, step] of packets.entries()) {
    if (step.kind === 'rewrite' && !isShown(step)) continue;
    if (step.kind !== 'hop') {
      joined.push(step);
      continue;
    }
    const rewritten = packets[index - 1];
    const inHost = rewritten?.kind === 'rewrite' && rewritten.trace === step.trace ? rewritten : undefined;
    const own = wires.get(step.trace) ?? [];
    const open = inHost !== undefined && isShown(inHost) ? -1 : findOpen(joined, own, step);
    const before = joined[open];
    const as = inHost?.forth === true && inHost.before.source !== inHost.after.source ? inHost.after.source : '';
    if (before?.kind === 'hop') {
      before.to = step.to;
      before.lost = step.lost;
      if (as !== '') before.as = as;
      continue;
    }
    wires.set(step.trace, own);
    own.push(joined.length);
    // All of it is written out: to copy it and add to the copy is slow, and a storm has tens of thousands.
    const { kind, t, seq, trace, from, to, forth, lost, protocol, detail, size } = step;
    joined.push({ kind, t, seq, trace, from, to, forth, lost, protocol, detail, size, as });
  }
  return joined;
}

/** The wire of a strand by which the packet had come to the host that now sends it on; -1: none. */
function findOpen(joined: readonly Joined[], wires: readonly number[], hop: Hopping): number {
  const open = wires.findLast((index) => {
    const step = joined[index];
    return step?.kind === 'hop' && step.forth === hop.forth && step.to === hop.from;
  });
  return open ?? -1;
}

function labelOf(hop: Carried, { questions, replies, handshakes }: Told, world: World): string {
  if (hop.protocol === 'icmp') return hop.detail;
  if (hop.protocol === 'tcp' && hop.size === 0) return `TCP ${flags[hop.detail] ?? hop.detail}`;
  const shaken = handshakes.get(hop.trace);
  if (shaken !== undefined && hop.seq < (hop.forth ? shaken.over : shaken.asked)) return 'TLS';
  const question = questions.get(hop.trace);
  if (!hop.forth) return replies.get(hop.trace) ?? 'reply';
  if (question === undefined) return 'query';
  const what = hop.as === '' ? question.name.replace(/\.$/, '') : `as ${hostWith(world, hop.as)}`;
  return `${question.type}? ${what}`;
}

/** Segments without data by their flags, as tcpdump has them. */
const flags: Readonly<Record<string, string>> = {
  S: 'SYN',
  'S.': 'SYN-ACK',
  '.': 'ACK',
  'F.': 'FIN',
  R: 'RST',
  'R.': 'RST',
};

/** How packets end, in words that need no table. */
const endsOf: Readonly<Record<string, string>> = {
  'rule-reject': 'rejected by a rule',
  'rule-drop': 'dropped by a rule',
  'route-blackhole': 'lost: no route',
  'port-closed': 'port closed',
  'no-power': 'lost: no power',
  'conntrack-clash': 'dropped: insert_failed',
  'conntrack-table-full': 'dropped: conntrack table full',
};
