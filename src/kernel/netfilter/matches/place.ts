import { type AddressType, addressTypes, always } from '../context.ts';
import { bang, flag, negatableFlag, negatableValue } from '../options.ts';
import type { Negatable } from '../rule.ts';
import { parseList } from '../values.ts';
import { quoteName } from '../words.ts';
import type { MatchModule } from './module.ts';

const typeList = `a list of ${addressTypes.join(', ')}`;
const parseTypes = (text: string): readonly AddressType[] | undefined => parseList(text, addressTypes);

/** `-m addrtype`: what the host's routes make of an address. */
export const addrtype: MatchModule = {
  options: {
    '--src-type': negatableValue,
    '--dst-type': negatableValue,
    '--limit-iface-in': flag,
    '--limit-iface-out': flag,
  },
  read: (options) => {
    if (!options.needs('--dst-type', '--src-type')) return undefined;
    const source = options.value('--src-type', typeList, parseTypes);
    const destination = options.value('--dst-type', typeList, parseTypes);
    const [onInput, onOutput] = [options.has('--limit-iface-in'), options.has('--limit-iface-out')];
    const holds = (is: AddressType, types: Negatable<readonly AddressType[]> | undefined): boolean =>
      types === undefined || types.value.includes(is) !== types.not;
    const words = [
      ...(source === undefined ? [] : [`${bang(source)}--src-type ${source.value.join(',')}`]),
      ...(destination === undefined ? [] : [`${bang(destination)}--dst-type ${destination.value.join(',')}`]),
      ...(onInput ? ['--limit-iface-in'] : []),
      ...(onOutput ? ['--limit-iface-out'] : []),
    ];
    return {
      words: words.join(' '),
      test: always(({ packet, input, output }, context) => {
        const device = onInput ? input : onOutput ? output : undefined;
        return (
          (source === undefined || holds(context.addressType(packet.source, device), source)) &&
          (destination === undefined || holds(context.addressType(packet.destination, device), destination))
        );
      }),
      ...(onInput ? { only: { hooks: ['PREROUTING', 'INPUT', 'FORWARD'] as const } } : {}),
      ...(onOutput ? { only: { hooks: ['POSTROUTING', 'OUTPUT', 'FORWARD'] as const } } : {}),
    };
  },
};

/** Their order in print. */
const physdevOptions = [
  ['--physdev-is-in', false],
  ['--physdev-in', true],
  ['--physdev-is-out', false],
  ['--physdev-out', true],
  ['--physdev-is-bridged', false],
] as const;

/** `-m physdev`: no packet here comes by a bridge's port, so that only what is negated matches (xt_physdev.c). */
export const physdev: MatchModule = {
  options: Object.fromEntries(
    physdevOptions.map(([name, hasValue]) => [name, hasValue ? negatableValue : negatableFlag]),
  ),
  read: (options) => {
    if (!options.needs('--physdev-is-bridged', '--physdev-in', '--physdev-out')) return undefined;
    const given = physdevOptions.flatMap(([name, hasValue]) => {
      const { not } = options.flag(name) ?? {};
      if (not === undefined) return [];
      const device = hasValue ? options.value(name, 'a device', (text) => text)?.value : undefined;
      return [{ not, words: `${bang({ not })}${name}${device === undefined ? '' : ` ${quoteName(device)}`}` }];
    });
    const hit = given.every(({ not }) => not);
    return { words: given.map(({ words }) => words).join(' '), test: always(() => hit) };
  },
};

