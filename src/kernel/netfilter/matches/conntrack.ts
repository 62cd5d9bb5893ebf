import { second } from '../../../engine/time.ts';
import type { AddressFamily } from '../../../network/address.ts';
import { prefixTest } from '../../../network/address.ts';
import type { Connection, Tuple } from '../../conntrack/connection.ts';
import type { CtState, SocketBuffer } from '../../ip/socket-buffer.ts';
import type { Test } from '../context.ts';
import { bang, negatableValue, type Options, value } from '../options.ts';
import { protocolNumber } from '../protocols.ts';
import type { Negatable } from '../rule.ts';
import { parseList, parseNetwork, parsePorts, parseWhole, printNetwork, printPorts } from '../values.ts';
import type { MatchModule } from './module.ts';

const states = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED', 'SNAT', 'DNAT'] as const;
type StateName = (typeof states)[number];
const oldStates = states.slice(0, 5);

const seenAs: Readonly<Partial<Record<StateName, CtState>>> = {
  NEW: 'new',
  ESTABLISHED: 'established',
  RELATED: 'related',
  INVALID: 'invalid',
  UNTRACKED: 'untracked',
};

const statuses = ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'] as const;

/** One option of `-m conntrack`: what is printed, and its test. */
interface Part {
  readonly words: string;
  readonly test: Test;
}

/** A match of an older name, with one option. */
export const state: MatchModule = {
  options: { '--state': negatableValue },
  read: (options) => {
    if (!options.needs('--state')) return undefined;
    const part = statePart(options, '--state', oldStates);
    return part && { words: part.words, test: () => part.test, tracks: true };
  },
};

/** `--ctorigsrc` and its like: which tuple, and which side of it. */
const addressOptions = [
  ['--ctorigsrc', 'original', 'source'],
  ['--ctorigdst', 'original', 'destination'],
  ['--ctreplsrc', 'reply', 'source'],
  ['--ctrepldst', 'reply', 'destination'],
] as const;

export const conntrack: MatchModule = {
  options: {
    '--ctstate': negatableValue,
    '--ctproto': negatableValue,
    ...Object.fromEntries(
      addressOptions.flatMap(([name]) => [
        [name, negatableValue],
        [`${name}port`, negatableValue],
      ]),
    ),
    '--ctstatus': negatableValue,
    '--ctexpire': negatableValue,
    '--ctdir': value,
  },
  read: (options, { family }) => {
    if (!options.needs(...Object.keys(conntrack.options))) return undefined;
    const parts = [
      statePart(options, '--ctstate', states),
      protocolPart(options),
      ...addressOptions.map((option) => addressPart(options, option, family)),
      ...addressOptions.map((option) => portPart(options, option)),
      statusPart(options),
      expiryPart(options),
      directionPart(options),
    ].filter((part) => part !== undefined);
    const tests = parts.map(({ test }) => test);
    return {
      words: parts.map(({ words }) => words).join(' '),
      test: () => (buffer, context) => tests.every((test) => test(buffer, context)),
      tracks: true,
    };
  },
};

function statePart(options: Options, name: string, known: readonly StateName[]): Part | undefined {
  const given = options.value(name, `a list of ${known.join(', ')}`, (text) => parseList(text, known));
  if (given === undefined) return undefined;
  const seen = given.value.map((one) => seenAs[one]);
  const [snat, dnat] = [given.value.includes('SNAT'), given.value.includes('DNAT')];
  return {
    words: `${bang(given)}${name} ${given.value.join(',')}`,
    test: ({ ctState, connection }) => {
      const hit =
        seen.includes(ctState) ||
        (snat && connection?.sourceChanged === true) ||
        (dnat && connection?.destinationChanged === true);
      return hit !== given.not;
    },
  };
}

/** Whatever is asked of a connection: a packet without one does not match, `!` or not. */
function ofConnection(
  { not }: Negatable<unknown>,
  holds: (connection: Connection, buffer: SocketBuffer, now: number) => boolean,
): Test {
  return (buffer, context) =>
    buffer.connection !== undefined && holds(buffer.connection, buffer, context.now()) !== not;
}

function protocolPart(options: Options): Part | undefined {
  const given = options.value('--ctproto', 'a protocol', protocolNumber);
  if (given === undefined) return undefined;
  return {
    words: `${bang(given)}--ctproto ${given.value}`,
    test: ofConnection(given, ({ original }) => protocolNumber(original.protocol) === given.value),
  };
}

function addressPart(
  options: Options,
  [name, tuple, side]: (typeof addressOptions)[number],
  family: AddressFamily,
): Part | undefined {
  const given = options.value(name, 'an address or network', (text) => parseNetwork(text, family));
  if (given === undefined) return undefined;
  const within = prefixTest(given.value);
  return {
    words: `${bang(given)}${name} ${printNetwork(given.value)}`,
    test: ofConnection(given, (connection) => within(connection[tuple][side])),
  };
}

function portPart(options: Options, [name, tuple, side]: (typeof addressOptions)[number]): Part | undefined {
  const given = options.value(`${name}port`, 'a port or a range such as `53` or `1024:65535`', parsePorts);
  if (given === undefined) return undefined;
  const { from, to } = given.value;
  const port = (of: Tuple): number => (side === 'source' ? of.sourcePort : of.destinationPort);
  return {
    words: `${bang(given)}${name}port ${printPorts(given.value)}`,
    test: ofConnection(given, (connection) => port(connection[tuple]) >= from && port(connection[tuple]) <= to),
  };
}

function statusPart(options: Options): Part | undefined {
  const given = options.value('--ctstatus', `a list of ${statuses.join(', ')}`, (text) => parseList(text, statuses));
  if (given === undefined) return undefined;
  const has = (name: (typeof statuses)[number]): boolean => given.value.includes(name);
  return {
    words: `${bang(given)}--ctstatus ${given.value.join(',')}`,
    test: ofConnection(given, ({ seenReply, assured, slot }) => {
      // NONE is no bit, which no status has (xt_conntrack.c).
      return (has('SEEN_REPLY') && seenReply) || (has('ASSURED') && assured) || (has('CONFIRMED') && slot >= 0);
    }),
  };
}

function expiryPart(options: Options): Part | undefined {
  const given = options.value('--ctexpire', 'seconds such as `10` or `10:20`', parseSeconds);
  if (given === undefined) return undefined;
  const [from, to] = given.value;
  return {
    words: `${bang(given)}--ctexpire ${from === to ? from : `${from}:${to}`}`,
    // Until it is confirmed an entry's timer does not run, and nothing is left of it (nf_ct_expires).
    test: ofConnection(given, ({ expires, slot }, _buffer, now) => {
      const left = slot < 0 ? 0 : Math.floor(Math.max(0, expires - now) / second);
      return left >= from && left <= to;
    }),
  };
}

function parseSeconds(text: string): readonly [number, number] | undefined {
  const [first = '', last = first, ...rest] = text.split(':');
  const [from, to] = [parseWhole(first), parseWhole(last)];
  return rest.length > 0 || from === undefined || to === undefined ? undefined : [from, to];
}

function directionPart(options: Options): Part | undefined {
  const given = options.value('--ctdir', 'ORIGINAL or REPLY', (text) =>
    text === 'ORIGINAL' || text === 'REPLY' ? text : undefined,
  );
  if (given === undefined) return undefined;
  return {
    words: `--ctdir ${given.value}`,
    test: ofConnection(given, (_connection, { reply }) => reply === (given.value === 'REPLY')),
  };
}
