import type { Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { packetDropped } from '../kernel/records.ts';
import { splitEndpoint } from '../network/address.ts';
import { type Cluster, clusterEvidence } from './cluster-evidence.ts';
import { conntrackEvidence } from './conntrack-evidence.ts';
import type { LateAnswer } from './late.ts';
import { causeOf, endBefore, endInShort, endText } from './process-ends.ts';
import { inSeconds, processTitle } from './words.ts';

type Dropped = Row<typeof packetDropped.columns>;

/** Why a packet was dropped; the row's own cause, and the text in full, unless it says otherwise. */
interface Told {
  readonly cause?: string;
  readonly text: string;
  readonly short?: string;
}

/** What is known of the time in which a packet was dropped. */
interface Surroundings extends Cluster {
  /** The packet was an answer that came too late. */
  readonly answer: LateAnswer | undefined;
  readonly lagOf: (trace: TraceId) => string | undefined;
  readonly isNode: (host: string) => boolean;
  /** Processes on a host whose own port it is, even where the host is a node. */
  readonly processesOn: (host: string, port: number) => readonly string[];
}

export function dropEvidence(row: Dropped, surroundings: Surroundings): Told {
  const { answer, lagOf, nameOf, isNode } = surroundings;
  return (
    (answer && lateEvidence(row, answer, nameOf)) ??
    processEvidence(row, surroundings) ??
    conntrackEvidence(row, nameOf) ??
    withLag(clusterEvidence(row, surroundings), lagOf(row.trace)) ??
    plainEvidence(row, nameOf, isNode(row.at))
  );
}

function lateEvidence(
  row: Dropped,
  { isUntranslated, after, asker: address, behind }: LateAnswer,
  nameOf: (address: string) => string,
): Told {
  const [server, asker] = [nameOf(row.source), nameOf(row.destination)];
  if (isUntranslated && address !== row.destination) {
    const text = `an answer of ${server} came to ${asker} ${inSeconds(after)} after the question, and nobody there had asked: the conntrack entry that would have led it on to ${nameOf(address)} was gone`;
    return { cause: 'answer-untranslated', text };
  }
  if (isUntranslated) {
    const text = `an answer came to ${asker} from ${server}'s own address, which it had not asked: the conntrack entry that would have translated it was gone`;
    return { cause: 'answer-untranslated', text };
  }
  const short = `an answer of ${server} came ${inSeconds(after)} after the question, when ${asker} waited no longer`;
  if (behind === undefined) return { cause: 'late-answer', text: short };
  const whom = nameOf(splitEndpoint(behind.upstream).address);
  const text = `${short}, as ${behind.recursor} had waited ${inSeconds(behind.waited)} for ${whom}`;
  return { cause: 'late-answer', text, short };
}

/** Nobody listens, or nobody reads any more. */
function processEvidence(row: Dropped, surroundings: Surroundings): Told | undefined {
  const { lives, ends, lagOf, nameOf, processesOn } = surroundings;
  if (row.cause === 'unread') {
    const ending = `${processTitle(row.at)} was ending`;
    const text = `${ending}, and left a packet from ${nameOf(row.source)} unread`;
    return { cause: 'coredns-stopped', text, short: ending };
  }
  if (row.cause !== 'port-closed') return undefined;
  const closed = `${row.protocol.toUpperCase()} port ${row.destinationPort} is closed`;
  // Of a pod on its node's network the address tells more than the host.
  const listeners = [row.at, ...processesOn(row.at, row.destinationPort), ...lives.podsWith(row.destination, row.t)];
  const end = endBefore(row.t, listeners, ends);
  const plain = isOfConnection(row)
    ? connectionClosed(row, nameOf)
    : { text: `${row.at} refused ${nameOf(row.source)}: its ${closed}`, short: `${row.at}'s ${closed}` };
  if (end === undefined) return withLag(plain, lagOf(row.trace));
  const title = processTitle(end.at);
  const again = Number.isFinite(end.until) ? `, and listened again at ${inSeconds(end.until)}` : '';
  const text = `${title} ${endText(end)}${again}: its ${closed}`;
  return withLag({ cause: causeOf(end), text, short: `${title} ${endInShort(end)}` }, lagOf(row.trace));
}

/** A segment of a TCP connection that was there, not the beginning of one. */
function isOfConnection({ protocol, detail }: Dropped): boolean {
  return protocol === 'tcp' && !detail.includes('S');
}

function connectionClosed(row: Dropped, nameOf: (address: string) => string): Told {
  const [at, peer] = [row.at, nameOf(row.source)];
  const text = `${at} had closed the TCP connection from ${peer} before: what came by it was answered with a reset`;
  return { cause: 'connection-closed', text, short: `${at} had closed the TCP connection from ${peer}` };
}

/** Was it of no use any more to whoever had sent it? A reset, or the end of a connection. */
export function isFarewell({ protocol, cause, detail }: Dropped): boolean {
  return protocol === 'tcp' && cause === 'port-closed' && /[RF]/.test(detail);
}

function plainEvidence(row: Dropped, nameOf: (address: string) => string, onNode: boolean): Told {
  const [source, destination] = [nameOf(row.source), nameOf(row.destination)];
  // Beyond the nodes there are routes to all that is described.
  if (row.cause === 'route-blackhole' && destination === row.destination && !onNode) {
    const text = `nobody has the address ${destination}: a packet from ${source} to its port ${row.destinationPort} was lost`;
    return { cause: 'no-such-host', text, short: `nobody has the address ${destination}` };
  }
  if (row.cause === 'not-forwarding') {
    const text = `${row.at} forwards nothing (net.ipv4.ip_forward, or its like for IPv6, is 0): a packet from ${source} to ${destination} port ${row.destinationPort} ended there`;
    return { text, short: `${row.at} forwards nothing` };
  }
  const did = row.cause === 'rule-reject' ? 'rejected' : 'dropped';
  const text = `${row.at} ${did} a packet from ${source} to ${destination} port ${row.destinationPort} (${row.where}: ${row.rule || row.cause})`;
  return { text };
}

function withLag(told: Told | undefined, lag: string | undefined): Told | undefined {
  return told === undefined || lag === undefined ? told : { ...told, text: `${told.text}; ${lag}` };
}
