import { addressBits, inPrefix, type Prefix, parseAddress, parsePrefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { WordReader } from '../netfilter/reader.ts';
import type { Connection } from './connection.ts';
import { tcpStates } from './tcp-states.ts';

/** Does conntrack show an entry? */
export type Filter = (connection: Connection) => boolean;

/** What the filters read so far mean for those that follow. */
export interface FilterContext {
  /** Of `-p`: what follows it may ask for ports, states and echoes. */
  protocol?: string;
  family?: 'ipv4' | 'ipv6';
}

type AddressOf = (connection: Connection) => Address;

const originalSource: AddressOf = (c) => c.original.source;
const originalDestination: AddressOf = (c) => c.original.destination;

/** Filters by an address, by their names (conntrack(8)). */
const addresses: Readonly<Record<string, AddressOf>> = {
  '-s': originalSource,
  '--src': originalSource,
  '--orig-src': originalSource,
  '-d': originalDestination,
  '--dst': originalDestination,
  '--orig-dst': originalDestination,
  '-r': (c) => c.reply.source,
  '--reply-src': (c) => c.reply.source,
  '-q': (c) => c.reply.destination,
  '--reply-dst': (c) => c.reply.destination,
};

/** Filters by what NAT changed; an address may follow. */
const translations: Readonly<Record<string, (connection: Connection, address: Prefix | undefined) => boolean>> = {
  '-n': (c, to) => c.sourceChanged && isIn(c.reply.destination, to),
  '--src-nat': (c, to) => c.sourceChanged && isIn(c.reply.destination, to),
  '-g': (c, to) => c.destinationChanged && isIn(c.reply.source, to),
  '--dst-nat': (c, to) => c.destinationChanged && isIn(c.reply.source, to),
  '-j': (c, to) =>
    (c.sourceChanged && isIn(c.reply.destination, to)) || (c.destinationChanged && isIn(c.reply.source, to)),
  '--any-nat': (c, to) =>
    (c.sourceChanged && isIn(c.reply.destination, to)) || (c.destinationChanged && isIn(c.reply.source, to)),
};

/** Filters by a number that are known only after the protocols named. */
const numbers: Readonly<Record<string, { of: readonly string[]; most: number; value: (c: Connection) => number }>> = {
  '--sport': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.original.sourcePort },
  '--orig-port-src': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.original.sourcePort },
  '--dport': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.original.destinationPort },
  '--orig-port-dst': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.original.destinationPort },
  '--reply-port-src': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.reply.sourcePort },
  '--reply-port-dst': { of: ['udp', 'tcp'], most: 65_535, value: (c) => c.reply.destinationPort },
  '--icmp-type': { of: ['icmp', 'icmpv6'], most: 255, value: (c) => c.original.destinationPort >> 8 },
  '--icmp-code': { of: ['icmp', 'icmpv6'], most: 255, value: (c) => c.original.destinationPort & 255 },
  '--icmp-id': { of: ['icmp', 'icmpv6'], most: 65_535, value: (c) => c.original.sourcePort },
};

const statuses: Readonly<Record<string, Filter>> = {
  ASSURED: (c) => c.assured,
  SEEN_REPLY: (c) => c.seenReply,
  UNREPLIED: (c) => !c.seenReply,
  FIXED_TIMEOUT: (c) => c.replyOnly,
  EXPECTED: () => false,
  OFFLOAD: () => false,
};

const protocolNames: Readonly<Record<string, string>> = { '1': 'icmp', '6': 'tcp', '17': 'udp', '58': 'icmpv6' };
const protocols = ['udp', 'tcp', 'icmp', 'icmpv6', 'sctp', 'dccp', 'gre', 'udplite'];

/** All names of filters. */
export const filterNames: readonly string[] = [
  ...Object.keys(addresses),
  ...Object.keys(translations),
  ...Object.keys(numbers),
  ...['-p', '--proto', '--protonum', '-u', '--status', '--state', '-m', '--mark', '-f', '--family', '-w', '--zone'],
];

/** Reads what follows a filter's name. */
export function readFilter(name: string, reader: WordReader, context: FilterContext): Filter | undefined {
  const address = Object.hasOwn(addresses, name) ? addresses[name] : undefined;
  if (address !== undefined) {
    const prefix = readPrefix(reader, context);
    return prefix && ((connection) => inPrefix(address(connection), prefix));
  }
  const translated = Object.hasOwn(translations, name) ? translations[name] : undefined;
  if (translated !== undefined) {
    const prefix = reader.peek()?.startsWith('-') === false ? readPrefix(reader, context) : undefined;
    return (connection) => translated(connection, prefix);
  }
  if (Object.hasOwn(numbers, name)) return readNumber(name, reader, context);
  switch (name) {
    case '-p':
    case '--proto':
    case '--protonum':
      return readProtocol(reader, context);
    case '-u':
    case '--status':
      return readStatus(reader);
    case '--state':
      return readState(reader, context);
    case '-m':
    case '--mark':
      return readMark(reader);
    case '-f':
    case '--family':
      return readFamily(reader, context);
    default: {
      const zone = reader.value('a zone', (text) => parseNumber(text, 65_535));
      return () => zone === 0;
    }
  }
}

