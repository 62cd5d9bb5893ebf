import type { SetSide } from '../ipset/sets.ts';
import type { WordReader } from './reader.ts';
import type { AddressType, CtStateName, Match, Negatable, PortRange } from './rule.ts';
import {
  addressTypes,
  ctStates,
  parseCount,
  parseList,
  parseMark,
  parsePortList,
  parsePorts,
  parseProbability,
  tcpFlags,
} from './values.ts';
import type { Word } from './words.ts';

export const matchModules = [
  'comment',
  'udp',
  'tcp',
  'multiport',
  'statistic',
  'mark',
  'conntrack',
  'state',
  'addrtype',
  'icmp',
  'icmp6',
  'set',
  'physdev',
] as const;
export type MatchModule = (typeof matchModules)[number];

/** A match whose options are being read. */
export interface MatchDraft {
  readonly module: MatchModule;
  readonly word: Word;
  text?: string;
  sourcePorts?: Negatable<PortRange>;
  destinationPorts?: Negatable<PortRange>;
  flags?: Negatable<{ readonly among: readonly string[]; readonly set: readonly string[] }>;
  ports?: { readonly which: 'sports' | 'dports' | 'ports'; readonly ports: Negatable<readonly PortRange[]> };
  mode?: 'random' | 'nth';
  probability?: Negatable<number>;
  every?: Negatable<number>;
  packet?: number;
  mark?: Negatable<{ readonly value: number; readonly mask: number }>;
  states?: Negatable<readonly CtStateName[]>;
  source?: Negatable<readonly AddressType[]>;
  destination?: Negatable<readonly AddressType[]>;
  type?: Negatable<string>;
  set?: Negatable<{ readonly name: string; readonly sides: readonly SetSide[] }>;
  readonly options: string[];
}

type ReadOption = (draft: MatchDraft, reader: WordReader, not: boolean) => void;

/** Reads a value into a field when it is right. */
function into<T>(
  what: string,
  parse: (text: string) => T | undefined,
  put: (draft: MatchDraft, value: Negatable<T>) => void,
): ReadOption {
  return (draft, reader, not) => {
    const value = reader.value(what, parse);
    if (value !== undefined) put(draft, { not, value });
  };
}

const text = (word: string): string => word;
const portHint = 'a port or a range such as `53` or `1024:65535`';

const sourcePort = into(portHint, parsePorts, (d, v) => {
  d.sourcePorts = v;
});
const destinationPort = into(portHint, parsePorts, (d, v) => {
  d.destinationPorts = v;
});
const multiport = (which: 'sports' | 'dports' | 'ports') =>
  into('a list of at most 15 ports', parsePortList, (d, ports) => {
    d.ports = { which, ports };
  });
const states = into(
  `a list of ${ctStates.join(', ')}`,
  (t) => parseList(t, ctStates),
  (d, v) => {
    d.states = v;
  },
);
const icmpType = into('an ICMP type', text, (d, v) => {
  d.type = v;
});
const typeList = `a list of ${addressTypes.join(', ')}`;
const setSides: readonly SetSide[] = ['src', 'dst'];
const flagNames = (t: string): readonly string[] | undefined =>
  t === 'ALL' ? tcpFlags : t === 'NONE' ? [] : parseList(t, tcpFlags);

const portOptions: Readonly<Record<string, ReadOption>> = {
  '--sport': sourcePort,
  '--source-port': sourcePort,
  '--dport': destinationPort,
  '--destination-port': destinationPort,
};
const physdevFlag: ReadOption = (draft, reader) => {
  draft.options.push(reader.last.text);
};
const physdevName: ReadOption = (draft, reader) => {
  const option = reader.last.text;
  const name = reader.value('a device', text);
  if (name !== undefined) draft.options.push(option, name);
};

