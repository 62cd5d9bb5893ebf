import { second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import type { Connection } from './connection.ts';
import { nextTcpState, type TcpKind, type TcpState } from './tcp-states.ts';

type TcpPacket = Packet & { protocol: 'tcp' };

/** `gone`: the entry ends. `again`: it ends and the packet begins a new one. `invalid`: the packet does not belong to it. */
export type TcpVerdict = 'accept' | 'invalid' | 'gone' | 'again';

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

export function tcpKind(packet: TcpPacket): TcpKind {
  if (packet.rst) return 'rst';
  if (packet.syn) return packet.ack ? 'synack' : 'syn';
  return packet.fin ? 'fin' : 'ack';
}

const endOf = (packet: TcpPacket) => packet.sequence + packet.length + (packet.syn ? 1 : 0) + (packet.fin ? 1 : 0);

/** The first segment of a flow: a SYN, or with nf_conntrack_tcp_loose any that could come in the middle. */
export function tcpFirst(connection: Connection, packet: TcpPacket, sysctls: Sysctls): boolean {
  const next = nextTcpState('original', tcpKind(packet), 'NONE');
  if (next === 'invalid' || next === 'ignore') return false;
  if (next !== 'SYN_SENT' && sysctls.get('net.netfilter.nf_conntrack_tcp_loose') === 0) return false;
  connection.originalEnd = endOf(packet);
  return true;
}

/** Follows a segment: state, ASSURED, timer. */
export function tcpPacket(
  connection: Connection,
  packet: TcpPacket,
  reply: boolean,
  now: number,
  sysctls: Sysctls,
  rules: KernelRules,
): TcpVerdict {
  const old = connection.state;
  const kind = tcpKind(packet);
  const next = nextTcpState(reply ? 'reply' : 'original', kind, old);
  if (next === 'invalid') return 'invalid';
  if (next === 'ignore') return 'accept';
  if (next === 'SYN_SENT' && (old === 'TIME_WAIT' || old === 'CLOSE')) return 'again';
  followData(connection, packet, reply);
  if (!connection.seenReply && connection.slot >= 0) {
    if (kind === 'rst') return 'gone';
    const repeated = kind === 'syn' && old === 'SYN_SENT' && !reply;
    if (repeated && !rules.synRetransmissionRefreshes) return 'accept';
  }
  connection.state = next;
  if (connection.seenReply && next === 'ESTABLISHED' && (old === 'SYN_RECV' || old === 'ESTABLISHED'))
    connection.assured = true;
  connection.expires = now + timeoutOf(connection, sysctls) * second;
  return 'accept';
}

/** Seconds that the entry lives from now. */
function timeoutOf(connection: Connection, sysctls: Sysctls): number {
  const own = sysctls.get(`net.netfilter.nf_conntrack_tcp_timeout_${timeoutNames[connection.state]}`);
  const waiting = connection.originalUnacknowledged || connection.replyUnacknowledged;
  const pickedUp = connection.state === 'ESTABLISHED' && !connection.seenReply;
  if (!waiting && !pickedUp) return own;
  return Math.min(own, sysctls.get('net.netfilter.nf_conntrack_tcp_timeout_unacknowledged'));
}

/** What has been sent and not been acknowledged yet. */
function followData(connection: Connection, packet: TcpPacket, reply: boolean): void {
  const end = endOf(packet);
  if (packet.rst) return;
  const sent = reply ? connection.replyEnd : connection.originalEnd;
  const received = reply ? connection.originalEnd : connection.replyEnd;
  if (sent === 0) {
    if (reply) connection.replyEnd = end;
    else connection.originalEnd = end;
  } else if (end > sent) {
    if (reply) [connection.replyEnd, connection.replyUnacknowledged] = [end, true];
    else [connection.originalEnd, connection.originalUnacknowledged] = [end, true];
  }
  if (!packet.ack || packet.acknowledgement < received) return;
  if (reply) connection.originalUnacknowledged = false;
  else connection.replyUnacknowledged = false;
}
