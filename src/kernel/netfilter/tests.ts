import type { RandomStream } from '../../engine/random.ts';
import { type Prefix, prefixTest } from '../../network/address.ts';
import type { Address, Packet } from '../../network/packet.ts';
import type { Device } from '../ip/device.ts';
import type { CtState, SocketBuffer } from '../ip/socket-buffer.ts';
import type { IpSets } from '../ipset/sets.ts';
import type { AddressType, CtStateName, Match, Negatable, PortRange, Rule } from './rule.ts';

/** What rules ask of the host. */
export interface RuleContext {
  addressType(address: Address): AddressType;
  /** Draws of `-m statistic --mode random` for packets from an address: another client does not shift them. */
  readonly draws: (source: Address) => RandomStream;
  readonly sets: IpSets;
}

/** One condition of a rule. */
export type Test = (buffer: SocketBuffer, context: RuleContext) => boolean;

/** The conditions of a rule in the order in which the kernel asks them; a packet of a rule in its place asks no more than these. */
export function testsOf({ destination, source, protocol, input, output, matches }: Rule): readonly Test[] {
  const tests: Test[] = [];
  if (destination) {
    const within = addressTest(destination);
    tests.push(({ packet }) => within(packet.destination));
  }
  if (source) {
    const within = addressTest(source);
    tests.push(({ packet }) => within(packet.source));
  }
  if (protocol) {
    const name = protocol.value === 'ipv6-icmp' ? 'icmp' : protocol.value;
    tests.push(({ packet }) => (packet.protocol === name) !== protocol.not);
  }
  if (input) tests.push((buffer) => deviceMatches(buffer.input, input.value) !== input.not);
  if (output) tests.push((buffer) => deviceMatches(buffer.output, output.value) !== output.not);
  for (const match of matches) if (match.module !== 'comment') tests.push(testOf(match));
  return tests;
}

function addressTest({ not, value }: Negatable<Prefix>): (address: Address) => boolean {
  const within = prefixTest(value);
  return not ? (address) => !within(address) : within;
}

function deviceMatches(device: Device | undefined, wanted: string): boolean {
  if (device === undefined) return false;
  return wanted.endsWith('+') ? device.name.startsWith(wanted.slice(0, -1)) : device.name === wanted;
}

function testOf(match: Exclude<Match, { module: 'comment' }>): Test {
  switch (match.module) {
    case 'udp':
    case 'tcp':
      return portsTest(match);
    case 'multiport':
      return multiportTest(match);
    case 'statistic': {
      if (match.mode === 'random') {
        const { not, value } = match.probability;
        return ({ packet }, context) => context.draws(packet.source).integer(0x80000000) < value !== not;
      }
      const { every, packet, not } = match;
      let seen = 0;
      return () => (seen++ % every === packet) !== not;
    }
    case 'mark': {
      const { not, value } = match.mark;
      return ({ mark }) => ((mark & value.mask) >>> 0 === value.value) !== not;
    }
    case 'conntrack':
    case 'state':
      return stateTest(match.states);
    case 'addrtype': {
      const { source, destination } = match;
      return ({ packet }, context) =>
        (source === undefined || typeMatches(packet.source, source, context)) &&
        (destination === undefined || typeMatches(packet.destination, destination, context));
    }
    case 'icmp':
    case 'icmp6': {
      const { not, value } = match.type;
      const type = icmpName(value, match.module);
      return ({ packet }) => packet.protocol === 'icmp' && (value === 'any' || packet.type === type) !== not;
    }
    case 'set': {
      const { not, value } = match.set;
      return ({ packet }, { sets }) => sets.holds(value.name, value.sides, packet) !== not;
    }
    case 'physdev':
      return () => false;
  }
}

function portsTest({ module, sourcePorts, destinationPorts, flags }: Extract<Match, { module: 'udp' | 'tcp' }>): Test {
  return ({ packet }) =>
    packet.protocol === module &&
    (sourcePorts === undefined || portMatches(packet.sourcePort, sourcePorts)) &&
    (destinationPorts === undefined || portMatches(packet.destinationPort, destinationPorts)) &&
    (flags === undefined || flagsMatch(packet, flags));
}

function multiportTest({ which, ports }: Extract<Match, { module: 'multiport' }>): Test {
  const holds = (port: number): boolean => ports.value.some(({ from, to }) => port >= from && port <= to);
  return ({ packet }) => {
    if (packet.protocol === 'icmp') return false;
    const hit =
      (which !== 'dports' && holds(packet.sourcePort)) || (which !== 'sports' && holds(packet.destinationPort));
    return hit !== ports.not;
  };
}

function portMatches(port: number, { not, value }: Negatable<PortRange>): boolean {
  return (port >= value.from && port <= value.to) !== not;
}

function flagsMatch(
  packet: Packet,
  { not, value }: Negatable<{ among: readonly string[]; set: readonly string[] }>,
): boolean {
  if (packet.protocol !== 'tcp') return false;
  const { syn, ack, fin, rst } = packet;
  const flags: Readonly<Record<string, boolean>> = { SYN: syn, ACK: ack, FIN: fin, RST: rst };
  return value.among.every((flag) => (flags[flag] ?? false) === value.set.includes(flag)) !== not;
}

const ctStates: Readonly<Partial<Record<CtStateName, CtState>>> = {
  NEW: 'new',
  ESTABLISHED: 'established',
  RELATED: 'related',
  INVALID: 'invalid',
  UNTRACKED: 'untracked',
};

function stateTest({ not, value }: Negatable<readonly CtStateName[]>): Test {
  const states = value.map((name) => ctStates[name]);
  const [snat, dnat] = [value.includes('SNAT'), value.includes('DNAT')];
  return ({ ctState, connection }) => {
    const hit =
      states.includes(ctState) ||
      (snat && connection?.sourceChanged === true) ||
      (dnat && connection?.destinationChanged === true);
    return hit !== not;
  };
}

function typeMatches(address: Address, types: Negatable<readonly AddressType[]>, context: RuleContext): boolean {
  return types.value.includes(context.addressType(address)) !== types.not;
}

/** Numbers of `--icmp-type` and `--icmpv6-type` that can be met here. */
const icmpNumbers: Readonly<Record<'icmp' | 'icmp6', Readonly<Record<string, string>>>> = {
  icmp: { '8': 'echo-request', '0': 'echo-reply', '3': 'destination-unreachable', '11': 'time-exceeded' },
  icmp6: {
    '128': 'echo-request',
    '129': 'echo-reply',
    '1': 'destination-unreachable',
    '2': 'packet-too-big',
    '3': 'time-exceeded',
  },
};

function icmpName(type: string, module: 'icmp' | 'icmp6'): string {
  return icmpNumbers[module][type] ?? type;
}
