import type { Problems } from '../../problem/problem.ts';
import { nearestWord } from '../../problem/suggestion.ts';
import { Chain, PlacedRule } from './chain.ts';
import { checkReach } from './check-reach.ts';
import type { PlacedChange, TableChanges } from './parse-changes.ts';
import { printCounters, printRule } from './print.ts';
import type { ChainChange, Change, RuleChange, TableName } from './rule.ts';
import { targetModule } from './targets.ts';

/** Built-in chains by table: where its rules are asked, in the order in which iptables-save prints them. */
const builtIn = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  security: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const satisfies Record<TableName, readonly string[]>;

/** Chains by name. A value but for what they count: a change makes another. */
export type Table = ReadonlyMap<string, Chain>;

export function emptyTable(name: TableName): Table {
  return new Map(builtIn[name].map((chain) => [chain, new Chain(chain, 'ACCEPT', [])]));
}

/**
 * Makes the changes of one COMMIT: all of them, or none and the problems why.
 * With `flush` the table begins empty, as iptables-restore has it; with `counters` what was counted is taken over.
 */
export function changeTable(
  table: Table,
  { table: name, changes }: TableChanges,
  { flush, counters = false }: { readonly flush: boolean; readonly counters?: boolean },
  problems: Problems,
): Table {
  const before = problems.length;
  const draft = new TableDraft(flush ? emptyTable(name) : table, name, counters);
  for (const change of changes) draft.make(change, problems);
  if (problems.length > before) return table;
  const changed = draft.finish();
  checkReach(changed, builtIn[name], changes, problems);
  return problems.length > before ? table : changed;
}

/** A chain whose rules are being changed. */
interface ChainDraft {
  readonly name: string;
  policy: Chain['policy'];
  rules: PlacedRule[];
  packets: number;
  bytes: number;
}

type Wrong = (code: string, message: string, hint?: string) => void;

/** Among more chains nobody looks for the name that was meant. */
const mostCompared = 1000;

/** Longer names, and those of targets, iptables does not take. */
const longestName = 28;

/** A table that is being changed: only the chains that are touched are copied. */
class TableDraft {
  readonly #chains: Map<string, Chain>;
  readonly #touched = new Map<string, ChainDraft>();
  readonly #table: TableName;
  readonly #counters: boolean;

  constructor(table: Table, name: TableName, counters: boolean) {
    this.#chains = new Map(table);
    this.#table = name;
    this.#counters = counters;
  }

  finish(): Table {
    for (const draft of this.#touched.values())
      this.#chains.set(draft.name, new Chain(draft.name, draft.policy, draft.rules, draft));
    return this.#chains;
  }

  make(change: PlacedChange, problems: Problems): void {
    const { file, line, column } = change;
    const wrong: Wrong = (code, message, hint = '') => problems.push({ code, message, hint, file, line, column });
    switch (change.op) {
      case 'flush-all':
        for (const name of this.#names()) this.#change({ op: 'flush', chain: name }, wrong);
        return;
      case 'zero-all':
        for (const name of this.#names()) this.#change({ op: 'zero', chain: name }, wrong);
        return;
      case 'delete-empty':
        for (const name of this.#names()) {
          const chain = this.#get(name);
          if (chain?.policy === undefined && chain?.rules.length === 0) this.#remove(name);
        }
        return;
      case 'declare':
        this.#declare(change, wrong);
        return;
      case 'new-chain':
        if (this.#has(change.chain)) wrong('chain-exists', `the chain ${change.chain} exists already`);
        else this.#add(change.chain, wrong);
        return;
      case 'flush':
      case 'zero':
      case 'delete-chain':
      case 'policy':
        this.#change(change, wrong);
        return;
      default:
        this.#changeRules(change, wrong);
    }
  }

  #has(name: string): boolean {
    return this.#touched.has(name) || this.#chains.has(name);
  }

  #names(): string[] {
    return [...new Set([...this.#chains.keys(), ...this.#touched.keys()])];
  }

  /** A chain as it is now, for looking. */
  #get(name: string): Chain | ChainDraft | undefined {
    return this.#touched.get(name) ?? this.#chains.get(name);
  }

  #existing(name: string, wrong: Wrong): ChainDraft | undefined {
    const touched = this.#touched.get(name);
    if (touched !== undefined) return touched;
    const chain = this.#chains.get(name);
    if (chain === undefined) {
      const names = this.#names();
      const near = names.length < mostCompared ? nearestWord(name, names) : undefined;
      const hint = near === undefined ? `make it first with \`:${name} - [0:0]\` or \`-N\`` : `did you mean ${near}?`;
      wrong('no-chain', `there is no chain ${name} in the table ${this.#table}`, hint);
      return undefined;
    }
    const { policy, packets, bytes } = chain;
    const draft = { name, policy, rules: [...chain.rules], packets, bytes };
    this.#touched.set(name, draft);
    return draft;
  }

  #add(name: string, wrong: Wrong): void {
    const isTarget = targetModule(name) !== undefined;
    if (name.length > longestName || /^[-!]/.test(name) || isTarget) {
      const hint = `at most ${longestName} letters, no \`-\` or \`!\` in front, not the name of a target`;
      wrong('bad-chain-name', `\`${name}\` cannot be the name of a chain`, hint);
      return;
    }
    this.#touched.set(name, { name, policy: undefined, rules: [], packets: 0, bytes: 0 });
  }

  #remove(name: string): void {
    this.#touched.delete(name);
    this.#chains.delete(name);
  }

  #declare({ chain: name, policy, counters }: Extract<Change, { op: 'declare' }>, wrong: Wrong): void {
    const chain = this.#get(name);
    if (chain?.policy === undefined) {
      if (policy !== undefined) wrong('no-policy', `${name} is not built in: it has no policy`, `\`:${name} - [0:0]\``);
      else if (chain === undefined) this.#add(name, wrong);
      else this.#touched.set(name, { name, policy: undefined, rules: [], packets: 0, bytes: 0 });
      return;
    }
    if (policy !== undefined) this.#change({ op: 'policy', chain: name, policy }, wrong);
    const draft = this.#counters && counters !== undefined ? this.#existing(name, wrong) : undefined;
    if (draft !== undefined) Object.assign(draft, counters);
  }

