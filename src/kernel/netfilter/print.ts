import { formatAddress, formatPrefix } from '../../network/address.ts';
import { icmpTypeOptions } from './parse-match.ts';
import type { Match, NatRange, Negatable, PortRange, Rule, Target } from './rule.ts';
import { quoteName, quoteText } from './words.ts';

/** The words after `-A CHAIN `, as iptables-save prints them. */
export function printRule(rule: Rule): string {
  const words: string[] = [];
  if (rule.source) words.push(negated(rule.source, '-s', formatPrefix));
  if (rule.destination) words.push(negated(rule.destination, '-d', formatPrefix));
  if (rule.input) words.push(negated(rule.input, '-i', quoteName));
  if (rule.output) words.push(negated(rule.output, '-o', quoteName));
  if (rule.protocol) words.push(negated(rule.protocol, '-p', (name) => name));
  for (const match of rule.matches) words.push(printMatch(match));
  if (rule.target) words.push(printTarget(rule.target));
  return words.join(' ');
}

function negated<T>({ not, value }: Negatable<T>, option: string, print: (value: T) => string): string {
  return `${not ? '! ' : ''}${option} ${print(value)}`;
}

function printMatch(match: Match): string {
  const words = [`-m ${match.module}`];
  switch (match.module) {
    case 'comment':
      words.push(`--comment ${quoteText(match.text)}`);
      break;
    case 'udp':
    case 'tcp':
      if (match.sourcePorts) words.push(negated(match.sourcePorts, '--sport', printPorts));
      if (match.destinationPorts) words.push(negated(match.destinationPorts, '--dport', printPorts));
      if (match.flags)
        words.push(negated(match.flags, '--tcp-flags', ({ among, set }) => `${printFlags(among)} ${printFlags(set)}`));
      break;
    case 'multiport':
      words.push(
        negated(match.ports, `--${match.which}`, (ports) => ports.map((range) => printPorts(range)).join(',')),
      );
      break;
    case 'statistic':
      words.push(`--mode ${match.mode}`);
      if (match.mode === 'random')
        words.push(negated(match.probability, '--probability', (p) => (p / 0x80000000).toFixed(11)));
      else words.push(`${match.not ? '! ' : ''}--every ${match.every} --packet ${match.packet}`);
      break;
    case 'mark':
      words.push(negated(match.mark, '--mark', printMark));
      break;
    case 'conntrack':
      words.push(negated(match.states, '--ctstate', (states) => states.join(',')));
      break;
    case 'state':
      words.push(negated(match.states, '--state', (states) => states.join(',')));
      break;
    case 'addrtype':
      if (match.source) words.push(negated(match.source, '--src-type', (types) => types.join(',')));
      if (match.destination) words.push(negated(match.destination, '--dst-type', (types) => types.join(',')));
      break;
    case 'icmp':
    case 'icmp6':
      words.push(negated(match.type, icmpTypeOptions[match.module], quoteName));
      break;
    case 'set':
      words.push(negated(match.set, '--match-set', ({ name, sides }) => `${quoteName(name)} ${sides.join(',')}`));
      break;
    case 'physdev':
      words.push(...match.options.map(quoteName));
      break;
  }
  return words.join(' ');
}

function printTarget(target: Target): string {
  switch (target.kind) {
    case 'jump':
      return `-j ${quoteName(target.chain)}`;
    case 'goto':
      return `-g ${quoteName(target.chain)}`;
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
    case 'NOTRACK':
      return `-j ${target.kind}`;
    case 'CT':
      return '-j CT --notrack';
    case 'REJECT':
      return `-j REJECT --reject-with ${target.with}`;
    case 'DNAT':
    case 'SNAT': {
      const option = target.kind === 'DNAT' ? '--to-destination' : '--to-source';
      const flags = [
        target.random ? ' --random' : '',
        target.randomFully ? ' --random-fully' : '',
        target.persistent ? ' --persistent' : '',
      ];
      return `-j ${target.kind} ${option} ${printRange(target.range)}${flags.join('')}`;
    }
    case 'MASQUERADE': {
      const ports = target.ports ? ` --to-ports ${printPorts(target.ports, '-')}` : '';
      return `-j MASQUERADE${ports}${target.random ? ' --random' : ''}${target.randomFully ? ' --random-fully' : ''}`;
    }
    case 'MARK':
      return `-j MARK --set-xmark 0x${target.value.toString(16)}/0x${target.mask.toString(16)}`;
    case 'LOG':
      return ['-j LOG', ...target.options.map((word) => (word.startsWith('--') ? word : quoteText(word)))].join(' ');
  }
}

function printPorts({ from, to }: PortRange, separator = ':'): string {
  return from === to ? `${from}` : `${from}${separator}${to}`;
}

function printFlags(flags: readonly string[]): string {
  return flags.length === 0 ? 'NONE' : flags.join(',');
}

function printMark({ value, mask }: { value: number; mask: number }): string {
  return mask === 0xffffffff ? `0x${value.toString(16)}` : `0x${value.toString(16)}/0x${mask.toString(16)}`;
}

function printRange({ from, to, ports }: NatRange): string {
  const first = from === undefined ? '' : formatAddress(from);
  const last = to === undefined || to === from ? '' : `-${formatAddress(to)}`;
  const addresses = typeof from === 'bigint' && ports ? `[${first}${last}]` : `${first}${last}`;
  return `${addresses}${ports ? `:${printPorts(ports, '-')}` : ''}`;
}
