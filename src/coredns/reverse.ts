/** The address that a name below in-addr.arpa or ip6.arpa stands for; undefined: none. */
export function addressOfReverse(name: string): string | undefined {
  const [, v4] = /^((?:\d{1,3}\.){4})in-addr\.arpa\.$/.exec(name) ?? [];
  if (v4 !== undefined) return v4.slice(0, -1).split('.').reverse().join('.');
  const [, v6] = /^((?:[0-9a-f]\.){32})ip6\.arpa\.$/.exec(name) ?? [];
  if (v6 === undefined) return undefined;
  const digits = v6.slice(0, -1).split('.').reverse().join('');
  return compressed((digits.match(/.{4}/g) ?? []).map((group) => Number.parseInt(group, 16).toString(16)));
}

/** The longest run of zeros as `::` (RFC 5952). */
export function compressed(groups: readonly string[]): string {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < groups.length; from++) {
    let length = 0;
    while (groups[from + length] === '0') length++;
    if (length > best.length) best = { from, length };
  }
  if (best.length < 2) return groups.join(':');
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`;
}
