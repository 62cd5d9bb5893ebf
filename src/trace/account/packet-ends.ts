import type { Row } from '../../engine/columns.ts';
import type { packetDropped } from '../../kernel/records.ts';
import { isFarewell } from '../drop-evidence.ts';
import type { TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { whyUnheard } from '../words.ts';
import type { Evidence } from './account.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';

type Dropped = Row<typeof packetDropped.columns>;

/** Packets that ended on the way, and who was told. */
export function endSteps({ kind, row }: TraceRecord, strands: Strands, scene: Scene): Draft[] {
  switch (kind) {
    case 'packet.lost': {
      const text = `The packet from ${scene.nameOf(row.source)} to ${scene.nameOf(row.destination)} is lost on the link behind ${row.at}.`;
      return [stepAt(row, 'network', text, { tone: 'bad' })];
    }
    case 'packet.dropped': {
      // The last words of a TCP connection that the other side has closed already.
      if (isFarewell(row)) return [];
      // REJECT stands in the filter table only; a DROP may stand in any.
      const table = row.cause === 'rule-reject' ? 'filter' : '';
      const evidence: Evidence[] = row.rule === '' ? [] : [{ kind: 'rule', table, line: row.rule }];
      const layer = scene.layerOf(row.at) === 'kernel' ? 'kernel' : 'network';
      return [stepAt(row, layer, dropText(row, strands, scene), { tone: 'bad', evidence })];
    }
    case 'socket.error': {
      const what = learned[row.cause] ?? 'nobody takes its packet';
      const text = row.seen
        ? `${row.owner} learns that ${what}: ${row.cause} from ${row.peer}.`
        : `${row.owner} does not learn that ${what} (${row.cause} from ${row.peer}): ${whyUnheard(row.cause)}, and it goes on waiting.`;
      const layer = scene.layerOf(row.at);
      return [stepAt(row, layer === 'kernel' ? 'network' : layer, text, { tone: 'bad' })];
    }
    case 'icmp.withheld': {
      const text = `An ICMP error (${row.code}) to ${row.destination} is due, but its allowance is used up: nobody is told.`;
      return [stepAt(row, 'kernel', text, { tone: 'bad' })];
    }
    default:
      return [];
  }
}

/** What a socket's error says, where it is not that a packet came to nobody. */
const learned: Readonly<Record<string, string>> = {
  EACCES: 'its packet may not pass',
  ECONNRESET: 'the other side has given the connection up',
  ETIMEDOUT: 'nothing has come back however often it tried',
};

function dropText(row: Dropped, { packets }: Strands, scene: Scene): string {
  const { at, cause, protocol, destinationPort } = row;
  const packet = `the packet from ${scene.nameOf(row.source)} to ${scene.named(row.destination, destinationPort)}`;
  switch (cause) {
    case 'port-closed': {
      const told = protocol === 'tcp' ? 'a reset' : 'ICMP "port unreachable"';
      const asked = packets.get(row.trace);
      const isAnswer = protocol === 'udp' && destinationPort !== asked?.destinationPort;
      if (isAnswer && asked !== undefined && asked.destination !== row.source)
        return `The answer comes from ${scene.named(row.source, row.sourcePort)} itself, not from ${scene.named(asked.destination, asked.destinationPort)} that was asked: its conntrack entry is gone, and nothing translates it back. No socket of ${at} takes it: ${told} goes back.`;
      if (isAnswer)
        return `The answer comes too late: ${at} has closed its port ${destinationPort}, and ${told} goes back.`;
      if (protocol === 'tcp' && !row.detail.includes('S'))
        return `${at} has closed that TCP connection already: a reset goes back.`;
      return `Nobody listens on ${protocol.toUpperCase()} port ${destinationPort} of ${at}: ${told} goes back.`;
    }
    case 'unread':
      return `${at} ends, and leaves ${packet} unread; nobody is told.`;
    case 'receive-buffer-full':
      return `The socket of ${at} for ${packet} is full of packets that its process has not read: this one is lost, and nobody is told.`;
    case 'rule-reject':
      return `A rule of ${at} rejects ${packet}, and an ICMP error goes back.`;
    case 'rule-drop':
      return `A rule of ${at} drops ${packet}; nobody is told.`;
    case 'route-blackhole':
      return `${at} has no route for ${packet}: it ends there, and nobody is told.`;
    case 'no-power':
      return `${at} has no power: ${packet} is lost, and nobody is told.`;
    case 'no-neighbour':
      return `Nobody on the link has the next hop's address, so ${at} drops ${packet}.`;
    case 'neighbour-gone':
      return `${at} still takes it that the next hop is there, as it was when it last answered: ${packet} is lost, and nobody is told.`;
    case 'conntrack-clash':
      return `Two packets of one flow came at once, and ${at} drops the later one: ${packet}.`;
    case 'ipvs-server-gone':
      return `IPVS on ${at} knows the connection of ${packet}, but its real server was deleted: it drops the packet.`;
    case 'ipvs-reused':
      return `The port of ${packet} is used again while conntrack holds its old flow: IPVS on ${at} ends the connection and drops the packet; the next one begins anew.`;
    case 'ipvs-no-real-server':
      return `IPVS on ${at} has no real server for ${packet}: ICMP "port unreachable" goes back.`;
    case 'conntrack-table-full':
      return `The conntrack table of ${at} is full; it drops ${packet}.`;
    default:
      return `${at} drops ${packet} (${row.where}: ${cause}).`;
  }
}
