import type { AddressFamily } from '../../network/address.ts';
import { type Problem, ProblemsFound } from '../../problem/problem.ts';
import type { Hook } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import { Chain, PlacedRule } from '../netfilter/chain.ts';
import type { RuleContext } from '../netfilter/context.ts';
import { type Decision, walk } from '../netfilter/evaluate.ts';
import { parseRule } from '../netfilter/parse-rule.ts';
import type { Rule } from '../netfilter/rule.ts';
import { splitWords } from '../netfilter/words.ts';
import { printNftTable } from './print.ts';
import type { NftChain, NftTable } from './table.ts';

type Base = NonNullable<NftChain['base']>;

interface Loaded {
  readonly table: NftTable;
  readonly chains: ReadonlyMap<string, Chain>;
  readonly bases: readonly { readonly name: string; readonly base: Base }[];
}

const noTables: ReadonlyMap<string, Loaded> = new Map();

/** nftables on one host for packets of one family: tables of its own beside those of iptables, asked by the same code. */
export class NftTables {
  readonly #family: AddressFamily;
  #tables = noTables;

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  /** Puts a table in place of the one with its name: no packet ever sees a part of it. */
  replace(table: NftTable): void {
    const chains = new Map(table.chains.map((chain) => [chain.name, this.#compile(chain, table)]));
    const bases = table.chains.flatMap(({ name, base }) => (base === undefined ? [] : [{ name, base }]));
    this.#tables = new Map(this.#tables).set(table.name, { table, chains, bases });
  }

  get isEmpty(): boolean {
    return this.#tables.size === 0;
  }

  /** The first decision of the base chains of a type at a hook; `early`: those before DNAT. */
  walk(
    type: Base['type'],
    hook: Hook,
    early: boolean,
    buffer: SocketBuffer,
    context: RuleContext,
  ): Decision | undefined {
    for (const { chains, bases } of this.#tables.values())
      for (const { name, base } of bases) {
        if (base.type !== type || base.hook !== hook || isEarly(base) !== early) continue;
        const chain = chains.get(name);
        const decision = chain && walk(chains, chain, buffer, context);
        if (decision !== undefined) return decision;
      }
    return undefined;
  }

  print(): string[] {
    return [...this.#tables.values()].flatMap(({ table }) => printNftTable(table));
  }

  #compile({ name, base, rules }: NftChain, table: NftTable): Chain {
    const place = `rule ${table.family} ${table.name} ${name}`;
    const placed = rules.flatMap(({ text, runs }) =>
      runs.flatMap((words) => this.#rules(words).map((rule) => ({ ...rule, text: `${place} ${text}` }))),
    );
    return new Chain(
      name,
      base === undefined ? undefined : 'ACCEPT',
      placed.map((rule) => new PlacedRule(rule)),
    );
  }

  /** What is wrong here is a mistake of the caller's. */
  #rules(text: string): readonly Rule[] {
    const table = /-j (DNAT|MASQUERADE)\b/.test(text) ? 'nat' : 'filter';
    const problems: Problem[] = [];
    const place = { file: 'nftables', line: 1, column: 1 };
    const end = { ...place, text: '', separates: true };
    const parsed = parseRule(splitWords(text, place, 'save'), end, problems, table, this.#family);
    if (parsed === undefined || problems.length > 0) throw new ProblemsFound(problems);
    return parsed.rules;
  }
}

/** In front of the priority of DNAT. */
function isEarly({ type, priority }: Base): boolean {
  return type === 'filter' && priority < -100;
}