const isIn = (address: Address, prefix: Prefix | undefined): boolean =>
  prefix === undefined || inPrefix(address, prefix);

function readPrefix(reader: WordReader, context: FilterContext): Prefix | undefined {
  const prefix = reader.value('an address or network', parsePrefix);
  if (prefix === undefined) return undefined;
  const family = addressBits(prefix.address) === 32 ? 'ipv4' : 'ipv6';
  if (context.family !== undefined && context.family !== family)
    reader.problem('bad-value', `\`${reader.last.text}\` is not of the family ${context.family}`, 'leave `-f` out');
  context.family = family;
  return prefix;
}

function readNumber(name: string, reader: WordReader, { protocol = '' }: FilterContext): Filter | undefined {
  const { of = [], most = 0, value = () => 0 } = numbers[name] ?? {};
  const word = reader.last;
  const wanted = reader.value(`a number up to ${most}`, (text) => parseNumber(text, most));
  if (!of.includes(protocol)) {
    reader.problem(
      'unknown-option',
      `\`${name}\` is known only after the protocol`,
      `write \`-p ${of[0]}\` before it`,
      word,
    );
    return undefined;
  }
  return wanted === undefined ? undefined : (connection) => value(connection) === wanted;
}

function readProtocol(reader: WordReader, context: FilterContext): Filter | undefined {
  const protocol = reader.value(
    'a protocol',
    (text) => protocols.find((name) => name === (protocolNames[text] ?? text.toLowerCase())),
    `known: ${protocols.join(', ')}`,
  );
  if (protocol === undefined) return undefined;
  context.protocol = protocol;
  return ({ original }) => {
    const isIcmpv6 = original.protocol === 'icmp' && typeof original.source === 'bigint';
    return (isIcmpv6 ? 'icmpv6' : original.protocol) === protocol;
  };
}

function readStatus(reader: WordReader): Filter | undefined {
  const known = Object.keys(statuses);
  const wanted = reader.value(
    'a status',
    (text) => {
      const names = text.split(',');
      return names.every((name) => known.includes(name)) ? names : undefined;
    },
    `known: ${known.join(', ')}, several with commas`,
  );
  return wanted && ((connection) => wanted.every((name) => statuses[name]?.(connection)));
}

function readState(reader: WordReader, { protocol }: FilterContext): Filter | undefined {
  const word = reader.last;
  const state = reader.value(
    'a TCP state',
    (text) => tcpStates.find((name) => name === text),
    `known: ${tcpStates.join(', ')}`,
  );
  if (protocol !== 'tcp') {
    reader.problem('unknown-option', '`--state` is known only after the protocol', 'write `-p tcp` before it', word);
    return undefined;
  }
  return state && ((connection) => connection.state === state);
}

function readMark(reader: WordReader): Filter | undefined {
  const parts = reader.value('a mark, with or without a mask', (text) => {
    const [mark, mask, ...rest] = text.split('/').map((part) => (/^(0x[\da-f]+|\d+)$/i.test(part) ? Number(part) : -1));
    return mark === undefined || mark < 0 || (mask ?? 0) < 0 || rest.length > 0 ? undefined : { mark, mask };
  });
  if (parts === undefined) return undefined;
  const { mark, mask = 0xffffffff } = parts;
  return (connection) => (connection.mark & mask) >>> 0 === mark;
}

function readFamily(reader: WordReader, context: FilterContext): Filter | undefined {
  const family = reader.value('ipv4 or ipv6', (text) => (text === 'ipv4' || text === 'ipv6' ? text : undefined));
  if (family === undefined) return undefined;
  if (context.family !== undefined && context.family !== family)
    reader.problem('bad-value', `the addresses before it are not of the family ${family}`, 'leave `-f` out');
  context.family = family;
  const bits = addressBits(parseAddress(family === 'ipv4' ? '0.0.0.0' : '::') ?? 0);
  return (connection) => addressBits(connection.original.source) === bits;
}

function parseNumber(text: string, most: number): number | undefined {
  return /^\d{1,9}$/.test(text) && Number(text) <= most ? Number(text) : undefined;
}
