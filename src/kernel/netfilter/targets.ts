import type { Hook } from '../ip/hook.ts';
import type { Place } from './matches/module.ts';
import { flag, type OptionForms, type Options, value } from './options.ts';
import type { MarkChange, PortRange, RejectWith, Restriction, Target } from './rule.ts';
import {
  parseAddressOf,
  parseMark,
  parseNatRange,
  parsePorts,
  parseText,
  parseWhole,
  printMarkChange,
} from './values.ts';
import { quoteText } from './words.ts';

/** A kind of target: `-j NAME`. */
export interface TargetModule {
  readonly options: OptionForms;
  readonly only?: Restriction;
  /** Undefined where the options are wrong, which is a problem then. */
  readonly read: (options: Options, place: Place) => Target | undefined;
}

const portedProtocols = [6, 17, 33, 132];

function portsAllowed(options: Options, { protocol }: Place, ports: PortRange | undefined): boolean {
  if (ports === undefined || (protocol !== undefined && !protocol.not && portedProtocols.includes(protocol.value)))
    return true;
  options.problem(
    'needs-protocol',
    `\`${options.owner}\` with a port needs a protocol`,
    'put `-p udp` or `-p tcp` before it',
  );
  return false;
}

function natModule(kind: 'DNAT' | 'SNAT', option: string, hooks: readonly Hook[]): TargetModule {
  return {
    options: { [option]: value, '--random': flag, '--random-fully': flag, '--persistent': flag },
    only: { tables: ['nat'], hooks },
    read: (options, place) => {
      if (!options.needs(option)) return undefined;
      const example = place.family === 'ipv4' ? '10.244.1.5:53' : '[fd00::5]:53';
      const range = options.value(option, `an address such as \`${example}\``, (t) => parseNatRange(t, place.family));
      if (range === undefined || !portsAllowed(options, place, range.value.ports)) return undefined;
      const [random, randomFully, persistent] = ['--random', '--random-fully', '--persistent'].map((name) =>
        options.has(name),
      );
      return {
        kind,
        range: range.value,
        random: random === true,
        randomFully: randomFully === true,
        persistent: persistent === true,
      };
    },
  };
}

const portsHint = 'ports such as `1024-31000`';

const masquerade: TargetModule = {
  options: { '--to-ports': value, '--random': flag, '--random-fully': flag },
  only: { tables: ['nat'], hooks: ['POSTROUTING'] },
  read: (options, place) => {
    const ports = options.value('--to-ports', portsHint, (text) => parsePorts(text, '-'))?.value;
    if (!portsAllowed(options, place, ports)) return undefined;
    const [random, randomFully] = [options.has('--random'), options.has('--random-fully')];
    return { kind: 'MASQUERADE', random, randomFully, ...(ports === undefined ? {} : { ports }) };
  },
};

const redirect: TargetModule = {
  options: { '--to-ports': value, '--random': flag },
  only: { tables: ['nat'], hooks: ['PREROUTING', 'OUTPUT'] },
  read: (options, place) => {
    const ports = options.value('--to-ports', portsHint, (text) => parsePorts(text, '-'))?.value;
    if (!portsAllowed(options, place, ports)) return undefined;
    return { kind: 'REDIRECT', random: options.has('--random'), ...(ports === undefined ? {} : { ports }) };
  },
};

/** What `--reject-with` takes, by family: the long word, then short ones. */
const rejectWords: Readonly<Record<Place['family'], readonly (readonly [RejectWith, ...string[]])[]>> = {
  ipv4: [
    ['icmp-net-unreachable', 'net-unreach'],
    ['icmp-host-unreachable', 'host-unreach'],
    ['icmp-proto-unreachable', 'proto-unreach'],
    ['icmp-port-unreachable', 'port-unreach'],
    ['icmp-net-prohibited', 'net-prohib'],
    ['icmp-host-prohibited', 'host-prohib'],
    ['icmp-admin-prohibited', 'admin-prohib'],
    ['tcp-reset', 'tcp-rst'],
  ],
  ipv6: [
    ['icmp6-no-route', 'no-route'],
    ['icmp6-adm-prohibited', 'adm-prohibited'],
    ['icmp6-addr-unreachable', 'addr-unreach'],
    ['icmp6-port-unreachable', 'port-unreach'],
    ['icmp6-policy-fail', 'policy-fail'],
    ['icmp6-reject-route', 'reject-route'],
    ['tcp-reset', 'tcp-reset'],
  ],
};

