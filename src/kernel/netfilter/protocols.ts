/** Names that iptables prints for protocols that nodes have rules about (IANA; /etc/protocols). */
const names: Readonly<Record<number, string>> = {
  1: 'icmp',
  2: 'igmp',
  4: 'ipencap',
  6: 'tcp',
  17: 'udp',
  33: 'dccp',
  41: 'ipv6',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  89: 'ospf',
  94: 'ipip',
  103: 'pim',
  112: 'vrrp',
  132: 'sctp',
  136: 'udplite',
};

const numbers = new Map<string, number>([
  ...Object.entries(names).map(([number, name]): [string, number] => [name, Number(number)]),
  ['icmpv6', 58],
]);

/** By name or number, 0 for any; undefined: there is no such protocol. */
export function protocolNumber(text: string): number | undefined {
  if (text === 'all') return 0;
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : undefined;
  return numbers.get(text.toLowerCase());
}

/** As iptables-save prints it. */
export function protocolName(number: number): string {
  return names[number] ?? String(number);
}
