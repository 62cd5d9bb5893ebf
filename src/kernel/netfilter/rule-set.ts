import type { AddressFamily } from '../../network/address.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { atHook, type Hook } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { Chain } from './chain.ts';
import type { RuleContext } from './context.ts';
import { type Decision, walk } from './evaluate.ts';
import { parseIptablesSave, type TableChanges } from './parse-changes.ts';
import type { TableName } from './rule.ts';
import { changeTable, emptyTables, printTable, type Table, type Tables } from './tables.ts';

/** In which iptables-nft-save 1.8.9 prints them, whichever came first; iptables-legacy-save: the last to be made first. */
const order: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

/** The chains in which the hooks begin, at hand as each packet asks for several. */
type Begins = Readonly<Record<Hook, Chain | undefined>>;

function beginsOf(table: Table): Begins {
  return {
    PREROUTING: table.get('PREROUTING'),
    INPUT: table.get('INPUT'),
    FORWARD: table.get('FORWARD'),
    OUTPUT: table.get('OUTPUT'),
    POSTROUTING: table.get('POSTROUTING'),
  };
}

/** All tables of iptables, or of ip6tables, on one host. */
export class RuleSet {
  readonly #family: AddressFamily;
  /** Made with the first rule: most of a cluster's hosts are pods, which have none. */
  #tables: Tables | undefined;
  #begins: Readonly<Partial<Record<TableName, Begins>>> = {};
  /** Tables that were ever touched; the others are not there at all. */
  #loaded: readonly TableName[] = [];
  #tracks = false;

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  /** Does a rule need connection tracking? It works from the first of them on. */
  get tracks(): boolean {
    return this.#tracks;
  }

  has(table: TableName): boolean {
    return this.#loaded.includes(table);
  }

  restore(source: Source, flush: boolean, problems: Problems): void {
    const before = problems.length;
    const tables = parseIptablesSave(source, problems, this.#family);
    if (problems.length === before) for (const changes of tables) this.change(changes, flush, problems);
  }

  /** Makes the changes of one COMMIT, or none of them. */
  change(changes: TableChanges, flush: boolean, problems: Problems): void {
    const { table } = changes;
    const tables = this.#tables ?? emptyTables();
    const changed = changeTable(tables[table], changes, { flush }, problems);
    this.#tables = { ...tables, [table]: changed };
    this.#begins = { ...this.#begins, [table]: beginsOf(changed) };
    if (!this.has(table)) this.#loaded = [...this.#loaded, table];
    const asks = changes.changes.some((c) => 'rule' in c && c.rule.matches.some(({ tracks }) => tracks === true));
    this.#tracks ||= table === 'nat' || asks;
  }

  walk(table: TableName, hook: Hook, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
    const begins = this.#begins[table];
    const chain = begins && atHook(begins, hook);
    return this.#tables && chain && walk(this.#tables[table], chain, buffer, context);
  }

  /** As `iptables-save` prints it; with `counters` as `iptables-save -c`. */
  print(only?: TableName, counters = false): string[] {
    const names = order.filter((name) => (only === undefined ? this.has(name) : name === only));
    const tables = this.#tables ?? emptyTables();
    return names.flatMap((name) => printTable(name, tables[name], counters));
  }
}
