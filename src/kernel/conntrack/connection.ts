import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Address, Packet } from '../../network/packet.ts';
import type { TcpState } from './tcp-states.ts';

export type TrackedProtocol = 'udp' | 'tcp';

/** What identifies one direction of a flow. */
export interface Tuple {
  readonly protocol: TrackedProtocol;
  readonly source: Address;
  readonly sourcePort: number;
  readonly destination: Address;
  readonly destinationPort: number;
}

/** A tracked flow: read from the table for a packet, changed, written back. */
export interface Connection {
  /** Place in the table; -1 until confirmed. */
  slot: number;
  readonly original: Tuple;
  reply: Tuple;
  /** Were the two NAT decisions taken? "No rule" is a decision too. */
  destinationDecided: boolean;
  sourceDecided: boolean;
  /** Does the reply tuple differ because of them? */
  destinationChanged: boolean;
  sourceChanged: boolean;
  /** Index of the device whose address MASQUERADE gave; 0: none. */
  masqueradeDevice: number;
  seenReply: boolean;
  assured: boolean;
  /** Made for the answers to a packet that lost the race to insert its flow: lookups find its reply tuple only. */
  replyOnly: boolean;
  /** For TCP. */
  state: TcpState;
  /** TCP: the end of what each side has sent, and whether the other has not acknowledged it yet. */
  originalEnd: number;
  replyEnd: number;
  originalUnacknowledged: boolean;
  replyUnacknowledged: boolean;
  readonly created: Micros;
  expires: Micros;
  mark: number;
  readonly id: number;
  /** The strand that made it. */
  readonly trace: TraceId;
}

export function tupleOf(packet: Packet): Tuple | undefined {
  if (packet.protocol === 'icmp') return undefined;
  const { protocol, source, sourcePort, destination, destinationPort } = packet;
  return { protocol, source, sourcePort, destination, destinationPort };
}

/** The tuple of what comes back. */
export function inverse({ protocol, source, sourcePort, destination, destinationPort }: Tuple): Tuple {
  return {
    protocol,
    source: destination,
    sourcePort: destinationPort,
    destination: source,
    destinationPort: sourcePort,
  };
}
