import type { World } from '../cluster/world.ts';
import { hostOf } from './hosts.ts';
import type { HostStep } from './journey.ts';
import type { Note, Told } from './journey-notes.ts';
import type { Hopping, PacketStep } from './packet-path.ts';

/** Packets and notes of a strand in one row; hosts that only hand packets on are passed over. */
export function journeySteps(packets: readonly PacketStep[], told: Told, world: World): HostStep[] {
  const kept = hostsToShow(packets, told.notes, world);
  const joined = joinHops(packets.filter(isOfInterest), kept);
  const steps = [...joined, ...told.notes].sort((a, b) => a.seq - b.seq);
  return steps.map((step) => hostStep(step, told, world));
}

function hostStep(step: PacketStep | Note, told: Told, world: World): HostStep {
  const { t } = step;
  switch (step.kind) {
    case 'hop': {
      const tone = step.lost ? 'lost' : step.forth ? 'query' : 'reply';
      return { t, from: step.from, to: step.to, label: labelOf(step, told), tone };
    }
    case 'rewrite':
      return { t, from: step.at, to: step.at, label: step.text, tone: 'rewrite' };
    case 'end':
      return { t, from: step.at, to: step.at, label: `dropped: ${step.cause}`, tone: 'trouble' };
    case 'note': {
      const host = hostOf(world, step.at);
      return { t, from: host, to: host, label: step.label, tone: step.tone };
    }
  }
}

/** TCP segments that only acknowledge say nothing. */
function isOfInterest(step: PacketStep): boolean {
  return (
    step.kind !== 'hop' ||
    step.protocol !== 'tcp' ||
    step.size > 0 ||
    step.detail.includes('S') ||
    step.detail.includes('R')
  );
}

function hostsToShow(packets: readonly PacketStep[], notes: readonly Note[], world: World): ReadonlySet<string> {
  const shown = new Set(notes.map((note) => hostOf(world, note.at)));
  const handedOn = new Set<string>();
  for (const step of packets) {
    if (step.kind === 'hop') {
      if (!handedOn.has(`${step.trace} ${step.from}`)) shown.add(step.from);
      handedOn.add(`${step.trace} ${step.to}`);
      if (step.lost) shown.add(step.to);
    } else shown.add(step.at);
  }
  return shown;
}

/** Joins the wires of one packet between two hosts that are shown. */
function joinHops(packets: readonly PacketStep[], kept: ReadonlySet<string>): PacketStep[] {
  const joined: PacketStep[] = [];
  for (const step of packets) {
    const open = step.kind === 'hop' ? findOpen(joined, step, kept) : -1;
    const before = joined[open];
    if (step.kind === 'hop' && before?.kind === 'hop') joined[open] = { ...before, to: step.to, lost: step.lost };
    else joined.push(step);
  }
  return joined;
}

function findOpen(joined: readonly PacketStep[], hop: Hopping, kept: ReadonlySet<string>): number {
  if (kept.has(hop.from)) return -1;
  return joined.findLastIndex(
    (step) => step.kind === 'hop' && step.trace === hop.trace && step.forth === hop.forth && step.to === hop.from,
  );
}

function labelOf(hop: Hopping, { questions, replies }: Told): string {
  if (hop.protocol === 'icmp') return hop.detail;
  if (hop.protocol === 'tcp' && hop.size === 0) return `TCP ${hop.detail}`;
  const question = questions.get(hop.trace);
  const asked = question === undefined ? '' : `${question.type}? ${question.name.replace(/\.$/, '')}`;
  return hop.forth ? asked || 'query' : (replies.get(hop.trace) ?? 'reply');
}
