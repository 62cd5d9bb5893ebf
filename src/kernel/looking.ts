import type { IpSets } from './ipset/sets.ts';
import type { Hooks } from './netfilter/hooks.ts';
import type { WordReader } from './netfilter/reader.ts';

/** What a command that only looks prints. */
type Look = (machine: { readonly netfilter: Hooks; readonly sets: IpSets }) => string[];

/** `nft list ruleset`, `nft list table FAMILY NAME`: tables that are not iptables'. */
export function parseNftCommand(reader: WordReader): Look | undefined {
  const words = rest(reader);
  if (/^list (ruleset|table ip6? \S+)$/.test(words.replace(/^(-\w+ )+/, '')))
    return ({ netfilter }) => netfilter.printNft();
  reader.problem(
    'unknown-command',
    `\`nft ${words}\` is not known here`,
    'known: nft list ruleset, nft list table ip NAME',
  );
  return undefined;
}

/** `ipset save`, `ipset list`: both print as `ipset save` does. */
export function parseIpsetCommand(reader: WordReader): Look | undefined {
  const words = rest(reader);
  if (words === 'save' || words === 'list') return ({ sets }) => sets.print();
  reader.problem('unknown-command', `\`ipset ${words}\` is not known here`, 'known: ipset save, ipset list');
  return undefined;
}

function rest(reader: WordReader): string {
  const words: string[] = [];
  while (reader.peek() !== undefined) words.push(reader.take('a word')?.text ?? '');
  return words.join(' ');
}
