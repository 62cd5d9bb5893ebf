import type { WordReader } from './reader.ts';
import type { NatRange, PortRange, RejectWith, Target } from './rule.ts';
import { parseMark, parseNatRange, parsePorts, parseRejectWith } from './values.ts';
import type { Word } from './words.ts';

export const targetNames = [
  'ACCEPT',
  'DROP',
  'RETURN',
  'REJECT',
  'DNAT',
  'SNAT',
  'MASQUERADE',
  'MARK',
  'NOTRACK',
  'CT',
  'LOG',
] as const;
export type TargetName = (typeof targetNames)[number];

/** A target whose options are being read. */
export interface TargetDraft {
  readonly name: TargetName;
  readonly word: Word;
  range?: NatRange;
  ports?: PortRange;
  with?: RejectWith;
  mark?: { readonly value: number; readonly mask: number };
  random: boolean;
  randomFully: boolean;
  persistent: boolean;
  notrack: boolean;
  readonly options: string[];
}

type ReadOption = (draft: TargetDraft, reader: WordReader) => void;
type Mark = { readonly value: number; readonly mask: number };

const portUnreachable = { ipv4: 'icmp-port-unreachable', ipv6: 'icmp6-port-unreachable' } as const;
const natAddress = { ipv4: 'an address such as `10.244.1.5:53`', ipv6: 'an address such as `[fd00::5]:53`' } as const;
const natFlags: Readonly<Record<string, ReadOption>> = {
  '--random': (draft) => {
    draft.random = true;
  },
  '--persistent': (draft) => {
    draft.persistent = true;
  },
};
const randomFully: ReadOption = (draft) => {
  draft.randomFully = true;
};
const natRange: ReadOption = (draft, reader) => {
  const { family } = reader;
  const range = reader.value(natAddress[family], (text) => parseNatRange(text, family));
  if (range !== undefined) draft.range = range;
};
/** MARK's ways to say what becomes of the mark, all as `(mark & ~mask) ^ value`. */
const setMark =
  (meaning: (mark: Mark) => Mark): ReadOption =>
  (draft, reader) => {
    const mark = reader.value('a mark such as `0x4000/0x4000`', parseMark);
    if (mark !== undefined) draft.mark = meaning(mark);
  };
const logOption: ReadOption = (draft, reader) => {
  const option = reader.last.text;
  const value = reader.value('a value', (text) => text);
  if (value !== undefined) draft.options.push(option, value);
};
const logFlag: ReadOption = (draft, reader) => {
  draft.options.push(reader.last.text);
};

export const targetOptions: Readonly<Record<TargetName, Readonly<Record<string, ReadOption>>>> = {
  ACCEPT: {},
  DROP: {},
  RETURN: {},
  NOTRACK: {},
  CT: {
    '--notrack': (draft) => {
      draft.notrack = true;
    },
  },
  REJECT: {
    '--reject-with': (draft, reader) => {
      const { family } = reader;
      const hint = `such as \`${portUnreachable[family]}\` or \`tcp-reset\``;
      const how = reader.value('a way to reject', (text) => parseRejectWith(text, family), hint);
      if (how !== undefined) draft.with = how;
    },
  },
  DNAT: { ...natFlags, '--to-destination': natRange },
  SNAT: { ...natFlags, '--random-fully': randomFully, '--to-source': natRange },
  MASQUERADE: {
    '--random': (draft) => {
      draft.random = true;
    },
    '--random-fully': randomFully,
    '--to-ports': (draft, reader) => {
      const ports = reader.value('ports such as `1024-31000`', (text) => parsePorts(text, '-'));
      if (ports !== undefined) draft.ports = ports;
    },
  },
  MARK: {
    '--set-xmark': setMark((mark) => mark),
    '--set-mark': setMark(({ value, mask }) => ({ value, mask: (value | mask) >>> 0 })),
    '--or-mark': setMark(({ value }) => ({ value, mask: value })),
    '--and-mark': setMark(({ value }) => ({ value: 0, mask: ~value >>> 0 })),
    '--xor-mark': setMark(({ value }) => ({ value, mask: 0 })),
  },
  LOG: {
    '--log-prefix': logOption,
    '--log-level': logOption,
    '--log-tcp-sequence': logFlag,
    '--log-tcp-options': logFlag,
    '--log-ip-options': logFlag,
    '--log-uid': logFlag,
  },
};

/** The target that was read, or undefined and a problem when it is not whole. */
export function finishTarget(draft: TargetDraft, reader: WordReader): Target | undefined {
  const { name, range, random, persistent } = draft;
  const incomplete = (option: string): undefined => {
    reader.problem('missing-option', `\`-j ${name}\` needs \`${option}\``, '', draft.word);
  };
  switch (name) {
    case 'ACCEPT':
    case 'DROP':
    case 'RETURN':
    case 'NOTRACK':
      return { kind: name };
    case 'CT':
      return draft.notrack ? { kind: 'CT', notrack: true } : incomplete('--notrack');
    case 'REJECT':
      return { kind: 'REJECT', with: draft.with ?? portUnreachable[reader.family] };
    case 'DNAT':
    case 'SNAT':
      if (range === undefined) return incomplete(name === 'DNAT' ? '--to-destination' : '--to-source');
      return { kind: name, range, random, randomFully: draft.randomFully, persistent };
    case 'MASQUERADE':
      return { kind: name, random, randomFully: draft.randomFully, ...(draft.ports && { ports: draft.ports }) };
    case 'MARK':
      return draft.mark === undefined ? incomplete('--set-xmark') : { kind: 'MARK', ...draft.mark };
    case 'LOG':
      return { kind: 'LOG', options: draft.options };
  }
}
