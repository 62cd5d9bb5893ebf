import type { Sockets } from '../kernel/socket/socket.ts';
import { isLinkLocal, isLoopback, networkOf, type Prefix, parseAddress, parsePrefix } from '../network/address.ts';
import type { Address } from '../network/packet.ts';

/** One line of a policy table: how much addresses of a prefix are wanted, and which go together. */
interface Policy {
  readonly prefix: Prefix;
  readonly precedence: number;
  readonly label: number;
}
type PolicyTable = readonly Policy[];

/** How a resolver orders what it found. */
interface Preference {
  readonly policies: PolicyTable;
  /** Whether addresses without a way to them are ordered by precedence, or stay as they came. */
  readonly ranksUnreachable: boolean;
}

/** RFC 6724 §2.1. */
const rfcPolicies: PolicyTable = table(
  ['::1/128', 50, 0],
  ['::ffff:0:0/96', 35, 4],
  ['::/96', 1, 3],
  ['2001::/32', 5, 5],
  ['2002::/16', 30, 2],
  ['fec0::/10', 1, 11],
  ['fc00::/7', 3, 13],
  ['::/0', 40, 1],
);
/** glibc without /etc/gai.conf (sysdeps/posix/getaddrinfo.c): by RFC 3484, with labels of its own. */
const glibcPolicies: PolicyTable = table(
  ['::1/128', 50, 0],
  ['::ffff:0:0/96', 10, 4],
  ['::/96', 20, 3],
  ['2001::/32', 40, 7],
  ['2002::/16', 30, 2],
  ['fec0::/10', 40, 5],
  ['fc00::/7', 40, 6],
  ['::/0', 40, 1],
);

/** sysdeps/posix/getaddrinfo.c, `rfc3484_sort`. */
export const glibcPreference: Preference = { policies: glibcPolicies, ranksUnreachable: true };
/** src/network/lookup_name.c, `__lookup_name`. */
export const muslPreference: Preference = { policies: rfcPolicies, ranksUnreachable: true };
/** net/addrselect.go, `compareByRFC6724`. */
export const goPreference: Preference = { policies: rfcPolicies, ranksUnreachable: false };

/**
 * The order in which getaddrinfo hands addresses of both families out: those with a way to them first, then those whose
 * source would be of the same scope, of the same label, then by precedence (rules 1, 2, 5 and 6 of RFC 6724 §6). Those of one
 * family stay as they are.
 */
export function inOrder(addresses: readonly string[], sockets: Sockets, preference: Preference): readonly string[] {
  if (!hasBothFamilies(addresses)) return addresses;
  const ranked = addresses.map((text) => ({ text, rank: rankOf(text, sockets, preference) }));
  return ranked.sort((a, b) => compare(a.rank, b.rank)).map(({ text }) => text);
}

function hasBothFamilies(addresses: readonly string[]): boolean {
  const isIpv6 = addresses[0]?.includes(':');
  for (let i = 1; i < addresses.length; i++) if (addresses[i]?.includes(':') !== isIpv6) return true;
  return false;
}

type Rank = readonly [reach: number, scope: number, label: number, precedence: number];

/** The less the better, in each place. */
function rankOf(text: string, sockets: Sockets, { policies, ranksUnreachable }: Preference): Rank {
  const destination = parseAddress(text) ?? 0;
  const policy = policyOf(destination, policies);
  const source = sockets.sourceFor(destination);
  if (source === undefined) return [1, 0, 0, ranksUnreachable ? -policy.precedence : 0];
  const differs = (property: (address: Address) => number) => (property(source) === property(destination) ? 0 : 1);
  return [0, differs(scopeOf), differs((address) => policyOf(address, policies).label), -policy.precedence];
}

function compare(a: Rank, b: Rank): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3];
}

/** Link-local 2, all else global. */
function scopeOf(address: Address): number {
  const isNear = typeof address === 'number' && address >>> 16 === 0xa9fe;
  return isLoopback(address) || isLinkLocal(address) || isNear ? 2 : 14;
}

const mapped = 0xffff_0000_0000n;

function policyOf(address: Address, policies: PolicyTable): Policy {
  const ipv6 = typeof address === 'number' ? mapped + BigInt(address) : address;
  const found = policies.find(({ prefix }) => networkOf(ipv6, prefix.length) === prefix.address);
  if (found === undefined) throw new Error('a policy table without ::/0');
  return found;
}

function table(...lines: readonly (readonly [prefix: string, precedence: number, label: number])[]): PolicyTable {
  return lines.map(([text, precedence, label]) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined) throw new Error(`${text} is no prefix`);
    return { prefix, precedence, label };
  });
}
