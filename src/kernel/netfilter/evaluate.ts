import type { RandomStream } from '../../engine/random.ts';
import { inPrefix } from '../../network/address.ts';
import type { Address, Packet } from '../../network/packet.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { AddressType, CtStateName, Match, Negatable, PortRange, Rule, Target } from './rule.ts';
import type { Chain, PlacedRule, Table } from './tables.ts';

/** What rules ask of the host. */
export interface RuleContext {
  addressType(address: Address): AddressType;
  /** Draws of `-m statistic --mode random` for packets from an address: another client does not shift them. */
  readonly draws: (source: Address) => RandomStream;
}

/** A target that ends the walk through a table. */
export type Final = Exclude<Target, { kind: 'jump' | 'goto' | 'RETURN' | 'MARK' | 'NOTRACK' | 'CT' | 'LOG' }>;

/** Where a walk ended. */
export interface Decision {
  readonly target: Final;
  /** Undefined: the policy. */
  readonly rule: Rule | undefined;
  readonly chain: string;
}

/** Walks a built-in chain. Undefined: nothing but ACCEPT as policy was met. */
export function walk(table: Table, name: string, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
  const chain = table.get(name);
  if (chain === undefined) return undefined;
  const decision = walkChain(table, chain, buffer, context);
  if (decision !== undefined || chain.policy !== 'DROP') return decision;
  return { target: { kind: 'DROP' }, rule: undefined, chain: name };
}

function walkChain(table: Table, chain: Chain, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
  for (const placed of chain.rules) {
    const { rule } = placed;
    const { target } = rule;
    if (!ruleMatches(placed, buffer, context) || target === undefined) continue;
    switch (target.kind) {
      case 'jump':
      case 'goto': {
        const next = table.get(target.chain);
        const decision = next && walkChain(table, next, buffer, context);
        if (decision !== undefined || target.kind === 'goto') return decision;
        break;
      }
      case 'RETURN':
        return undefined;
      case 'MARK':
        buffer.mark = ((buffer.mark & ~target.mask) ^ target.value) >>> 0;
        break;
      case 'NOTRACK':
      case 'CT':
        if (buffer.ctState === 'none') buffer.ctState = 'untracked';
        break;
      case 'LOG':
        break;
      default:
        return { target, rule, chain: chain.name };
    }
  }
  return undefined;
}

function ruleMatches(placed: PlacedRule, buffer: SocketBuffer, context: RuleContext): boolean {
  const { rule } = placed;
  const { packet } = buffer;
  if (rule.destination && inPrefix(packet.destination, rule.destination.value) === rule.destination.not) return false;
  if (rule.source && inPrefix(packet.source, rule.source.value) === rule.source.not) return false;
  if (rule.protocol && (packet.protocol === rule.protocol.value) === rule.protocol.not) return false;
  if (rule.input && deviceMatches(buffer.input?.name, rule.input.value) === rule.input.not) return false;
  if (rule.output && deviceMatches(buffer.output?.name, rule.output.value) === rule.output.not) return false;
  for (const match of rule.matches) if (!matches(match, placed, buffer, context)) return false;
  return true;
}

function deviceMatches(name: string | undefined, wanted: string): boolean {
  if (name === undefined) return false;
  return wanted.endsWith('+') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
}

function matches(match: Match, placed: PlacedRule, buffer: SocketBuffer, context: RuleContext): boolean {
  const { packet } = buffer;
  switch (match.module) {
    case 'comment':
      return true;
    case 'udp':
    case 'tcp':
      return (
        packet.protocol === match.module &&
        (match.sourcePorts === undefined || portMatches(packet.sourcePort, match.sourcePorts)) &&
        (match.destinationPorts === undefined || portMatches(packet.destinationPort, match.destinationPorts)) &&
        (match.flags === undefined || flagsMatch(packet, match.flags))
      );
    case 'multiport': {
      if (packet.protocol === 'icmp') return false;
      const { sourcePort, destinationPort } = packet;
      const wanted = { sports: [sourcePort], dports: [destinationPort], ports: [sourcePort, destinationPort] }[
        match.which
      ];
      const hit = match.ports.value.some(({ from, to }) => wanted.some((port) => port >= from && port <= to));
      return hit !== match.ports.not;
    }
    case 'statistic':
      if (match.mode === 'nth') return (placed.seen++ % match.every === match.packet) !== match.not;
      return context.draws(packet.source).integer(0x80000000) < match.probability.value !== match.probability.not;
    case 'mark':
      return ((buffer.mark & match.mark.value.mask) >>> 0 === match.mark.value.value) !== match.mark.not;
    case 'conntrack':
    case 'state':
      return match.states.value.some((state) => stateMatches(buffer, state)) !== match.states.not;
    case 'addrtype':
      return (
        (match.source === undefined || typeMatches(packet.source, match.source, context)) &&
        (match.destination === undefined || typeMatches(packet.destination, match.destination, context))
      );
    case 'icmp':
      return (
        packet.protocol === 'icmp' &&
        (match.type.value === 'any' || packet.type === icmpName(match.type.value)) !== match.type.not
      );
    case 'physdev':
      return false;
  }
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

function stateMatches(buffer: SocketBuffer, state: CtStateName): boolean {
  switch (state) {
    case 'SNAT':
      return buffer.connection?.sourceChanged ?? false;
    case 'DNAT':
      return buffer.connection?.destinationChanged ?? false;
    default:
      return buffer.ctState === state.toLowerCase();
  }
}

function typeMatches(address: Address, types: Negatable<readonly AddressType[]>, context: RuleContext): boolean {
  return types.value.includes(context.addressType(address)) !== types.not;
}

/** Numbers and names of `--icmp-type` that can be met here. */
function icmpName(type: string): string {
  const names: Readonly<Record<string, string>> = {
    '8': 'echo-request',
    '0': 'echo-reply',
    '3': 'destination-unreachable',
    '11': 'time-exceeded',
  };
  return names[type] ?? type;
}
