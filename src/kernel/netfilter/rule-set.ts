import type { AddressFamily } from '../../network/address.ts';
import type { Problems, Source } from '../../problem/problem.ts';
import { atHook, type Hook } from '../ip/hook.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';
import type { Chain } from './chain.ts';
import type { RuleContext } from './context.ts';
import { type Decision, walk } from './evaluate.ts';
import { parseIptablesSave, type TableChanges } from './parse-changes.ts';
import type { TableName } from './rule.ts';
import { changeTable, emptyTable, printTable, type Table } from './tables.ts';

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

/** A table that was touched. */
interface Loaded {
  readonly chains: Table;
  readonly begins: Begins;
}

type Tables = Readonly<Record<TableName, Loaded | undefined>>;

/** What stands for a table: asked several times a packet, and properties by computed names are slow. */
function inTable(tables: Tables, name: TableName): Loaded | undefined {
  switch (name) {
    case 'raw':
      return tables.raw;
    case 'mangle':
      return tables.mangle;
    case 'nat':
      return tables.nat;
    case 'filter':
      return tables.filter;
    case 'security':
      return tables.security;
  }
}

/** Most of a cluster's hosts are pods, which have none. */
const noTables: Tables = { raw: undefined, mangle: undefined, nat: undefined, filter: undefined, security: undefined };

/** All tables of iptables, or of ip6tables, on one host. */
export class RuleSet {
  readonly #family: AddressFamily;
  /** Tables that were never touched are not there at all. */
  #tables = noTables;
  #tracks = false;

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  /** Does a rule need connection tracking? It works from the first of them on. */
  get tracks(): boolean {
    return this.#tracks;
  }

  has(table: TableName): boolean {
    return inTable(this.#tables, table) !== undefined;
  }

  restore(source: Source, flush: boolean, problems: Problems): void {
    const before = problems.length;
    const tables = parseIptablesSave(source, problems, this.#family);
    if (problems.length === before) for (const changes of tables) this.change(changes, flush, problems);
  }

  /** Makes the changes of one COMMIT, or none of them. */
  change(changes: TableChanges, flush: boolean, problems: Problems): void {
    const { table } = changes;
    const chains = changeTable(this.#chains(table), changes, { flush }, problems);
    const changed = { chains, begins: beginsOf(chains) };
    const after = (name: TableName) => (name === table ? changed : inTable(this.#tables, name));
    this.#tables = {
      raw: after('raw'),
      mangle: after('mangle'),
      nat: after('nat'),
      filter: after('filter'),
      security: after('security'),
    };
    const asks = changes.changes.some((c) => 'rule' in c && c.rule.matches.some(({ tracks }) => tracks === true));
    this.#tracks ||= table === 'nat' || asks;
  }

  walk(table: TableName, hook: Hook, buffer: SocketBuffer, context: RuleContext): Decision | undefined {
    const loaded = inTable(this.#tables, table);
    const chain = loaded && atHook(loaded.begins, hook);
    return chain && walk(loaded.chains, chain, buffer, context);
  }

  /** As `iptables-save` prints it; with `counters` as `iptables-save -c`. */
  print(only?: TableName, counters = false): string[] {
    const names = order.filter((name) => (only === undefined ? this.has(name) : name === only));
    return names.flatMap((name) => printTable(name, this.#chains(name), counters));
  }

  #chains(name: TableName): Table {
    return inTable(this.#tables, name)?.chains ?? emptyTable(name);
  }
}
