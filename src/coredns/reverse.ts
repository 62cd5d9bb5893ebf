import { formatIpv6 } from '../network/ipv6.ts';

/** The address that a name below in-addr.arpa or ip6.arpa stands for; undefined: none. */
export function addressOfReverse(name: string): string | undefined {
  const [, v4] = /^((?:\d{1,3}\.){4})in-addr\.arpa\.$/.exec(name) ?? [];
  if (v4 !== undefined) return v4.slice(0, -1).split('.').reverse().join('.');
  const [, v6] = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/.exec(name) ?? [];
  if (v6 === undefined) return undefined;
  const digits = v6.slice(0, -1).split('.').reverse().join('');
  return formatIpv6((digits.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16)));
}
