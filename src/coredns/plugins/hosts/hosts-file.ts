import { absolute } from '../../../dns/name.ts';
import { parseData } from '../../../dns/text.ts';
import { longestZone } from '../../zones.ts';

/** Addresses by name and names by address, as lines `ADDRESS NAME…` give them. */
export interface HostsTable {
  readonly v4: Map<string, string[]>;
  readonly v6: Map<string, string[]>;
  readonly names: Map<string, string[]>;
}

export function emptyTable(): HostsTable {
  return { v4: new Map(), v6: new Map(), names: new Map() };
}

/** The zone of an IPv6 address, as in `fe80::1%eth0`, is cut off. */
const zone = /%.*$/;
/** Go takes `::ffff:10.0.0.1` for the IPv4 address in it. */
const mapped = /^(0:){5}ffff:(?=\d+\.)|^::ffff:(?=\d+\.)/i;

/** Reads hosts lines (Hostsfile.parse): comments from `#`, names outside the origins and bad addresses are passed over. */
export function parseHosts(text: string, origins: readonly string[], reverse: boolean): HostsTable {
  const table = emptyTable();
  for (const line of text.split(/\r?\n/)) {
    const [first = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
    const address = first.replace(zone, '').replace(mapped, '');
    const family = familyOf(address);
    if (family === undefined) continue;
    for (const word of words) {
      const name = absolute(word.toLowerCase());
      if (longestZone(origins, name) === undefined) continue;
      add(table[family], name, address);
      if (reverse) add(table.names, address, name);
    }
  }
  return table;
}

function familyOf(address: string): 'v4' | 'v6' | undefined {
  const word = [{ text: address, quoted: false, offset: 0 }];
  if (parseData('A', word, absolute) !== undefined) return 'v4';
  return parseData('AAAA', word, absolute) === undefined ? undefined : 'v6';
}

function add(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key) ?? [];
  list.push(value);
  map.set(key, list);
}
