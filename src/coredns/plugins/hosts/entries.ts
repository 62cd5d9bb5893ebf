import type { RecordData } from '../../../dns/record.ts';
import { addressOfReverse } from '../../reverse.ts';
import { emptyTable, type HostsTable } from './hosts-file.ts';

/** The entries of the file and those of the Corefile together; the file's come first. */
export class Entries {
  /** As last read. */
  file = emptyTable();
  readonly #inline: HostsTable;
  readonly #wildcards: boolean;

  constructor(inline: HostsTable, options: { readonly wildcards: boolean }) {
    this.#inline = inline;
    this.#wildcards = options.wildcards;
  }

  /** Addresses, counted for each of their names, and names, counted for each of their addresses. */
  get size(): number {
    const lists = [this.file, this.#inline].flatMap(({ v4, v6, names }) =>
      [v4, v6, names].flatMap((column) => [...column.values()]),
    );
    return lists.reduce((sum, list) => sum + list.length, 0);
  }

  /** Is there an address of either family? */
  has(name: string): boolean {
    return this.#addresses('v4', name).length + this.#addresses('v6', name).length > 0;
  }

  /** Data of the records of a type; empty: none. `name` in lower case. */
  data(type: string, name: string): readonly RecordData[] {
    switch (type) {
      case 'A':
        return this.#addresses('v4', name).map((address) => ({ type, address }));
      case 'AAAA':
        return this.#addresses('v6', name).map((address) => ({ type, address }));
      case 'PTR':
        return this.#both('names', addressOfReverse(name) ?? '').map((target) => ({ type, target }));
      default:
        return [];
    }
  }

  /** Of the name itself, or else of the wildcard in place of its first label. */
  #addresses(family: 'v4' | 'v6', name: string): readonly string[] {
    const isThere = this.#both('v4', name).length + this.#both('v6', name).length > 0;
    return this.#both(family, isThere || !this.#wildcards ? name : name.replace(/^[^.]*/, '*'));
  }

  #both(column: keyof HostsTable, key: string): readonly string[] {
    return [...(this.file[column].get(key) ?? []), ...(this.#inline[column].get(key) ?? [])];
  }
}
