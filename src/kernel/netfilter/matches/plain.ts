import { formatAddress, isBetween } from '../../../network/address.ts';
import type { Address } from '../../../network/packet.ts';
import { ipLength } from '../../../network/size.ts';
import { always } from '../context.ts';
import { bang, negatableValue, value } from '../options.ts';
import type { Negatable } from '../rule.ts';
import { parseAddressRange, parseWhole } from '../values.ts';
import { quoteText } from '../words.ts';
import type { MatchModule } from './module.ts';

const longestComment = 255;

export const comment: MatchModule = {
  options: { '--comment': value },
  read: (options) => {
    if (!options.needs('--comment')) return undefined;
    const given = options.value('--comment', `a comment of at most ${longestComment} letters`, (text) =>
      text.length <= longestComment ? text : undefined,
    );
    return given && { words: `--comment ${quoteText(given.value)}` };
  },
};

/** `-m nfacct`: counts into an object of its own, and always matches. */
export const nfacct: MatchModule = {
  options: { '--nfacct-name': value },
  read: (options) => {
    if (!options.needs('--nfacct-name')) return undefined;
    const given = options.value('--nfacct-name', 'a name of at most 31 letters', (text) =>
      /^\S{1,31}$/.test(text) ? text : undefined,
    );
    return given && { words: `--nfacct-name ${given.value}` };
  },
};

/** `-m ttl` and, of ip6tables, `-m hl`: hops left. */
export const ttl = hopsModule('--ttl');
export const hl = hopsModule('--hl');

function hopsModule(option: '--ttl' | '--hl'): MatchModule {
  const [equal, less, more] = [`${option}-eq`, `${option}-lt`, `${option}-gt`];
  const forms = { [equal]: negatableValue, [less]: value, [more]: value };
  return {
    options: forms,
    read: (options) => {
      const name = [equal, less, more].find((one) => options.has(one));
      if (!options.needs(equal, less, more) || name === undefined) return undefined;
      const given = options.value(name, 'a number up to 255', (text) => parseWhole(text, 255));
      if (given === undefined) return undefined;
      const { value: limit, not } = given;
      return {
        words: `${bang(given)}${name} ${limit}`,
        test: always(({ packet: { ttl: left } }) => {
          if (name === less) return left < limit;
          return name === more ? left > limit : (left === limit) !== not;
        }),
      };
    },
  };
}

type Range = Negatable<{ readonly from: Address; readonly to: Address }>;

export const iprange: MatchModule = {
  options: { '--src-range': negatableValue, '--dst-range': negatableValue },
  read: (options, { family }) => {
    if (!options.needs('--src-range', '--dst-range')) return undefined;
    const [source, destination] = ['--src-range', '--dst-range'].map((name) =>
      options.value(name, 'a range such as `10.0.0.1-10.0.0.9`', (text) => parseAddressRange(text, family)),
    );
    const print = (name: string, range: Range | undefined): string[] =>
      range === undefined
        ? []
        : [`${bang(range)}${name} ${formatAddress(range.value.from)}-${formatAddress(range.value.to)}`];
    const holds = (address: Address, range: Range | undefined): boolean =>
      range === undefined || isBetween(address, range.value.from, range.value.to) !== range.not;
    return {
      words: [...print('--src-range', source), ...print('--dst-range', destination)].join(' '),
      test: always(({ packet }) => holds(packet.source, source) && holds(packet.destination, destination)),
    };
  },
};

/** `-m length`: octets of the whole packet. */
export const length: MatchModule = {
  options: { '--length': negatableValue },
  read: (options) => {
    if (!options.needs('--length')) return undefined;
    const given = options.value('--length', 'a length or a range such as `512:65535`', parseLengths);
    if (given === undefined) return undefined;
    const [from, to] = given.value;
    return {
      words: `${bang(given)}--length ${from === to ? from : `${from}:${to}`}`,
      test: always(({ packet }) => {
        const octets = ipLength(packet);
        return (octets >= from && octets <= to) !== given.not;
      }),
    };
  },
};

function parseLengths(text: string): readonly [number, number] | undefined {
  const [first = '', last = first, ...rest] = text.split(':');
  const [from, to] = [parseWhole(first, 65_535), parseWhole(last, 65_535)];
  return rest.length > 0 || from === undefined || to === undefined || to < from ? undefined : [from, to];
}
