import { parseAddress } from '../network/address.ts';
import type { Family } from './lookup.ts';

/** /etc/hosts: addresses by name in small letters, in the order of the lines. */
export type HostsFile = ReadonlyMap<string, readonly string[]>;

/** Reads /etc/hosts; a line that does not begin with an address is passed over, as libc does. */
export function parseHosts(text: string): HostsFile {
  const hosts = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (familyOf(address) === undefined) continue;
    for (const name of names) {
      const addresses = hosts.get(name.toLowerCase()) ?? [];
      if (!addresses.includes(address)) addresses.push(address);
      hosts.set(name.toLowerCase(), addresses);
    }
  }
  return hosts;
}

/** The addresses of a name, of one family or of both; none: not in the file. */
export function lookInHosts(hosts: HostsFile, name: string, family: Family): readonly string[] {
  const addresses = hosts.get(name.toLowerCase()) ?? [];
  return family === 'any' ? addresses : addresses.filter((address) => familyOf(address) === family);
}

function familyOf(address: string): Family | undefined {
  if (parseAddress(address) !== undefined) return 'ipv4';
  return /^[0-9a-f:.]*:[0-9a-f:.]*$/i.test(address) ? 'ipv6' : undefined;
}
