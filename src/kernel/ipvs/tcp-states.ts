import { type Micros, second } from '../../engine/time.ts';
import type { Packet } from '../../network/packet.ts';

/** States of a TCP connection as IPVS sees it, and how long each lasts without a packet (tcp_timeouts of ip_vs_proto_tcp.c). */
export const tcpTimeouts = {
  NONE: 2 * second,
  ESTABLISHED: 900 * second,
  SYN_SENT: 120 * second,
  SYN_RECV: 60 * second,
  FIN_WAIT: 120 * second,
  TIME_WAIT: 120 * second,
  CLOSE: 10 * second,
  CLOSE_WAIT: 60 * second,
  LAST_ACK: 30 * second,
  LISTEN: 120 * second,
  SYNACK: 120 * second,
} as const satisfies Readonly<Record<string, Micros>>;

export type TcpState = keyof typeof tcpTimeouts;

type Flag = 'syn' | 'fin' | 'ack' | 'rst';
/** The state that follows, by the state before. */
type Row = Readonly<Record<TcpState, TcpState>>;

function row(text: string): Row {
  const [NONE, ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT, TIME_WAIT, CLOSE, CLOSE_WAIT, LAST_ACK, LISTEN, SYNACK] = text
    .split(' ')
    .map((short) => names[short] ?? 'CLOSE');
  const or = (state: TcpState | undefined): TcpState => state ?? 'CLOSE';
  return {
    NONE: or(NONE),
    ESTABLISHED: or(ESTABLISHED),
    SYN_SENT: or(SYN_SENT),
    SYN_RECV: or(SYN_RECV),
    FIN_WAIT: or(FIN_WAIT),
    TIME_WAIT: or(TIME_WAIT),
    CLOSE: or(CLOSE),
    CLOSE_WAIT: or(CLOSE_WAIT),
    LAST_ACK: or(LAST_ACK),
    LISTEN: or(LISTEN),
    SYNACK: or(SYNACK),
  };
}

const names: Readonly<Record<string, TcpState>> = {
  NO: 'NONE',
  ES: 'ESTABLISHED',
  SS: 'SYN_SENT',
  SR: 'SYN_RECV',
  FW: 'FIN_WAIT',
  TW: 'TIME_WAIT',
  CL: 'CLOSE',
  CW: 'CLOSE_WAIT',
  LA: 'LAST_ACK',
  LI: 'LISTEN',
  SA: 'SYNACK',
};

/** tcp_states of ip_vs_proto_tcp.c for masquerading: `in` from the client, `out` from the real server. Columns: NO ES SS SR FW TW CL CW LA LI SA. */
const next: Readonly<Record<'in' | 'out', Readonly<Record<Flag, Row>>>> = {
  in: {
    syn: row('SR ES ES SR SR SR SR SR SR SR SR'),
    fin: row('CL CW SS TW TW TW CL CW LA LI TW'),
    ack: row('CL ES SS ES FW TW CL CW CL LI ES'),
    rst: row('CL CL CL SR CL CL CL CL LA LI SR'),
  },
  out: {
    syn: row('SS ES SS SR SS SS SS SS SS LI SR'),
    fin: row('TW FW SS TW FW TW CL TW LA LI TW'),
    ack: row('ES ES SS ES FW TW CL CW LA ES ES'),
    rst: row('CL CL SS CL CL TW CL CL CL CL CL'),
  },
};

/** The state after a packet. */
export function nextTcpState(
  state: TcpState,
  direction: 'in' | 'out',
  { syn, fin, ack, rst }: Extract<Packet, { protocol: 'tcp' }>,
): TcpState {
  const flag = rst ? 'rst' : syn ? 'syn' : fin ? 'fin' : ack ? 'ack' : undefined;
  return flag === undefined ? 'CLOSE' : next[direction][flag][state];
}
