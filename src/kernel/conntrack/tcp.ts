import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import type { Connection } from './connection.ts';
import type { TcpFlow, TcpSide } from './tcp-flow.ts';
import { nextTcpState, type TcpKind, type TcpState } from './tcp-states.ts';

type TcpPacket = Packet & { protocol: 'tcp' };

/**
 * `gone`: the entry ends. `again`: it ends and the packet begins a new one. `invalid`: the packet does not belong to it.
 * `in-sync`: both ends had agreed on what was ignored here, and so it counts as if SYN_SENT had gone before.
 */
export type TcpVerdict = 'accept' | 'in-sync' | 'invalid' | 'gone' | 'again';

const timeoutNames: Readonly<Record<TcpState, string>> = {
  NONE: 'syn_sent',
  SYN_SENT: 'syn_sent',
  SYN_SENT2: 'syn_sent',
  SYN_RECV: 'syn_recv',
  ESTABLISHED: 'established',
  FIN_WAIT: 'fin_wait',
  CLOSE_WAIT: 'close_wait',
  LAST_ACK: 'last_ack',
  TIME_WAIT: 'time_wait',
  CLOSE: 'close',
};

function tcpKind(packet: TcpPacket): TcpKind {
  if (packet.rst) return 'rst';
  if (packet.syn) return packet.ack ? 'synack' : 'syn';
  return packet.fin ? 'fin' : 'ack';
}

const endOf = (packet: TcpPacket) => packet.sequence + packet.length + (packet.syn ? 1 : 0) + (packet.fin ? 1 : 0);

/** Can a flow begin with this segment? With a SYN, or with nf_conntrack_tcp_loose with any that may come in the middle. */
export function tcpCanBegin(packet: TcpPacket, sysctls: Sysctls): boolean {
  const next = nextTcpState('original', tcpKind(packet), 'NONE');
  if (next === 'invalid' || next === 'ignore') return false;
  return next === 'SYN_SENT' || sysctls.get('net.netfilter.nf_conntrack_tcp_loose') !== 0;
}

/**
 * Follows a segment: state, ASSURED, timer (nf_conntrack_tcp_packet). Windows are not modelled, so no segment is
 * outside of one.
 */
export function tcpPacket(
  connection: Connection,
  flow: TcpFlow,
  packet: TcpPacket,
  reply: boolean,
  now: number,
  sysctls: Sysctls,
  rules: KernelRules,
): TcpVerdict {
  const old = connection.state;
  const kind = tcpKind(packet);
  let next = nextTcpState(reply ? 'reply' : 'original', kind, old);
  if (next === 'invalid') return 'invalid';
  if (next === 'ignore') {
    if (!agrees(flow, packet, kind, reply)) return 'accept';
    followData(flow, packet, kind, reply);
    connection.state = 'SYN_RECV';
    connection.expires = now + timeoutOf(connection, flow, kind, sysctls) * second;
    return 'in-sync';
  }
  if (next === 'SYN_SENT' && (old === 'TIME_WAIT' || old === 'CLOSE')) return 'again';
  if (kind === 'rst' && rules.resetMustMatch) {
    const reset = judgeReset(connection, flow, packet, reply);
    if (reset === 'invalid') return 'invalid';
    if (reset === 'perhaps') next = old;
  }
  flow.ignoredSyn = false;
  followData(flow, packet, kind, reply);
  if (!connection.seenReply && connection.slot >= 0) {
    if (kind === 'rst') {
      connection.state = next;
      return 'gone';
    }
    const repeated = kind === 'syn' && old === 'SYN_SENT' && !reply;
    if (repeated && !rules.synRetransmissionRefreshes) return 'accept';
  }
  connection.state = next;
  if (connection.seenReply && next === 'ESTABLISHED' && (old === 'SYN_RECV' || old === 'ESTABLISHED'))
    connection.assured = true;
  connection.expires = now + timeoutOf(connection, flow, kind, sysctls) * second;
  return 'accept';
}

/** Notes a segment that is ignored. Is it the answer to a SYN that was, so that both ends are of one mind? */
function agrees(flow: TcpFlow, packet: TcpPacket, kind: TcpKind, reply: boolean): boolean {
  const answers = kind === 'synack' && reply && flow.ignoredSyn;
  flow.ignoredSyn = kind === 'syn' && !reply;
  if (!answers) return false;
  Object.assign(flow.original, { end: packet.acknowledgement, acknowledged: 0, waits: false });
  Object.assign(flow.reply, { end: 0, acknowledged: 0, waits: false });
  return true;
}

/**
 * Does a RST end the connection? One older than what its receiver has acknowledged does not belong to it; one that does
 * not have exactly that number `perhaps` does: an established connection stays, in case its receiver challenges it.
 */
function judgeReset(
  { state, assured }: Connection,
  flow: TcpFlow,
  { sequence }: TcpPacket,
  reply: boolean,
): 'ends' | 'perhaps' | 'invalid' {
  const { acknowledged } = reply ? flow.original : flow.reply;
  const established = state === 'ESTABLISHED' && assured;
  if (acknowledged === 0 || (sequence === 0 && !established)) return 'ends';
  if (sequence < acknowledged) return 'invalid';
  const followsItsData = flow.lastWasAck && flow.lastWasReply === reply && flow.lastEnd === sequence;
  return !established || sequence === acknowledged || followsItsData ? 'ends' : 'perhaps';
}

/** Seconds that the entry lives from now. */
function timeoutOf({ state, seenReply }: Connection, flow: TcpFlow, kind: TcpKind, sysctls: Sysctls): number {
  const timeout = (name: string) => sysctls.get(`net.netfilter.nf_conntrack_tcp_timeout_${name}`);
  const own = timeout(timeoutNames[state]);
  if (flow.retransmissions >= sysctls.get('net.netfilter.nf_conntrack_tcp_max_retrans'))
    return Math.min(own, timeout('max_retrans'));
  if (kind === 'rst') return timeout('close');
  const pickedUp = state === 'ESTABLISHED' && !seenReply;
  const waits = flow.original.waits || flow.reply.waits;
  if (waits || pickedUp) return Math.min(own, timeout('unacknowledged'));
  // Until a plain ACK has come no window is known, which counts as one of 0.
  return flow.lastEnd === 0 ? Math.min(own, timeout('max_retrans')) : own;
}

/** What has been sent and not been acknowledged yet, and whether a segment comes again (tcp_in_window). */
function followData(flow: TcpFlow, packet: TcpPacket, kind: TcpKind, reply: boolean): void {
  const end = endOf(packet);
  const [sender, receiver]: TcpSide[] = reply ? [flow.reply, flow.original] : [flow.original, flow.reply];
  if (sender === undefined || receiver === undefined) return;
  if (kind !== 'rst') {
    sender.waits ||= sender.end !== 0 && end > sender.end;
    sender.end = Math.max(sender.end, end);
    if (packet.ack) {
      sender.acknowledged = Math.max(sender.acknowledged, packet.acknowledgement);
      if (packet.acknowledgement >= receiver.end) receiver.waits = false;
    }
  }
  if (kind === 'ack') {
    const same =
      flow.lastWasReply === reply && flow.lastEnd === end && flow.lastAcknowledgement === packet.acknowledgement;
    flow.retransmissions = same ? flow.retransmissions + 1 : 0;
    flow.lastEnd = end;
    flow.lastAcknowledgement = packet.acknowledgement;
  }
  flow.lastWasReply = reply;
  flow.lastWasAck = kind === 'ack';
}
