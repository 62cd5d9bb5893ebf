import type { Problems } from '../../problem/problem.ts';
import { nearestWord } from '../../problem/suggestion.ts';
import type { PlacedChange, TableChanges } from './parse-changes.ts';
import { printRule } from './print.ts';
import type { ChainChange, Rule, RuleChange, TableName } from './rule.ts';
import { type Test, testsOf } from './tests.ts';

/** Built-in chains by table: where its rules are asked. */
const builtIn: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** A rule in its place. */
interface PlacedRule {
  readonly rule: Rule;
  /** Those of `--mode nth` remember how many packets came this far. */
  readonly tests: readonly Test[];
}

export interface Chain {
  readonly name: string;
  /** Undefined: not built in. */
  readonly policy: 'ACCEPT' | 'DROP' | undefined;
  readonly rules: readonly PlacedRule[];
}

/** Chains by name. A value: a change makes another. */
export type Table = ReadonlyMap<string, Chain>;

export type Tables = Readonly<Record<TableName, Table>>;

function emptyTable(name: TableName): Table {
  return new Map(builtIn[name].map((chain) => [chain, { name: chain, policy: 'ACCEPT', rules: [] }]));
}

export function emptyTables(): Tables {
  return { raw: emptyTable('raw'), mangle: emptyTable('mangle'), nat: emptyTable('nat'), filter: emptyTable('filter') };
}

/**
 * Makes the changes of one COMMIT: all of them, or none and the problems why.
 * Without `noflush` the table begins empty, as iptables-restore has it.
 */
export function changeTable(
  table: Table,
  { table: name, changes }: TableChanges,
  flush: boolean,
  problems: Problems,
): Table {
  const before = problems.length;
  const chains = drafts(flush ? emptyTable(name) : table);
  for (const change of changes) makeChange(chains, change, problems);
  for (const change of changes) checkJump(chains, change, problems);
  return problems.length > before ? table : chains;
}

/** A chain whose rules are being changed. */
interface Draft extends Chain {
  readonly rules: PlacedRule[];
}

type Drafts = Map<string, Draft>;

function drafts(table: Table): Drafts {
  return new Map([...table].map(([name, chain]) => [name, { ...chain, rules: [...chain.rules] }]));
}

type Wrong = (code: string, message: string, hint?: string) => void;

function makeChange(chains: Drafts, change: PlacedChange, problems: Problems): void {
  const { file, line, column } = change;
  const wrong: Wrong = (code, message, hint = '') => problems.push({ code, message, hint, file, line, column });
  switch (change.op) {
    case 'flush-all':
      for (const chain of chains.values()) chains.set(chain.name, { ...chain, rules: [] });
      return;
    case 'delete-empty':
      for (const { name, policy, rules } of chains.values())
        if (policy === undefined && rules.length === 0) chains.delete(name);
      return;
    case 'declare':
      declareChain(chains, change.chain, change.policy);
      return;
    case 'new-chain':
      if (chains.has(change.chain)) wrong('chain-exists', `the chain ${change.chain} exists already`);
      else declareChain(chains, change.chain, undefined);
      return;
    case 'flush':
    case 'delete-chain':
    case 'policy':
      changeChain(chains, change, wrong);
      return;
    default:
      changeRules(chains, change, wrong);
  }
}

function existing(chains: Drafts, name: string, wrong: Wrong): Draft | undefined {
  const chain = chains.get(name);
  if (chain !== undefined) return chain;
  const near = nearestWord(name, [...chains.keys()]);
  const hint = near === undefined ? `make it first with \`:${name} - [0:0]\` or \`-N\`` : `did you mean ${near}?`;
  wrong('no-chain', `there is no chain ${name} in this table`, hint);
  return undefined;
}

function changeChain(chains: Drafts, change: ChainChange, wrong: Wrong): void {
  const chain = existing(chains, change.chain, wrong);
  if (chain === undefined) return;
  switch (change.op) {
    case 'flush':
      chains.set(chain.name, { ...chain, rules: [] });
      return;
    case 'delete-chain':
      if (chain.policy !== undefined) wrong('built-in', `${chain.name} is built in and stays`);
      else chains.delete(chain.name);
      return;
    case 'policy':
      if (chain.policy === undefined) wrong('no-policy', `${chain.name} is not built in: it has no policy`);
      else chains.set(chain.name, { ...chain, policy: change.policy });
  }
}

function changeRules(chains: Drafts, change: RuleChange, wrong: Wrong): void {
  const chain = existing(chains, change.chain, wrong);
  if (chain === undefined) return;
  const { rules } = chain;
  const place = indexOf(rules, change);
  const last = change.op === 'insert' || change.op === 'append' ? rules.length : rules.length - 1;
  if (place < 0 || place > last) {
    const what = 'at' in change ? `no place ${change.at}` : 'no such rule';
    wrong('no-rule', `${chain.name} has ${what}`, 'compare with what iptables-save prints');
    return;
  }
  if (change.op === 'check') return;
  const fresh = 'rule' in change && change.op !== 'delete' ? [{ rule: change.rule, tests: testsOf(change.rule) }] : [];
  const gone = change.op === 'append' || change.op === 'insert' ? 0 : 1;
  rules.splice(place, gone, ...fresh);
}

/** Where in a chain a change acts, from 0; -1: nowhere. */
function indexOf(rules: readonly PlacedRule[], change: RuleChange): number {
  if ('at' in change) return change.at - 1;
  if (change.op === 'append') return rules.length;
  const text = printRule(change.rule);
  return rules.findIndex(({ rule }) => printRule(rule) === text);
}

function declareChain(chains: Drafts, name: string, policy: Chain['policy']): void {
  const chain = chains.get(name);
  if (chain?.policy === undefined) chains.set(name, { name, policy: undefined, rules: [] });
  else chains.set(name, { ...chain, policy: policy ?? chain.policy });
}

function checkJump(chains: Drafts, change: PlacedChange, problems: Problems): void {
  if (!('rule' in change) || change.op === 'delete' || change.op === 'check') return;
  const { target } = change.rule;
  if (target === undefined || (target.kind !== 'jump' && target.kind !== 'goto') || chains.has(target.chain)) return;
  const { file, line, column } = change;
  const message = `the target \`-j ${target.chain}\` is neither known nor a chain of this table`;
  const hint = `known: ACCEPT, DROP, REJECT, RETURN, DNAT, SNAT, MASQUERADE, MARK, NOTRACK, CT, LOG; or make the chain with \`:${target.chain} - [0:0]\``;
  problems.push({ code: 'unknown-target', message, hint, file, line, column });
}

/** The table as iptables-save prints it, from `*name` to COMMIT. */
export function printTable(name: TableName, table: Table): string[] {
  const chains = [...table.values()];
  return [
    `*${name}`,
    ...chains.filter((c) => c.policy !== undefined).map((c) => `:${c.name} ${c.policy} [0:0]`),
    ...chains.filter((c) => c.policy === undefined).map((c) => `:${c.name} - [0:0]`),
    ...chains.flatMap((c) => c.rules.map(({ rule }) => `-A ${c.name} ${printRule(rule)}`.trimEnd())),
    'COMMIT',
  ];
}
