import type { Fragment, Packet } from './packet.ts';

/** Octets of an IP header. */
export const ipHeader = 20;
const udpHeader = 8;
const icmpHeader = 8;
/** An ICMP error quotes no more than this of its own 576 octets (RFC 1812 §4.3.2.3). */
const icmpQuote = 576 - ipHeader - icmpHeader;

/** Octets of a TCP header: Linux sends 20 of options with a SYN, 12 (timestamps) with the rest, none with a RST. */
function tcpHeader(packet: Packet & { protocol: 'tcp' }): number {
  return packet.syn ? 40 : packet.rst ? 20 : 32;
}

/** What tcpdump calls the length of a packet: data of UDP and TCP, header and data of ICMP. In octets. */
export function dataLength(packet: Packet): number {
  switch (packet.protocol) {
    case 'udp':
      return packet.payload.size;
    case 'tcp':
      return packet.length;
    case 'icmp':
      return icmpHeader + (packet.about === undefined ? 56 : Math.min(icmpQuote, ipLength(packet.about)));
  }
}

/** Octets of the whole IP packet. */
export function ipLength(packet: Packet): number {
  switch (packet.protocol) {
    case 'udp':
      return ipHeader + udpHeader + packet.payload.size;
    case 'tcp':
      return ipHeader + tcpHeader(packet) + packet.length;
    case 'icmp':
      return ipHeader + dataLength(packet);
  }
}

/** Octets of the IP packet that carries a fragment. */
export function fragmentLength({ length }: Fragment): number {
  return ipHeader + length;
}
