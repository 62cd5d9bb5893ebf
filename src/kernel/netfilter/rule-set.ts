import type { AddressFamily } from '../../network/address.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import type { Hook } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { RuleContext } from './context.ts';
import { type Decision, walk } from './evaluate.ts';
import { parseIptablesSave, type TableChanges } from './parse-changes.ts';
import type { TableName } from './rule.ts';
import { changeTable, emptyTables, printTable, type Tables } from './tables.ts';

/** In which iptables-nft-save 1.8.9 prints them, whichever came first; iptables-legacy-save: the last to be made first. */
const order: readonly TableName[] = ['mangle', 'security', 'raw', 'filter', 'nat'];

/** All tables of iptables, or of ip6tables, on one host. */
export class RuleSet {
  readonly #family: AddressFamily;
  #tables: Tables = emptyTables();
  /** Tables that were ever touched; the others are not there at all. */
  readonly #loaded = new Set<TableName>();
  #tracks = false;

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  /** Does a rule need connection tracking? It works from the first of them on. */
  get tracks(): boolean {
    return this.#tracks;
  }

  has(table: TableName): boolean {
    return this.#loaded.has(table);
  }

  restore(source: Source, flush: boolean, problems: Problems): void {
    const before = problems.length;
    const tables = parseIptablesSave(source, problems, this.#family);
    if (problems.length === before) for (const changes of tables) this.change(changes, flush, problems);
  }

  /** Makes the changes of one COMMIT, or none of them. */
  change(changes: TableChanges, flush: boolean, problems: Problems): void {
    const { table } = changes;
    this.#tables = { ...this.#tables, [table]: changeTable(this.#tables[table], changes, { flush }, problems) };
    this.#loaded.add(table);
    const asks = changes.changes.some((c) => 'rule' in c && c.rule.matches.some(({ tracks }) => tracks === true));
    this.#tracks ||= table === 'nat' || asks;
  }

  walk(table: TableName, hook: Hook, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
    return walk(this.#tables[table], hook, buffer, context);
  }

  /** As `iptables-save` prints it; with `counters` as `iptables-save -c`. */
  print(only?: TableName, counters = false): string[] {
    const names = order.filter((name) => (only === undefined ? this.#loaded.has(name) : name === only));
    return names.flatMap((name) => printTable(name, this.#tables[name], counters));
  }
}