const reject: TargetModule = {
  options: { '--reject-with': value },
  only: { tables: ['filter'], hooks: ['INPUT', 'FORWARD', 'OUTPUT'] },
  read: (options, { family, protocol }) => {
    const known = rejectWords[family];
    const parse = (text: string): RejectWith | undefined => known.find((words) => words.includes(text))?.[0];
    const hint = `known: ${known.map(([word]) => word).join(', ')}`;
    const how = options.value('--reject-with', 'a way to reject', parse, hint)?.value;
    if (how === undefined && options.has('--reject-with')) return undefined;
    if (how === 'tcp-reset' && (protocol?.value !== 6 || protocol.not))
      return options.problem('needs-protocol', '`tcp-reset` needs `-p tcp`', 'put `-p tcp` before it', '--reject-with');
    return {
      kind: 'REJECT',
      with: how ?? (family === 'ipv4' ? 'icmp-port-unreachable' : 'icmp6-port-unreachable'),
    };
  },
};

/** Ways to say what becomes of a mark, all as `(mark & ~mask) ^ value`. */
const markMeanings: Readonly<Record<string, (mark: MarkChange) => MarkChange>> = {
  '--set-xmark': (mark) => mark,
  '--set-mark': ({ value, mask }) => ({ value, mask: (value | mask) >>> 0 }),
  '--or-mark': ({ value }) => ({ value, mask: value }),
  '--and-mark': ({ value }) => ({ value: 0, mask: ~value >>> 0 }),
  '--xor-mark': ({ value }) => ({ value, mask: 0 }),
};
const markOptions = Object.fromEntries(Object.keys(markMeanings).map((name) => [name, value]));

function markChange(options: Options): MarkChange | undefined {
  for (const [name, meaning] of Object.entries(markMeanings)) {
    const given = options.value(name, 'a mark such as `0x4000/0x4000`', parseMark);
    if (given !== undefined) return meaning(given.value);
  }
  return undefined;
}

const mark: TargetModule = {
  options: markOptions,
  read: (options) => {
    if (!options.needs(...Object.keys(markMeanings))) return undefined;
    const change = markChange(options);
    return change && { kind: 'MARK', ...change };
  },
};

const connmark: TargetModule = {
  options: {
    ...markOptions,
    '--save-mark': flag,
    '--restore-mark': flag,
    '--mask': value,
    '--nfmask': value,
    '--ctmask': value,
  },
  read: (options) => {
    const how = options.has('--save-mark') ? 'save' : options.has('--restore-mark') ? 'restore' : undefined;
    if (how === undefined) {
      if (!options.needs('--set-xmark', '--save-mark', '--restore-mark', ...Object.keys(markMeanings)))
        return undefined;
      const change = markChange(options);
      return change && { kind: 'CONNMARK', how: 'set', ...change };
    }
    const mask = (name: string): number | undefined =>
      options.value(name, 'a mask such as `0x80`', (text) => parseWhole(text))?.value;
    const both = mask('--mask') ?? 0xffffffff;
    return {
      kind: 'CONNMARK',
      how,
      packetMask: mask('--nfmask') ?? both,
      connectionMask: mask('--ctmask') ?? both,
    };
  },
};

/** Levels of syslog, by number. */
const logLevels = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'];
export const defaultLogLevel = 4;
const logFlags = ['--log-tcp-sequence', '--log-tcp-options', '--log-ip-options', '--log-uid', '--log-macdecode'];
const longestPrefix = 29;

const log: TargetModule = {
  options: { '--log-prefix': value, '--log-level': value, ...Object.fromEntries(logFlags.map((name) => [name, flag])) },
  read: (options) => ({
    kind: 'LOG',
    // The kernel keeps so much of it.
    prefix: options.value('--log-prefix', 'a text', parseText)?.value.slice(0, longestPrefix) ?? '',
    level:
      options.value('--log-level', `a level: 0 to 7 or one of ${logLevels.join(', ')}`, parseLevel)?.value ??
      defaultLogLevel,
    flags: logFlags.filter((name) => options.has(name)),
  }),
};

function parseLevel(text: string): number | undefined {
  if (/^[0-7]$/.test(text)) return Number(text);
  const found = logLevels.indexOf(text);
  return found >= 0 ? found : undefined;
}

