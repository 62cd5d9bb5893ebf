import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Address, Packet } from '../../network/packet.ts';
import type { TcpFlow } from './tcp-flow.ts';
import type { TcpState } from './tcp-states.ts';

export type TrackedProtocol = 'udp' | 'tcp' | 'icmp';

/** What identifies one direction of a flow. */
export interface Tuple {
  readonly protocol: TrackedProtocol;
  readonly source: Address;
  /** Of an ICMP echo: its identifier, which is the same both ways. */
  readonly sourcePort: number;
  readonly destination: Address;
  /** Of an ICMP echo: 256 times its type. */
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
  /** `NONE` unless it is TCP. */
  state: TcpState;
  /** Of TCP alone. */
  readonly tcp: TcpFlow | undefined;
  readonly created: Micros;
  expires: Micros;
  mark: number;
  readonly id: number;
  /** The strand that made it. */
  readonly trace: TraceId;
}

/** A flow whose first packet has just come. */
export function newConnection(
  original: Tuple,
  { tcp, created, id, trace }: Pick<Connection, 'tcp' | 'created' | 'id' | 'trace'>,
): Connection {
  return {
    slot: -1,
    original,
    reply: inverse(original),
    destinationDecided: false,
    sourceDecided: false,
    destinationChanged: false,
    sourceChanged: false,
    masqueradeDevice: 0,
    seenReply: false,
    assured: false,
    replyOnly: false,
    state: 'NONE',
    tcp,
    created,
    expires: 0,
    mark: 0,
    id,
    trace,
  };
}

/** Types of ICMP echoes, times 256: request and reply, of both families. */
const echo = { request: 8 << 8, reply: 0, request6: 128 << 8, reply6: 129 << 8 } as const;

/** Undefined for an ICMP error, which belongs to the flow that it is about. */
export function tupleOf(packet: Packet): Tuple | undefined {
  const { source, destination } = packet;
  if (packet.protocol !== 'icmp') {
    const { protocol, sourcePort, destinationPort } = packet;
    return { protocol, source, sourcePort, destination, destinationPort };
  }
  const { protocol, type, id = 0 } = packet;
  if (type !== 'echo-request' && type !== 'echo-reply') return undefined;
  const isRequest = type === 'echo-request';
  const destinationPort =
    typeof source === 'bigint' ? (isRequest ? echo.request6 : echo.reply6) : isRequest ? echo.request : echo.reply;
  return { protocol, source, sourcePort: id, destination, destinationPort };
}

/** The tuple of what comes back. */
export function inverse({ protocol, source, sourcePort, destination, destinationPort }: Tuple): Tuple {
  const isEcho = protocol === 'icmp';
  return {
    protocol,
    source: destination,
    sourcePort: isEcho ? sourcePort : destinationPort,
    destination: source,
    destinationPort: isEcho ? otherEcho(destinationPort) : sourcePort,
  };
}

/** Can a flow begin with it? An echo reply only answers. */
export function canBegin({ protocol, destinationPort }: Tuple): boolean {
  return protocol !== 'icmp' || destinationPort === echo.request || destinationPort === echo.request6;
}

function otherEcho(type: number): number {
  switch (type) {
    case echo.request:
      return echo.reply;
    case echo.request6:
      return echo.reply6;
    case echo.reply6:
      return echo.request6;
    default:
      return echo.request;
  }
}
