import type { PacketFields } from '../records.ts';

const isIpv6 = (address: string): boolean => address.includes(':');

/** `IP 10.0.0.1.40000 > 10.0.0.2.53:`, as tcpdump -n begins the line of a packet; `IP6 …` of IPv6. */
export function tcpdumpEnds(packet: Omit<PacketFields, 'protocol' | 'size' | 'detail'>): string {
  const { source, sourcePort, destination, destinationPort } = packet;
  return `${isIpv6(source) ? 'IP6' : 'IP'} ${source}.${sourcePort} > ${destination}.${destinationPort}:`;
}

/** The line of an ICMP packet; of IPv6 one that tcpdump does not know ends without its length (recording e6). */
export function tcpdumpIcmp({ source, destination, size, detail }: Omit<PacketFields, 'protocol'>): string {
  if (!isIpv6(source)) return `IP ${source} > ${destination}: ICMP ${detail}, length ${size}`;
  const length = detail.includes('unknown') ? '' : `, length ${size}`;
  return `IP6 ${source} > ${destination}: ICMP6, ${detail}${length}`;
}
