import { formatPrefix } from '../../network/address.ts';
import { bang } from './options.ts';
import { protocolName } from './protocols.ts';
import type { Counters, Match, Negatable, Rule, Target } from './rule.ts';
import { defaultLogLevel } from './targets.ts';
import { hex, printMarkChange, printNatRange, printPorts } from './values.ts';
import { quoteName, quoteText } from './words.ts';

/** Rules do not change, and one is asked for many times: each is printed once. */
const printed = new WeakMap<Rule, string>();

/** The words after `-A CHAIN `, as iptables-save prints them. */
export function printRule(rule: Rule): string {
  let text = printed.get(rule);
  if (text === undefined) {
    text = wordsOf(rule).join(' ');
    printed.set(rule, text);
  }
  return text;
}

/** `[12:720]`. */
export function printCounters({ packets, bytes }: Counters): string {
  return `[${packets}:${bytes}]`;
}

function wordsOf(rule: Rule): string[] {
  const words: string[] = [];
  if (rule.source) words.push(negated(rule.source, '-s', formatPrefix));
  if (rule.destination) words.push(negated(rule.destination, '-d', formatPrefix));
  if (rule.input) words.push(negated(rule.input, '-i', quoteName));
  if (rule.output) words.push(negated(rule.output, '-o', quoteName));
  if (rule.protocol) words.push(negated(rule.protocol, '-p', protocolName));
  if (rule.fragment) words.push(`${bang(rule.fragment)}-f`);
  for (const match of rule.matches) words.push(printMatch(match));
  if (rule.target) words.push(printTarget(rule.target));
  return words;
}

function negated<T>(given: Negatable<T>, option: string, print: (value: T) => string): string {
  return `${bang(given)}${option} ${print(given.value)}`;
}

function printMatch({ module, words }: Match): string {
  return words === '' ? `-m ${module}` : `-m ${module} ${words}`;
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
      return `-j ${target.kind}`;
    case 'NOTRACK':
      return `-j ${target.word}`;
    case 'REJECT':
      return `-j REJECT --reject-with ${target.with}`;
    case 'DNAT':
    case 'SNAT': {
      const option = target.kind === 'DNAT' ? '--to-destination' : '--to-source';
      return `-j ${target.kind} ${option} ${printNatRange(target.range)}${natFlags(target)}`;
    }
    case 'MASQUERADE':
    case 'REDIRECT':
      return `-j ${target.kind}${target.ports ? ` --to-ports ${printPorts(target.ports, '-')}` : ''}${natFlags(target)}`;
    case 'MARK':
      return `-j MARK --set-xmark ${printMarkChange(target)}`;
    case 'CONNMARK':
      return target.how === 'set'
        ? `-j CONNMARK --set-xmark ${printMarkChange(target)}`
        : `-j CONNMARK --${target.how}-mark --nfmask ${hex(target.packetMask)} --ctmask ${hex(target.connectionMask)}`;
    case 'LOG': {
      const prefix = target.prefix === '' ? [] : [`--log-prefix ${quoteText(target.prefix)}`];
      const level = target.level === defaultLogLevel ? [] : [`--log-level ${target.level}`];
      return ['-j LOG', ...prefix, ...level, ...target.flags].join(' ');
    }
    case 'TCPMSS':
      return `-j TCPMSS ${target.size === undefined ? '--clamp-mss-to-pmtu' : `--set-mss ${target.size}`}`;
    case 'TPROXY':
    case 'NFLOG':
    case 'TRACE':
    case 'CHECKSUM':
      return target.words === '' ? `-j ${target.kind}` : `-j ${target.kind} ${target.words}`;
  }
}

function natFlags(target: {
  readonly random: boolean;
  readonly randomFully?: boolean;
  readonly persistent?: boolean;
}): string {
  const { random, randomFully = false, persistent = false } = target;
  return `${random ? ' --random' : ''}${randomFully ? ' --random-fully' : ''}${persistent ? ' --persistent' : ''}`;
}