/** `-m rpfilter`: would an answer leave by the device that the packet came in by? */
export const rpfilter: MatchModule = {
  options: { '--loose': flag, '--validmark': flag, '--accept-local': flag, '--invert': flag },
  read: (options) => {
    const [loose, acceptsLocal, not] = ['--loose', '--accept-local', '--invert'].map((name) => options.has(name));
    const words = ['--loose', '--validmark', '--accept-local', '--invert'].filter((name) => options.has(name));
    return {
      words: words.join(' '),
      only: { tables: ['raw', 'mangle'], hooks: ['PREROUTING'] },
      test: always(({ packet, input }, context) => {
        if (input?.name === 'lo') return not !== true;
        const isLocal = context.addressType(packet.source) === 'LOCAL';
        const back = context.deviceTowards(packet.source);
        const passes = isLocal ? acceptsLocal === true : back !== undefined && (loose === true || back === input);
        return passes !== not;
      }),
    };
  },
};

/**
 * `-m owner`: every program on the host runs as root. The kernel sends its own messages by a socket that nobody owns;
 * what only passes through has none (xt_owner.c).
 */
export const owner: MatchModule = {
  options: { '--uid-owner': negatableValue, '--gid-owner': negatableValue, '--socket-exists': negatableFlag },
  read: (options) => {
    if (!options.needs('--uid-owner', '--gid-owner', '--socket-exists')) return undefined;
    const hint = 'a number: who the names of the node stand for is not known here';
    const users = options.value('--uid-owner', 'a user', parseIds, hint);
    const groups = options.value('--gid-owner', 'a group', parseIds, hint);
    const socket = options.flag('--socket-exists');
    const words = [
      ...(socket === undefined ? [] : [`${bang(socket)}--socket-exists`]),
      ...(users === undefined ? [] : [`${bang(users)}--uid-owner ${printIds(users.value)}`]),
      ...(groups === undefined ? [] : [`${bang(groups)}--gid-owner ${printIds(groups.value)}`]),
    ];
    const isNegated = (given: { readonly not: boolean } | undefined): boolean => given?.not !== false;
    const isRoot = (ids: Negatable<Ids> | undefined): boolean => ids === undefined || (ids.value[0] === 0) !== ids.not;
    return {
      words: words.join(' '),
      only: { hooks: ['OUTPUT', 'POSTROUTING'] },
      test: always(({ packet, input }) => {
        if (input !== undefined) return isNegated(socket) && isNegated(users) && isNegated(groups);
        if (socket?.not === true) return false;
        const isOwned = packet.protocol !== 'icmp';
        return isOwned ? isRoot(users) && isRoot(groups) : isNegated(users) && isNegated(groups);
      }),
    };
  },
};

type Ids = readonly [from: number, to: number];

function parseIds(text: string): Ids | undefined {
  if (text === 'root') return [0, 0];
  const [, from, to = from] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(text) ?? [];
  return from === undefined || Number(to) < Number(from) ? undefined : [Number(from), Number(to)];
}

function printIds([from, to]: Ids): string {
  return from === to ? `${from}` : `${from}-${to}`;
}

/** `-m socket --transparent`: no socket here is a transparent one. */
export const socket: MatchModule = {
  options: { '--transparent': flag, '--nowildcard': flag, '--restore-skmark': flag },
  read: (options) => {
    if (!options.has('--transparent'))
      return options.problem(
        'not-modelled',
        '`-m socket` is known with `--transparent` alone',
        'take the rule out, or say `--transparent` if that is what it is for',
      );
    const words = ['--transparent', '--nowildcard', '--restore-skmark'].filter((name) => options.has(name));
    return { words: words.join(' '), test: always(() => false) };
  },
};

const packetKinds = ['unicast', 'broadcast', 'multicast'] as const;

/** `-m pkttype`: links here carry frames to one station. */
export const pkttype: MatchModule = {
  options: { '--pkt-type': negatableValue },
  read: (options) => {
    if (!options.needs('--pkt-type')) return undefined;
    const given = options.value('--pkt-type', `one of ${packetKinds.join(', ')}`, (text) =>
      packetKinds.find((kind) => kind === text),
    );
    if (given === undefined) return undefined;
    const hit = (given.value === 'unicast') !== given.not;
    return { words: `${bang(given)}--pkt-type ${given.value}`, test: always(() => hit) };
  },
};