/** The options of each module. */
export const matchOptions: Readonly<Record<MatchModule, Readonly<Record<string, ReadOption>>>> = {
  comment: {
    '--comment': into('a comment', text, (d, v) => {
      d.text = v.value;
    }),
  },
  udp: portOptions,
  tcp: {
    ...portOptions,
    '--syn': (draft, _reader, not) => {
      draft.flags = { not, value: { among: ['FIN', 'SYN', 'RST', 'ACK'], set: ['SYN'] } };
    },
    '--tcp-flags': (draft, reader, not) => {
      const among = reader.value('a list of TCP flags', flagNames);
      const set = reader.value('a list of TCP flags', flagNames);
      if (among !== undefined && set !== undefined) draft.flags = { not, value: { among, set } };
    },
  },
  multiport: {
    '--sports': multiport('sports'),
    '--source-ports': multiport('sports'),
    '--dports': multiport('dports'),
    '--destination-ports': multiport('dports'),
    '--ports': multiport('ports'),
  },
  statistic: {
    '--mode': into(
      '`random` or `nth`',
      (t) => (t === 'random' || t === 'nth' ? t : undefined),
      (d, v) => {
        d.mode = v.value;
      },
    ),
    '--probability': into('a share between 0 and 1', parseProbability, (d, v) => {
      d.probability = v;
    }),
    '--every': into('a number', parseCount, (d, v) => {
      d.every = v;
    }),
    '--packet': into('a number', parseCount, (d, v) => {
      d.packet = v.value;
    }),
  },
  mark: {
    '--mark': into('a mark such as `0x4000/0x4000`', parseMark, (d, v) => {
      d.mark = v;
    }),
  },
  conntrack: { '--ctstate': states },
  state: { '--state': states },
  addrtype: {
    '--src-type': into(
      typeList,
      (t) => parseList(t, addressTypes),
      (d, v) => {
        d.source = v;
      },
    ),
    '--dst-type': into(
      typeList,
      (t) => parseList(t, addressTypes),
      (d, v) => {
        d.destination = v;
      },
    ),
  },
  icmp: { '--icmp-type': icmpType },
  icmp6: { '--icmpv6-type': icmpType },
  set: {
    '--match-set': (draft, reader, not) => {
      const name = reader.value('the name of a set', text);
      const sides = reader.value('a list of src, dst', (t) => parseList(t, setSides));
      if (name !== undefined && sides !== undefined) draft.set = { not, value: { name, sides } };
    },
  },
  physdev: {
    '--physdev-is-bridged': physdevFlag,
    '--physdev-is-in': physdevFlag,
    '--physdev-is-out': physdevFlag,
    '--physdev-in': physdevName,
    '--physdev-out': physdevName,
  },
};

/** What `-m icmp` and `-m icmp6` call the option for the type. */
export const icmpTypeOptions = { icmp: '--icmp-type', icmp6: '--icmpv6-type' } as const;

/** The match that was read, or undefined and a problem when it is not whole. */
export function finishMatch(draft: MatchDraft, reader: WordReader): Match | undefined {
  const { module } = draft;
  const incomplete = (option: string): undefined => {
    reader.problem('missing-option', `\`-m ${module}\` needs \`${option}\``, '', draft.word);
  };
  switch (module) {
    case 'comment':
      return draft.text === undefined ? incomplete('--comment') : { module, text: draft.text };
    case 'udp':
    case 'tcp':
      return {
        module,
        ...(draft.sourcePorts && { sourcePorts: draft.sourcePorts }),
        ...(draft.destinationPorts && { destinationPorts: draft.destinationPorts }),
        ...(draft.flags && { flags: draft.flags }),
      };
    case 'multiport':
      return draft.ports === undefined ? incomplete('--dports') : { module, ...draft.ports };
    case 'statistic':
      return finishStatistic(draft, incomplete);
    case 'mark':
      return draft.mark === undefined ? incomplete('--mark') : { module, mark: draft.mark };
    case 'conntrack':
    case 'state': {
      const option = module === 'state' ? '--state' : '--ctstate';
      return draft.states === undefined ? incomplete(option) : { module, states: draft.states };
    }
    case 'addrtype': {
      const { source, destination } = draft;
      if (source === undefined && destination === undefined) return incomplete('--dst-type');
      return { module, ...(source && { source }), ...(destination && { destination }) };
    }
    case 'icmp':
    case 'icmp6':
      return draft.type === undefined ? incomplete(icmpTypeOptions[module]) : { module, type: draft.type };
    case 'set':
      return draft.set === undefined ? incomplete('--match-set') : { module, set: draft.set };
    case 'physdev':
      return { module, options: draft.options };
  }
}

function finishStatistic(draft: MatchDraft, incomplete: (option: string) => undefined): Match | undefined {
  if (draft.mode === undefined) return incomplete('--mode');
  if (draft.mode === 'random') {
    if (draft.probability === undefined) return incomplete('--probability');
    return { module: 'statistic', mode: 'random', probability: draft.probability };
  }
  if (draft.every === undefined) return incomplete('--every');
  const { not, value } = draft.every;
  return { module: 'statistic', mode: 'nth', not, every: Math.max(1, value), packet: draft.packet ?? 0 };
}
