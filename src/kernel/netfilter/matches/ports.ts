import type { Packet } from '../../../network/packet.ts';
import { always } from '../context.ts';
import { bang, negatableFlag, negatableValue, type Options } from '../options.ts';
import type { Negatable, PortRange } from '../rule.ts';
import { sharedTest } from '../rule-tests.ts';
import { parseList, parsePortList, parsePorts, parseWhole, printPorts } from '../values.ts';
import type { MatchModule, Place } from './module.ts';

const tcpFlags = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG'] as const;
type TcpFlag = (typeof tcpFlags)[number];

const portHint = 'a port or a range such as `53` or `1024:65535`';

const portOptions = {
  '--sport': negatableValue,
  '--dport': negatableValue,
  '--source-port': '--sport',
  '--destination-port': '--dport',
};

const allPorts = 65_535;

/** Undefined where every port will do. */
function portsOf(options: Options, name: string): Negatable<PortRange> | undefined {
  const ports = options.value(name, portHint, parsePorts);
  const isAny = ports?.value.from === 0 && ports.value.to === allPorts && !ports.not;
  return isAny ? undefined : ports;
}

function hasProtocol(options: Options, { protocol }: Place, number: number, name: string): boolean {
  if (protocol?.value === number && !protocol.not) return true;
  options.problem('needs-protocol', `\`-m ${name}\` needs \`-p ${name}\``, `put \`-p ${name}\` before it`);
  return false;
}

export const udp: MatchModule = {
  options: portOptions,
  read: (options, place) => (hasProtocol(options, place, 17, 'udp') ? readPorts(options, 'udp', '', []) : undefined),
};

export const tcp: MatchModule = {
  options: {
    ...portOptions,
    '--tcp-flags': { words: 2, negatable: true },
    '--syn': negatableFlag,
    '--tcp-option': negatableValue,
  },
  read: (options, place) => {
    if (!hasProtocol(options, place, 6, 'tcp')) return undefined;
    const flags = flagsOf(options);
    const option = options.value('--tcp-option', 'the number of an option', (text) => parseWhole(text, 255));
    const tests = [
      ...(flags === undefined ? [] : [(packet: Packet) => flagsMatch(packet, flags)]),
      // Of the options only MSS is modelled (2).
      ...(option === undefined
        ? []
        : [(p: Packet) => (p.protocol === 'tcp' && p.mss !== undefined && option.value === 2) !== option.not]),
    ];
    const words = [
      ...(option === undefined ? [] : [`${bang(option)}--tcp-option ${option.value}`]),
      ...(flags === undefined ? [] : [`${bang(flags)}--tcp-flags ${printFlags(flags.among)} ${printFlags(flags.set)}`]),
    ];
    return readPorts(options, 'tcp', words.join(' '), tests);
  },
};

function readPorts(
  options: Options,
  protocol: 'udp' | 'tcp',
  moreWords: string,
  moreTests: readonly ((packet: Packet) => boolean)[],
): ReturnType<MatchModule['read']> {
  const source = portsOf(options, '--sport');
  const destination = portsOf(options, '--dport');
  const words = [
    ...(source === undefined ? [] : [`${bang(source)}--sport ${printPorts(source.value)}`]),
    ...(destination === undefined ? [] : [`${bang(destination)}--dport ${printPorts(destination.value)}`]),
    ...(moreWords === '' ? [] : [moreWords]),
  ];
  const one = destination !== undefined && !destination.not && destination.value.from === destination.value.to;
  const test = sharedTest(
    `${protocol} ${words.join(' ')}`,
    () =>
      ({ packet }) =>
        packet.protocol === protocol &&
        (source === undefined || inRange(packet.sourcePort, source)) &&
        (destination === undefined || inRange(packet.destinationPort, destination)) &&
        (moreTests.length === 0 || moreTests.every((one) => one(packet))),
  );
  return {
    words: words.join(' '),
    ...(one ? { destinationPort: destination.value.from } : {}),
    test: () => test,
  };
}

function inRange(port: number, { not, value }: Negatable<PortRange>): boolean {
  return (port >= value.from && port <= value.to) !== not;
}

interface Flags {
  readonly not: boolean;
  readonly among: readonly TcpFlag[];
  readonly set: readonly TcpFlag[];
}

function flagsOf(options: Options): Flags | undefined {
  const syn = options.flag('--syn');
  if (syn !== undefined) return { not: syn.not, among: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] };
  const given = options.pair('--tcp-flags', 'a list of TCP flags', parseFlags);
  if (given === undefined || (given.value[0].length === 0 && given.value[1].length === 0)) return undefined;
  return { not: given.not, among: given.value[0], set: given.value[1] };
}

function parseFlags(text: string): readonly TcpFlag[] | undefined {
  if (text === 'ALL') return tcpFlags;
  return text === 'NONE' ? [] : parseList(text, tcpFlags);
}

function printFlags(flags: readonly TcpFlag[]): string {
  return flags.length === 0 ? 'NONE' : flags.join(',');
}

function flagsMatch(packet: Packet, { not, among, set }: Flags): boolean {
  if (packet.protocol !== 'tcp') return false;
  const { syn, ack, fin, rst } = packet;
  const there: Readonly<Record<TcpFlag, boolean>> = { SYN: syn, ACK: ack, FIN: fin, RST: rst, PSH: false, URG: false };
  const hit = among.every((name) => there[name] === set.includes(name)) && set.every((name) => among.includes(name));
  return hit !== not;
}

/** Protocols that have ports. */
const portedProtocols = [6, 17, 33, 132, 136];

export const multiport: MatchModule = {
  options: {
    '--sports': negatableValue,
    '--dports': negatableValue,
    '--ports': negatableValue,
    '--source-ports': '--sports',
    '--destination-ports': '--dports',
  },
  read: (options, { protocol }) => {
    if (protocol === undefined || protocol.not || !portedProtocols.includes(protocol.value))
      return options.problem(
        'needs-protocol',
        '`-m multiport` needs a protocol with ports',
        'put `-p udp` or `-p tcp` before it',
      );
    if (!options.needs('--dports', '--sports', '--ports')) return undefined;
    const which = ['--sports', '--dports', '--ports'].find((name) => options.has(name)) ?? '--dports';
    const ports = options.value(which, 'a list of at most 15 ports, a range counting twice', parsePortList);
    if (ports === undefined) return undefined;
    const holds = (port: number): boolean => ports.value.some(({ from, to }) => port >= from && port <= to);
    return {
      words: `${bang(ports)}${which} ${ports.value.map((range) => printPorts(range)).join(',')}`,
      test: always(({ packet }) => {
        if (packet.protocol !== 'udp' && packet.protocol !== 'tcp') return false;
        const bySource = which !== '--dports' && holds(packet.sourcePort);
        return (bySource || (which !== '--sports' && holds(packet.destinationPort))) !== ports.not;
      }),
    };
  },
};
