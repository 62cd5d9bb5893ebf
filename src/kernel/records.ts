import { type Fields, recordKind } from '../engine/recorder.ts';

const packetColumns = {
  /** udp, tcp or icmp. */
  protocol: 'text',
  source: 'text',
  /** 0 for ICMP. */
  sourcePort: 'number',
  destination: 'text',
  destinationPort: 'number',
  /** As tcpdump counts it: octets of data, or of an ICMP message. */
  size: 'number',
  /** TCP flags such as `S.`, or what an ICMP error is about, as tcpdump words it; `ip-proto-17` of a later fragment. */
  detail: 'text',
} as const;

/** A packet as its records have it. */
export type PacketFields = Fields<typeof packetColumns>;

/** A packet left a host by a device and is on its way to another host's device. `at`: the sending host. */
export const packetSent = recordKind('packet.sent', {
  device: 'text',
  to: 'text',
  toDevice: 'text',
  ...packetColumns,
});

/** A packet seen by a capture on a device. `text`: what it carries, as `tcpdump -n` words it. */
export const packetCaptured = recordKind('packet.captured', { device: 'text', text: 'text', ...packetColumns });

/** A packet reached a socket. `owner`: the socket's. */
export const packetDelivered = recordKind('packet.delivered', { owner: 'text', ...packetColumns });

/** A packet ended here. The cause says why; `where`: the hook or step; `rule`: the rule that did it, where one did. */
export const packetDropped = recordKind('packet.dropped', { where: 'text', rule: 'text', ...packetColumns });

/**
 * A rule of the nat table decided how the first packet of a flow is translated. Cause: `dnat`, `snat` or `masquerade`.
 * `rule`: as iptables-save prints it.
 */
export const natRule = recordKind('netfilter.nat', { rule: 'text' });

/** An ICMP error was due but not sent: the allowance of its destination was used up. */
export const icmpWithheld = recordKind('icmp.withheld', { destination: 'text', code: 'text' });

/** An error came in for a socket. Cause: the errno. `seen`: will the owner be told? */
export const socketError = recordKind('socket.error', { owner: 'text', local: 'text', peer: 'text', seen: 'flag' });

/** A line that a command printed which someone typed on a host. `stamped`: with the time before it. */
export const commandPrinted = recordKind('command.printed', { command: 'text', text: 'text', stamped: 'flag' });

/** What the kernel wrote into its log, as dmesg shows it. Cause: why, or `suppressed` for how many it left out. */
export const kernelLogged = recordKind('kernel.logged', { text: 'text' });

/**
 * What `conntrack -E` would print. The cause of a DESTROY says what ended the entry: `expired`, `deleted`, `early-drop`,
 * `device-gone`, `reset` or `reopened`. `timeout` in seconds, NaN where none is printed; the trace is the one that made the entry.
 */
export const conntrackEvent = recordKind('conntrack.event', {
  type: 'text',
  protocol: 'text',
  state: 'text',
  timeout: 'number',
  originalSource: 'text',
  originalSourcePort: 'number',
  originalDestination: 'text',
  originalDestinationPort: 'number',
  replySource: 'text',
  replySourcePort: 'number',
  replyDestination: 'text',
  replyDestinationPort: 'number',
  seenReply: 'flag',
  assured: 'flag',
  id: 'number',
});

/**
 * The first packet of a flow could not enter it into the table, as another had been faster. Cause: `adopted` (it goes on
 * as one of that flow's), `reply-only` (its own entry is found by answers alone, for a second) or `dropped`.
 * `id`: of its own entry; `faster`: of the one that was there, 0: that has only the answers' tuple.
 */
export const conntrackClash = recordKind('conntrack.clash', { id: 'number', faster: 'number' });

/**
 * A packet of UDP met an entry and changed nothing but its timer, of which `conntrack -E` tells nothing. The trace is the packet's;
 * `id`: of the entry; `timeout`: seconds from now; `reply`: did it go the other way?
 */
export const conntrackRefresh = recordKind('conntrack.refresh', {
  id: 'number',
  timeout: 'number',
  reply: 'flag',
  seenReply: 'flag',
  assured: 'flag',
});

const ipvsColumns = {
  protocol: 'text',
  state: 'text',
  client: 'text',
  /** 0: a template, by which a client stays with a real server. */
  clientPort: 'number',
  virtual: 'text',
  virtualPort: 'number',
  server: 'text',
  serverPort: 'number',
  weight: 'number',
  /** The real server is among those of its virtual server. */
  isAvailable: 'flag',
} as const;

/** A connection of IPVS was `begun`, or ended: `expired`, `server-gone`, `reused`. The trace is the one that made it. */
export const ipvsConnection = recordKind('ipvs.connection', ipvsColumns);

/**
 * IPVS rewrote a packet of a connection. `isNew`: its first; `age`: seconds since that; `left`: those that it had left
 * before; `timeout`: those that it has now; `reply`: did the packet come from the real server?
 */
export const ipvsPacket = recordKind('ipvs.packet', {
  ...ipvsColumns,
  isNew: 'flag',
  age: 'number',
  left: 'number',
  timeout: 'number',
  reply: 'flag',
});