const nflog: TargetModule = {
  options: {
    '--nflog-prefix': value,
    '--nflog-group': value,
    '--nflog-range': value,
    '--nflog-size': value,
    '--nflog-threshold': value,
  },
  read: (options) => {
    const prefix = options.value('--nflog-prefix', 'a text', parseText)?.value.slice(0, 63);
    const numbers = ['--nflog-group', '--nflog-range', '--nflog-size', '--nflog-threshold'].flatMap((name) => {
      const given = options.value(name, 'a number', (text) => parseWhole(text))?.value;
      const usual = name === '--nflog-threshold' ? 1 : 0;
      return given === undefined || (given === usual && name !== '--nflog-size') ? [] : [`${name} ${given}`];
    });
    return {
      kind: 'NFLOG',
      words: [...(prefix === undefined ? [] : [`--nflog-prefix ${quoteText(prefix)}`]), ...numbers].join(' '),
    };
  },
};

const tcpMss: TargetModule = {
  options: { '--set-mss': value, '--clamp-mss-to-pmtu': flag },
  only: { tables: ['mangle'] },
  read: (options, { protocol }) => {
    if (protocol?.value !== 6 || protocol.not)
      return options.problem('needs-protocol', '`-j TCPMSS` needs `-p tcp`', 'put `-p tcp` before it');
    if (!options.needs('--clamp-mss-to-pmtu', '--set-mss')) return undefined;
    const size = options.value('--set-mss', 'a number of octets', (text) => parseWhole(text, 65_495))?.value;
    return { kind: 'TCPMSS', ...(size === undefined ? {} : { size }) };
  },
};

const tproxy: TargetModule = {
  options: { '--on-port': value, '--on-ip': value, '--tproxy-mark': value },
  only: { tables: ['mangle'], hooks: ['PREROUTING'] },
  read: (options, { family, protocol }) => {
    if (protocol === undefined || protocol.not || !portedProtocols.includes(protocol.value))
      return options.problem('needs-protocol', '`-j TPROXY` needs a protocol', 'put `-p udp` or `-p tcp` before it');
    if (!options.needs('--on-port')) return undefined;
    const port = options.value('--on-port', 'a port', (text) => parseWhole(text, 65_535))?.value;
    const any = family === 'ipv4' ? '0.0.0.0' : '::';
    const ip = options.value('--on-ip', 'an address', (text) =>
      parseAddressOf(text, family) === undefined ? undefined : text,
    );
    const change = options.value('--tproxy-mark', 'a mark', parseMark)?.value ?? { value: 0, mask: 0 };
    if (port === undefined) return undefined;
    return {
      kind: 'TPROXY',
      words: `--on-port ${port} --on-ip ${ip?.value ?? any} --tproxy-mark ${printMarkChange(change)}`,
    };
  },
};

function plain(target: Extract<Target, { kind: 'ACCEPT' | 'DROP' | 'RETURN' }>): TargetModule {
  return { options: {}, read: () => target };
}

/** Every target that is known but for chains. */
const modules: Readonly<Record<string, TargetModule>> = {
  ACCEPT: plain({ kind: 'ACCEPT' }),
  DROP: { ...plain({ kind: 'DROP' }), only: { tables: ['raw', 'mangle', 'filter', 'security'] } },
  RETURN: plain({ kind: 'RETURN' }),
  REJECT: reject,
  DNAT: natModule('DNAT', '--to-destination', ['PREROUTING', 'OUTPUT']),
  SNAT: natModule('SNAT', '--to-source', ['POSTROUTING', 'INPUT']),
  MASQUERADE: masquerade,
  REDIRECT: redirect,
  MARK: mark,
  CONNMARK: connmark,
  NOTRACK: { options: {}, only: { tables: ['raw'] }, read: () => ({ kind: 'NOTRACK', word: 'NOTRACK' }) },
  CT: {
    options: { '--notrack': flag },
    only: { tables: ['raw'] },
    read: (options) => (options.needs('--notrack') ? { kind: 'NOTRACK', word: 'CT --notrack' } : undefined),
  },
  LOG: log,
  NFLOG: nflog,
  TRACE: { options: {}, only: { tables: ['raw'] }, read: () => ({ kind: 'TRACE', words: '' }) },
  TCPMSS: tcpMss,
  TPROXY: tproxy,
  CHECKSUM: {
    options: { '--checksum-fill': flag },
    only: { tables: ['mangle'] },
    read: (options) => (options.needs('--checksum-fill') ? { kind: 'CHECKSUM', words: '--checksum-fill' } : undefined),
  },
};

export const targetNames: readonly string[] = Object.keys(modules);

export function targetModule(name: string): TargetModule | undefined {
  return Object.hasOwn(modules, name) ? modules[name] : undefined;
}

/** Where alone a target may stand. */
export function targetOnly(target: Target): Restriction | undefined {
  return targetModule(target.kind)?.only;
}
