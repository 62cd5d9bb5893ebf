import { inPrefix, type Prefix, parsePrefix } from '../../../network/address.ts';
import type { Address } from '../../../network/packet.ts';
import type { Dispenser } from '../../corefile/dispenser.ts';
import { normalizeZones } from '../../corefile/keys.ts';
import { type History, inRelease } from '../../history.ts';
import type { Release } from '../../releases.ts';
import { isType } from '../../types.ts';

const actions = ['allow', 'block', 'filter', 'drop'] as const;
export type Action = (typeof actions)[number];

/** What is done to queries of these types from these networks; `undefined`: all. */
export interface Policy {
  readonly action: Action;
  readonly types: readonly string[] | undefined;
  readonly networks: readonly Prefix[] | undefined;
}

/** One `acl` line: the first of its policies that fits decides. */
export interface Rule {
  readonly zones: readonly string[];
  readonly policies: readonly Policy[];
}

/** Actions that the release knows, and how it lists them. */
const known: History<{ readonly actions: readonly Action[]; readonly list: string }> = [
  ['1.6.7', { actions: ['allow', 'block'], list: "'allow' or 'block'" }],
  ['1.8.2', { actions: ['allow', 'block', 'filter'], list: "'allow', 'block', or 'filter'" }],
  ['1.10.1', { actions, list: "'allow', 'block', 'filter' or 'drop'" }],
];

/** `acl [ZONES…] { ACTION [type QTYPE…] [net SOURCE…] }` */
export function parseRules(words: Dispenser, release: Release, blockZones: readonly string[]): Rule[] {
  const rules: Rule[] = [];
  while (words.next()) {
    const written = words.remainingArguments();
    const zones = written.length > 0 ? written.flatMap((zone) => normalizeZones(zone, release) ?? []) : blockZones;
    const policies: Policy[] = [];
    while (words.nextBlock()) policies.push(parsePolicy(words, release));
    rules.push({ zones, policies });
  }
  return rules;
}

function parsePolicy(words: Dispenser, release: Release): Policy {
  const { actions, list } = inRelease(known, release.name);
  const action = actions.find((name) => name === words.value.toLowerCase());
  if (action === undefined) throw words.error(`unexpected token "${words.value}"; expect ${list}`);
  let types: string[] | undefined;
  let networks: Prefix[] | undefined;
  for (const { section, tokens } of sections(words)) {
    if (section === 'type')
      types = tokens.includes('*') ? undefined : tokens.map((token) => legalType(words, token, release));
    else networks = tokens.includes('*') ? undefined : tokens.map((token) => network(words, token));
  }
  return { action, types, networks };
}

interface Section {
  readonly section: 'type' | 'net';
  readonly tokens: string[];
}

function sections(words: Dispenser): Section[] {
  const found: Section[] = [];
  for (const token of words.remainingArguments()) {
    const lower = token.toLowerCase();
    if (lower === 'type' || lower === 'net') found.push({ section: lower, tokens: [] });
    else if (found.length === 0) throw words.error(`unexpected token "${token}"; expect 'type | net'`);
    else found.at(-1)?.tokens.push(token);
  }
  const empty = found.find(({ tokens }) => tokens.length === 0);
  if (empty !== undefined) throw words.error(`no token specified in "${empty.section}" section`);
  return found;
}

function legalType(words: Dispenser, token: string, release: Release): string {
  if (!isType(token, release.name)) throw words.error(`unexpected token "${token}"; expect legal QTYPE`);
  return token;
}

function network(words: Dispenser, token: string): Prefix {
  const cidr = token.includes('/') ? token : `${token}/${token.includes(':') ? 128 : 32}`;
  const prefix = parsePrefix(cidr);
  if (prefix === undefined) throw words.error(`illegal CIDR notation "${cidr}"`);
  return prefix;
}

/** What a rule says about a query; undefined: nothing. */
export function decide(rule: Rule, type: string, client: Address): Action | undefined {
  return rule.policies.find(
    ({ types, networks }) =>
      (types === undefined || types.includes(type)) &&
      (networks === undefined || networks.some((prefix) => inPrefix(client, prefix))),
  )?.action;
}
