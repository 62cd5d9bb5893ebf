import { isLinkLocal, parseAddress } from '../network/address.ts';
import type { Family } from './lookup.ts';
import { type ReadServer, withoutMapping } from './server-address.ts';

/** A name that is an address already, of the family asked for or of the other one alone; undefined: a name to look up. */
export type Literal = { readonly address: string } | 'other-family' | undefined;

/** Reads a name as a resolver reads addresses. `mapped`: for which families `::ffff:10.0.0.1` is the IPv4 address in it. */
export function literalOf(name: string, family: Family, read: ReadServer, mapped: readonly Family[] = []): Literal {
  const first = name.charCodeAt(0);
  const mayBe = (first >= digit0 && first <= digit9) || name.includes(':');
  const found = mayBe ? read(name) : undefined;
  if (found === undefined) return undefined;
  const address = mapped.includes(family) ? withoutMapping(found) : found;
  if (family === 'any' || (family === 'ipv6') === address.includes(':')) return { address };
  return 'other-family';
}

/** libc: a zone that is not a number needs an address that is good on one link alone; with any other it is no name either. */
export function isMiszoned(name: string): boolean {
  if (!name.includes('%')) return false;
  const [, text = '', zone = ''] = /^(.*)%(.*)$/.exec(name) ?? [];
  const address = /^\d+$/.test(zone) ? undefined : parseAddress(text);
  return typeof address === 'bigint' && !isLinkLocal(address);
}

const [digit0, digit9] = [0x30, 0x39];
