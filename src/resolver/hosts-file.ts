import { lower } from '../dns/name.ts';
import { madeOnce } from '../engine/made-once.ts';
import { parseAddress } from '../network/address.ts';
import type { Family } from './lookup.ts';
import { mappedServer, type ReadServer } from './server-address.ts';

/** How one resolver reads /etc/hosts. */
export interface HostsRules {
  /** May blanks stand before the address? */
  readonly indented: boolean;
  /** What two spellings of one name have in common. */
  readonly key: (name: string) => string;
  /** What it takes for an address. */
  readonly address: ReadServer;
}

const asWritten: ReadServer = (word) => (parseAddress(word) === undefined ? undefined : word);

/** nss_files: letters' case does not matter, a final dot does. */
export const glibcHosts: HostsRules = { indented: true, key: lower, address: asWritten };
/** musl (src/network/lookup_name.c): letter by letter, and the address in the first column. */
export const muslHosts: HostsRules = { indented: false, key: (name) => name, address: asWritten };
/** Go (net/hosts.go): a final dot matters only where no other dot stands before it. */
export const goHosts: HostsRules = {
  indented: true,
  key: (name) => (name.includes('.') && !name.endsWith('.') ? `${name}.` : name).toLowerCase(),
  address: mappedServer,
};

/** /etc/hosts: addresses by name, in the order of the lines. */
export class HostsFile {
  readonly #rules: HostsRules;
  readonly #addresses = new Map<string, string[]>();

  /** A line that does not begin with an address is passed over. */
  constructor(text: string, rules: HostsRules) {
    this.#rules = rules;
    for (const line of text.split('\n')) {
      const [first = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
      const address = rules.address(first);
      if (address === undefined || (/^\s/.test(line) && !rules.indented)) continue;
      for (const name of names) this.#add(rules.key(name), address);
    }
  }

  /** The addresses of a name, of one family or of both; none: not in the file. */
  look(name: string, family: Family): readonly string[] {
    const addresses = this.#addresses.get(this.#rules.key(name)) ?? [];
    return family === 'any' ? addresses : addresses.filter((address) => familyOf(address) === family);
  }

  #add(key: string, address: string): void {
    const addresses = this.#addresses.get(key) ?? [];
    if (!addresses.includes(address)) addresses.push(address);
    this.#addresses.set(key, addresses);
  }
}

/** /etc/hosts as glibc, musl and Go read it. */
export const glibcHostsFile = madeOnce((text: string) => new HostsFile(text, glibcHosts));
export const muslHostsFile = madeOnce((text: string) => new HostsFile(text, muslHosts));
export const goHostsFile = madeOnce((text: string) => new HostsFile(text, goHosts));

export function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
