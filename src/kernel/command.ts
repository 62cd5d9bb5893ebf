import type { Problems, Source } from '../problem/problem.ts';
import { didYouMean } from '../problem/suggestion.ts';
import { parseConntrackCommand } from './conntrack/command.ts';
import type { Tracker } from './conntrack/tracker.ts';
import { parseIpCommand } from './ip/command.ts';
import type { IpStack } from './ip/stack.ts';
import type { IpSets } from './ipset/sets.ts';
import type { IpvsAdministration } from './ipvs/administration.ts';
import { parseIpvsadmCommand } from './ipvs/command.ts';
import type { Ipvs } from './ipvs/ipvs.ts';
import { parseIpsetCommand, parseNftCommand } from './looking.ts';
import type { Hooks } from './netfilter/hooks.ts';
import { parseIptablesCommand } from './netfilter/parse-changes.ts';
import { WordReader } from './netfilter/reader.ts';
import { splitWords, type Word } from './netfilter/words.ts';
import { type Sysctls, sysctlNames } from './sysctls.ts';

/** What commands act on: the parts of a host. */
export interface Machine {
  readonly stack: IpStack;
  readonly netfilter: Hooks;
  readonly conntrack: Tracker;
  readonly ipvs: Ipvs;
  readonly ipvsAdministration: IpvsAdministration;
  readonly sets: IpSets;
  readonly sysctls: Sysctls;
  /** Takes a line that a command prints. `stamped`: with the time before it. */
  readonly print: (command: string, line: string, stamped?: boolean) => void;
}

/** A command that was understood. What only shows when it runs (no such chain, no such device) is a problem then. */
export type Command = (machine: Machine, problems: Problems) => void;

const programs = ['iptables', 'ip6tables', 'conntrack', 'ipvsadm', 'ipset', 'nft', 'ip', 'sysctl', 'true'];

/**
 * Understands what an operator would type in a shell on a host: iptables, ip6tables, `conntrack -L|-D|-F|-C|-S|-E`, ipvsadm, `ip route|link|addr`,
 * sysctl and `true`, joined by `;`, `&&` or new lines. Anything else is named as a problem.
 */
export function parseCommands(source: Source, problems: Problems): Command[] {
  const commands: Command[] = [];
  for (const [index, line] of source.text.split('\n').entries()) {
    const place = { file: source.file, line: index + 1, column: 1 };
    let words: Word[] = [];
    const finish = (column: number) => {
      const end = { ...place, text: '', separates: true, column };
      const command = words.length > 0 ? parseCommand(words, end, problems) : undefined;
      if (command !== undefined) commands.push(command);
      words = [];
    };
    for (const word of splitWords(line, place, 'shell')) {
      if (word.separates) finish(word.column);
      else words.push(word);
    }
    finish(line.length + 1);
  }
  return commands;
}

/** Understands commands and runs them; the first that fails is the last. */
export function runCommand(machine: Machine, source: Source, problems: Problems): void {
  const commands = parseCommands(source, problems);
  for (const command of commands) {
    if (problems.length > 0) return;
    command(machine, problems);
  }
}

function parseCommand(words: readonly Word[], end: Word, problems: Problems): Command | undefined {
  const reader = new WordReader(words, end, problems);
  const name = reader.take('a command');
  switch (name?.text) {
    case undefined:
      return undefined;
    case 'true':
      return () => {};
    case 'iptables':
    case 'ip6tables': {
      const family = name.text === 'iptables' ? 'ipv4' : 'ipv6';
      const changes = parseIptablesCommand(words.slice(1), end, problems, family);
      return changes && (({ netfilter }, found) => netfilter.change(changes, false, found));
    }
    case 'conntrack': {
      const run = parseConntrackCommand(reader);
      return run && (({ conntrack, print }) => run({ conntrack, print: (...line) => print(textOf(words), ...line) }));
    }
    case 'ip':
      return parseIpCommand(reader);
    case 'ipvsadm': {
      const run = parseIpvsadmCommand(reader);
      return (
        run &&
        (({ ipvs, ipvsAdministration, print }, found) =>
          run({ ipvs, ipvsAdministration, print: (line) => print(textOf(words), line) }, found))
      );
    }
    case 'nft':
    case 'ipset': {
      const look = name.text === 'nft' ? parseNftCommand(reader) : parseIpsetCommand(reader);
      const print = (machine: Machine, lines: readonly string[]) => {
        for (const line of lines) machine.print(textOf(words), line);
      };
      return look && ((machine) => print(machine, look(machine)));
    }
    case 'sysctl':
      return parseSysctlCommand(reader, textOf(words));
    default:
      reader.problem(
        'unknown-command',
        `the command \`${name?.text}\` is not known`,
        didYouMean(name?.text ?? '', programs, 'known'),
        name,
      );
      return undefined;
  }
}

function textOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join(' ');
}

/** Knobs that only tell. */
const readOnly: Readonly<Record<string, (machine: Machine) => number>> = {
  'net.netfilter.nf_conntrack_count': ({ conntrack }) => conntrack.table.size,
};

/** `sysctl -w net.netfilter.nf_conntrack_udp_timeout=20 …`; without a value it is printed. */
function parseSysctlCommand(reader: WordReader, text: string): Command {
  const settings: { name: string; value: number | undefined }[] = [];
  const flags = new Set<string>();
  while (reader.peek() !== undefined) {
    const word = reader.take('a setting');
    if (word !== undefined && /^-[nwqe]+$/.test(word.text)) for (const flag of word.text.slice(1)) flags.add(flag);
    else if (word !== undefined) settings.push(...readSetting(word.text, reader, flags.has('w')));
  }
  return (machine) => {
    for (const { name, value } of settings) {
      if (value !== undefined) machine.sysctls.set(name, value);
      const now = readOnly[name]?.(machine) ?? machine.sysctls.get(name);
      if (!flags.has('q')) machine.print(text, flags.has('n') ? `${now}` : `${name} = ${now}`);
    }
  };
}

function readSetting(word: string, reader: WordReader, writes: boolean): { name: string; value: number | undefined }[] {
  const match = /^([\w./-]+?)(?:=(-?\d+))?$/.exec(word);
  const name = match?.[1]?.replaceAll('/', '.') ?? '';
  const value = match?.[2] === undefined ? undefined : Number(match[2]);
  const isReadOnly = Object.hasOwn(readOnly, name);
  if (match === null || (writes && value === undefined))
    reader.problem('bad-value', `\`${word}\` is not a setting`, 'such as `net.ipv4.ip_forward=1`');
  else if (isReadOnly && value !== undefined)
    reader.problem('bad-value', `the sysctl ${name} cannot be set`, 'it tells how many entries there are');
  else if (!isReadOnly && !sysctlNames.includes(name)) {
    const known = [...sysctlNames, ...Object.keys(readOnly)];
    reader.problem('unknown-sysctl', `the sysctl ${name} is not modelled`, didYouMean(name, known, 'known'));
  } else return [{ name, value }];
  return [];
}
