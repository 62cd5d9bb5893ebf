import type { Changeable } from '../engine/changeable.ts';
import type { TraceId } from '../engine/recorder.ts';

/**
 * IPv4: an unsigned 32-bit number; IPv6: a bigint of 128 bits. `===` compares any two, `typeof` tells the family,
 * all else that is done with addresses stands in `address.ts`.
 */
export type Address = number | bigint;

/** Address and port. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
}

/** What a packet or a byte stream carries; the network knows only its size. */
export interface Payload {
  /** In octets, without UDP, TCP and IP headers. */
  readonly size: number;
  /** As `tcpdump -n` words it, where it can tell. */
  describe?(): string;
}

export type IcmpType =
  | 'echo-request'
  | 'echo-reply'
  | 'destination-unreachable'
  | 'time-exceeded'
  /** IPv6's; in IPv4 it is a code of `destination-unreachable`. */
  | 'packet-too-big';
export type IcmpCode =
  | 'net-unreachable'
  | 'host-unreachable'
  | 'port-unreachable'
  | 'protocol-unreachable'
  | 'fragmentation-needed'
  | 'net-prohibited'
  | 'host-prohibited'
  | 'admin-prohibited'
  /** IPv6's alone. */
  | 'no-route'
  | 'address-unreachable'
  | 'policy-fail'
  | 'reject-route'
  | 'none';

interface Ip {
  readonly source: Address;
  readonly destination: Address;
  /** Hops left before a router drops it (of IPv6: the hop limit). */
  readonly ttl: number;
  /** The strand of causality that this packet belongs to. */
  readonly trace: TraceId;
}

/** An IP packet as it stands on a wire: a value, rewritten by making a copy. */
export type Packet =
  | (Ip & {
      readonly protocol: 'udp';
      readonly sourcePort: number;
      readonly destinationPort: number;
      readonly payload: Payload;
    })
  | (Ip & {
      readonly protocol: 'tcp';
      readonly sourcePort: number;
      readonly destinationPort: number;
      readonly syn: boolean;
      readonly ack: boolean;
      readonly fin: boolean;
      readonly rst: boolean;
      /** Octets of data in this segment. */
      readonly length: number;
      readonly sequence: number;
      readonly acknowledgement: number;
      /** With a SYN: the most data, options counted in, that its sender takes in one segment (the MSS option). */
      readonly mss: number | undefined;
      /** Whole messages whose last octet is in this segment. */
      readonly payloads: readonly Payload[];
    })
  | (Ip & {
      readonly protocol: 'icmp';
      readonly type: IcmpType;
      /** Of an echo: what tells it from others between the same hosts. */
      readonly id: number | undefined;
      readonly code: IcmpCode;
      /** The packet that an error is about. */
      readonly about: Packet | undefined;
      /** Of `fragmentation-needed`: the most octets that would have gone through (RFC 1191). */
      readonly mtu: number | undefined;
    });

/** A packet with ports. */
export type Transport = Exclude<Packet, { protocol: 'icmp' }>;

/**
 * A copy that is still to be changed. It has its keys where a packet's maker has them, so that V8 knows one shape a
 * protocol, and finds what it is asked for wherever packets pass without a search.
 */
export function copyOf(packet: Transport): Changeable<Transport>;
export function copyOf(packet: Packet): Changeable<Packet>;
export function copyOf(packet: Packet): Changeable<Packet> {
  switch (packet.protocol) {
    case 'udp':
      return {
        protocol: 'udp',
        source: packet.source,
        sourcePort: packet.sourcePort,
        destination: packet.destination,
        destinationPort: packet.destinationPort,
        ttl: packet.ttl,
        trace: packet.trace,
        payload: packet.payload,
      };
    case 'tcp':
      return {
        protocol: 'tcp',
        source: packet.source,
        sourcePort: packet.sourcePort,
        destination: packet.destination,
        destinationPort: packet.destinationPort,
        ttl: packet.ttl,
        trace: packet.trace,
        syn: packet.syn,
        ack: packet.ack,
        fin: packet.fin,
        rst: packet.rst,
        length: packet.length,
        sequence: packet.sequence,
        acknowledgement: packet.acknowledgement,
        mss: packet.mss,
        payloads: packet.payloads,
      };
    case 'icmp':
      return {
        protocol: 'icmp',
        source: packet.source,
        destination: packet.destination,
        ttl: packet.ttl,
        trace: packet.trace,
        type: packet.type,
        id: packet.id,
        code: packet.code,
        about: packet.about,
        mtu: packet.mtu,
      };
  }
}

/** A piece of a packet that was larger than a device's MTU: octets of what follows the IP header. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}
