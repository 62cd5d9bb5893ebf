import type { Problems } from '../../problem/problem.ts';
import type { PlacedChange, TableChanges } from './parse-changes.ts';
import { printRule } from './print.ts';
import type { Rule, TableName } from './rule.ts';

/** Built-in chains by table: where its rules are asked. */
export const builtIn: Readonly<Record<TableName, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

/** A rule in its place, with what it has seen. */
export interface PlacedRule {
  readonly rule: Rule;
  /** Packets that came this far, for `--mode nth`. */
  seen: number;
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
export function changeTable(table: Table, { table: name, changes }: TableChanges, flush: boolean, problems: Problems): Table {
  const before = problems.length;
  const chains = new Map(flush ? emptyTable(name) : table);
  for (const change of changes) makeChange(chains, change, problems);
  for (const change of changes) checkJump(chains, change, problems);
  return problems.length > before ? table : chains;
}

function makeChange(chains: Map<string, Chain>, change: PlacedChange, problems: Problems): void {
  const wrong = (code: string, message: string, hint = '') => {
    const { file, line, column } = change;
    problems.push({ code, message, hint, file, line, column });
  };
  if (change.op === 'flush-all' || change.op === 'delete-empty') {
    const flush = change.op === 'flush-all';
    for (const chain of chains.values()) {
      if (flush) chains.set(chain.name, { ...chain, rules: [] });
      else if (chain.policy === undefined && chain.rules.length === 0) chains.delete(chain.name);
    }
    return;
  }
  if (change.op === 'declare') {
    declareChain(chains, change.chain, change.policy);
    return;
  }
  const chain = chains.get(change.chain);
  if (change.op === 'new-chain') {
    if (chain === undefined) declareChain(chains, change.chain, undefined);
    else wrong('chain-exists', `the chain ${change.chain} exists already`);
    return;
  }
  if (chain === undefined) {
    wrong('no-chain', `there is no chain ${change.chain} in this table`, `make it first with \`:${change.chain} - [0:0]\` or \`-N\``);
    return;
  }
  const rules = [...chain.rules];
  const put = (changed: readonly PlacedRule[]) => chains.set(chain.name, { ...chain, rules: changed });
  switch (change.op) {
    case 'append':
      put([...rules, { rule: change.rule, seen: 0 }]);
      return;
    case 'insert':
      if (change.at < 1 || change.at > rules.length + 1) wrong('no-rule', `${chain.name} has no place ${change.at}`);
      else put(rules.toSpliced(change.at - 1, 0, { rule: change.rule, seen: 0 }));
      return;
    case 'replace':
    case 'delete-at':
      if (change.at < 1 || change.at > rules.length) wrong('no-rule', `${chain.name} has no rule ${change.at}`);
      else if (change.op === 'replace') put(rules.with(change.at - 1, { rule: change.rule, seen: 0 }));
      else put(rules.toSpliced(change.at - 1, 1));
      return;
    case 'delete': {
      const text = printRule(change.rule);
      const index = rules.findIndex(({ rule }) => printRule(rule) === text);
      if (index < 0) wrong('no-rule', `${chain.name} has no such rule`, 'compare with what iptables-save prints');
      else put(rules.toSpliced(index, 1));
      return;
    }
    case 'flush':
      put([]);
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

function declareChain(chains: Map<string, Chain>, name: string, policy: Chain['policy']): void {
  const chain = chains.get(name);
  if (chain?.policy === undefined) chains.set(name, { name, policy: undefined, rules: [] });
  else chains.set(name, { ...chain, policy: policy ?? chain.policy });
}

function checkJump(chains: ReadonlyMap<string, Chain>, change: PlacedChange, problems: Problems): void {
  if (!('rule' in change) || change.op === 'delete') return;
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
