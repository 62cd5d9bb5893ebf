import { inPrefix, type Prefix, parsePrefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import { didYouMean } from '../../problem/suggestion.ts';
import type { WordReader } from '../netfilter/reader.ts';
import { parseCount, parseProtocol } from '../netfilter/values.ts';
import type { Connection } from './connection.ts';
import type { Tracker } from './tracker.ts';

type Filter = (connection: Connection) => boolean;

const within = (prefix: Prefix, address: Address) => inPrefix(address, prefix);

/** Filters by an address, by their long and short names (conntrack(8)). */
const addressFilters: Readonly<Record<string, (connection: Connection, prefix: Prefix) => boolean>> = {
  '-s': (c, p) => within(p, c.original.source),
  '--src': (c, p) => within(p, c.original.source),
  '--orig-src': (c, p) => within(p, c.original.source),
  '-d': (c, p) => within(p, c.original.destination),
  '--dst': (c, p) => within(p, c.original.destination),
  '--orig-dst': (c, p) => within(p, c.original.destination),
  '-r': (c, p) => within(p, c.reply.source),
  '--reply-src': (c, p) => within(p, c.reply.source),
  '-q': (c, p) => within(p, c.reply.destination),
  '--reply-dst': (c, p) => within(p, c.reply.destination),
  '--dst-nat': (c, p) => c.destinationChanged && within(p, c.reply.source),
  '--src-nat': (c, p) => c.sourceChanged && within(p, c.reply.destination),
};

const portFilters: Readonly<Record<string, (connection: Connection, port: number) => boolean>> = {
  '--sport': (c, port) => c.original.sourcePort === port,
  '--orig-port-src': (c, port) => c.original.sourcePort === port,
  '--dport': (c, port) => c.original.destinationPort === port,
  '--orig-port-dst': (c, port) => c.original.destinationPort === port,
  '--reply-port-src': (c, port) => c.reply.sourcePort === port,
  '--reply-port-dst': (c, port) => c.reply.destinationPort === port,
};

const stateFilters: Readonly<Record<string, Filter>> = {
  UNREPLIED: (c) => !c.seenReply,
  SEEN_REPLY: (c) => c.seenReply,
  ASSURED: (c) => c.assured,
  UNSET: (c) => !c.seenReply,
};

/** `conntrack -D [filters]` and `conntrack -F`, after their first word. */
export function parseConntrackCommand(reader: WordReader): ((machine: { conntrack: Tracker }) => void) | undefined {
  const word = reader.take('what conntrack is to do');
  switch (word?.text) {
    case '-F':
    case '--flush':
      return ({ conntrack }) => {
        conntrack.delete(() => true);
      };
    case '-D':
    case '--delete': {
      const filters = readFilters(reader);
      return ({ conntrack }) => {
        conntrack.delete((connection) => filters.every((filter) => filter(connection)));
      };
    }
    case undefined:
      return undefined;
    default:
      reader.problem('unknown-command', `\`conntrack ${word?.text}\` is not known here`, 'known: -D, -F', word);
      return undefined;
  }
}

function readFilters(reader: WordReader): Filter[] {
  const filters: Filter[] = [];
  while (reader.peek() !== undefined) {
    const filter = readFilter(reader);
    if (filter !== undefined) filters.push(filter);
  }
  return filters;
}

function readFilter(reader: WordReader): Filter | undefined {
  const word = reader.take('a filter');
  const name = word?.text ?? '';
  if (Object.hasOwn(addressFilters, name)) {
    const prefix = reader.value('an address or network', parsePrefix);
    return prefix && ((connection) => addressFilters[name]?.(connection, prefix) ?? false);
  }
  if (Object.hasOwn(portFilters, name)) {
    const port = reader.value('a port', parseCount);
    return port === undefined ? undefined : (connection) => portFilters[name]?.(connection, port) ?? false;
  }
  switch (name) {
    case '-p':
    case '--proto':
    case '--protonum': {
      const protocol = reader.value('udp or tcp', parseProtocol);
      return protocol && ((connection) => connection.original.protocol === protocol);
    }
    case '-u':
    case '--status': {
      const status = reader.value('a status', (text) =>
        Object.hasOwn(stateFilters, text) ? stateFilters[text] : undefined,
      );
      return status;
    }
    case '--state': {
      const state = reader.value('a TCP state', (text) => text);
      return (connection) => connection.state === state;
    }
    case '-n':
    case '--any-nat':
      return (connection) => connection.sourceChanged || connection.destinationChanged;
    case '-f':
    case '--family':
      reader.value('ipv4', (text) => (text === 'ipv4' ? text : undefined));
      return undefined;
    default: {
      const filters = [...Object.keys(addressFilters), ...Object.keys(portFilters), '-p', '-u', '--state'];
      reader.problem('unknown-option', `the filter \`${name}\` is not known`, didYouMean(name, filters, 'known'), word);
      if (reader.peek()?.startsWith('-') === false) reader.take('its value');
      return undefined;
    }
  }
}