  #change(change: ChainChange, wrong: Wrong): void {
    const chain = this.#existing(change.chain, wrong);
    if (chain === undefined) return;
    switch (change.op) {
      case 'flush':
        chain.rules = [];
        return;
      case 'zero':
        chain.rules = chain.rules.map((rule) => rule.zeroed());
        [chain.packets, chain.bytes] = [0, 0];
        return;
      case 'delete-chain':
        if (chain.policy !== undefined) wrong('built-in', `${chain.name} is built in and stays`);
        else if (chain.rules.length > 0)
          wrong('chain-not-empty', `the chain ${chain.name} still has rules`, `flush it first: \`-F ${chain.name}\``);
        else this.#remove(chain.name);
        return;
      case 'policy':
        if (chain.policy === undefined) wrong('no-policy', `${chain.name} is not built in: it has no policy`);
        else if (this.#table === 'nat' && change.policy === 'DROP')
          wrong('wrong-table', 'the table nat drops nothing', 'drop in filter');
        else chain.policy = change.policy;
    }
  }

  #changeRules(change: RuleChange, wrong: Wrong): void {
    if (change.op === 'check') {
      const rules = this.#get(change.chain)?.rules;
      if (rules === undefined) this.#existing(change.chain, wrong);
      else if (placeOf(rules, change) < 0) noRule(change, wrong);
      return;
    }
    const chain = this.#existing(change.chain, wrong);
    if (chain === undefined) return;
    const { rules } = chain;
    const place = placeOf(rules, change);
    const last = change.op === 'insert' || change.op === 'append' ? rules.length : rules.length - 1;
    if (place < 0 || place > last) {
      noRule(change, wrong);
      return;
    }
    if (change.op === 'append') rules.push(this.#placed(change));
    else if (change.op === 'insert') rules.splice(place, 0, this.#placed(change));
    else if (change.op === 'replace') rules[place] = this.#placed(change);
    else rules.splice(place, 1);
  }

  #placed({ rule, counters }: Extract<RuleChange, { op: 'append' | 'insert' | 'replace' }>): PlacedRule {
    return new PlacedRule(rule, this.#counters ? counters : undefined);
  }
}

function noRule(change: RuleChange, wrong: Wrong): void {
  const what = 'at' in change ? `no place ${change.at}` : 'no such rule';
  wrong('no-rule', `${change.chain} has ${what}`, 'compare with what iptables-save prints');
}

/** Where in a chain a change acts, from 0; -1: nowhere. */
function placeOf(rules: readonly PlacedRule[], change: RuleChange): number {
  if ('at' in change) return change.at - 1;
  if (change.op === 'append') return rules.length;
  const text = printRule(change.rule);
  return rules.findIndex(({ rule }) => printRule(rule) === text);
}

/** The table as iptables-save prints it, from `*name` to COMMIT; with `counters` as `iptables-save -c` does. */
export function printTable(name: TableName, table: Table, counters = false): string[] {
  const own: readonly string[] = builtIn[name];
  const others = [...table.keys()].filter((chain) => !own.includes(chain)).sort();
  const chains = [...own, ...others].map((chain) => table.get(chain)).filter((chain) => chain !== undefined);
  const counted = (of: Chain | PlacedRule): string => (counters ? printCounters(of) : '[0:0]');
  return [
    `*${name}`,
    ...chains.map((chain) => `:${chain.name} ${chain.policy ?? '-'} ${counted(chain)}`),
    ...chains.flatMap((chain) =>
      chain.rules.map((placed) =>
        `${counters ? `${counted(placed)} ` : ''}-A ${chain.name} ${printRule(placed.rule)}`.trimEnd(),
      ),
    ),
    'COMMIT',
  ];
}
