import { familyOf } from './address.ts';
import type { Address, Fragment, Packet } from './packet.ts';

const udpHeader = 8;
const icmpHeader = 8;
/** In front of each piece of an IPv6 packet that its sender has cut (RFC 8200 §4.5). */
const fragmentHeader = 8;
/** The most octets of an ICMP error, with what it quotes: RFC 1812 §4.3.2.3, RFC 4443 §2.4. */
const longestError = { ipv4: 576, ipv6: 1280 } as const;

/** Octets of the IP header of a packet to or from an address. */
export function ipHeader(address: Address): 20 | 40 {
  return typeof address === 'number' ? 20 : 40;
}

/** Octets of all headers that stand in front of what a fragment carries. */
export function fragmentHeaders(packet: Packet): number {
  return ipHeader(packet.source) + (typeof packet.source === 'number' ? 0 : fragmentHeader);
}

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
    case 'icmp': {
      const quoted = packet.about === undefined ? 56 : ipLength(packet.about);
      return Math.min(longestError[familyOf(packet.source)] - ipHeader(packet.source), icmpHeader + quoted);
    }
  }
}

/** Octets of the whole IP packet. */
export function ipLength(packet: Packet): number {
  switch (packet.protocol) {
    case 'udp':
      return ipHeader(packet.source) + udpHeader + packet.payload.size;
    case 'tcp':
      return ipHeader(packet.source) + tcpHeader(packet) + packet.length;
    case 'icmp':
      return ipHeader(packet.source) + dataLength(packet);
  }
}

/** Octets of the IP packet that carries a fragment. */
export function fragmentLength(packet: Packet, { length }: Fragment): number {
  return fragmentHeaders(packet) + length;
}
