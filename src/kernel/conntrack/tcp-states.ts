/** As conntrack prints them; `NONE`: not TCP, or nothing seen yet. */
export const tcpStates = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
] as const;
export type TcpState = (typeof tcpStates)[number];

const closing: readonly TcpState[] = ['FIN_WAIT', 'CLOSE_WAIT', 'LAST_ACK', 'TIME_WAIT', 'CLOSE'];

/** Is a connection on its way out, so that a table that is full may forget it? (tcp_can_early_drop) */
export function closes(state: TcpState): boolean {
  return closing.includes(state);
}

/** What a segment means to the state machine. */
export type TcpKind = 'syn' | 'synack' | 'fin' | 'ack' | 'rst';

/** `ignore`: let pass, change nothing. `invalid`: does not belong. */
type Next = TcpState | 'ignore' | 'invalid';

/** Short names for the tables below, in the order of `tcpStates`. */
const short: Readonly<Record<string, Next>> = {
  ss: 'SYN_SENT',
  sr: 'SYN_RECV',
  es: 'ESTABLISHED',
  fw: 'FIN_WAIT',
  cw: 'CLOSE_WAIT',
  la: 'LAST_ACK',
  tw: 'TIME_WAIT',
  cl: 'CLOSE',
  s2: 'SYN_SENT2',
  ig: 'ignore',
  iv: 'invalid',
};

const row = (text: string): readonly Next[] => text.split(' ').map((name) => short[name] ?? 'invalid');

/** Next state by kind of segment; columns are `tcpStates` (net/netfilter/nf_conntrack_proto_tcp.c, 6.x). */
const transitions: Readonly<Record<'original' | 'reply', Readonly<Record<TcpKind, readonly Next[]>>>> = {
  original: {
    syn: row('ss ss ig ig ig ig ig ss ss s2'),
    synack: row('iv iv sr iv iv iv iv iv iv sr'),
    fin: row('iv iv fw fw la la la tw cl iv'),
    ack: row('es iv es es cw cw tw tw cl iv'),
    rst: row('iv cl cl cl cl cl cl cl cl cl'),
  },
  reply: {
    syn: row('iv s2 iv iv iv iv iv ss iv s2'),
    synack: row('iv sr ig ig ig ig ig ig ig sr'),
    fin: row('iv iv fw fw la la la tw cl iv'),
    ack: row('iv ig sr es cw cw tw tw cl ig'),
    rst: row('iv cl cl cl cl cl cl cl cl cl'),
  },
};

export function nextTcpState(direction: 'original' | 'reply', kind: TcpKind, state: TcpState): Next {
  return transitions[direction][kind][tcpStates.indexOf(state)] ?? 'invalid';
}
