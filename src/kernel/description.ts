import type { Micros } from '../engine/time.ts';
import type { VendorRules } from './releases.ts';

/** A Linux host: a network namespace with its interfaces, routes, rules and sysctls. */
export interface HostDescription {
  readonly name: string;
  /** Kernel release such as `5.15`, `5.10.80` or `6.18`: selects rules of `releases.ts`. */
  readonly kernel: string;
  /** Where a vendor's kernel differs from that release. */
  readonly kernelRules?: VendorRules | undefined;
  /**
   * How often conntrack's collector looks, in microseconds: it serves all namespaces of a machine, and with many entries
   * elsewhere it looks more often than with those here alone. Absent: as the release does with those alone.
   */
  readonly collectorInterval?: Micros;
  readonly forwarding: boolean;
  /**
   * Share of new flows, 0 to 1, whose first packet is still on its way through the host when another of the same
   * instant begins: several CPUs take what arrives (RPS, several queues). Absent: 0, one after the other.
   */
  readonly overlap?: number;
  readonly interfaces: readonly {
    readonly name: string;
    /** Absent: a dummy or the loopback interface, which only holds addresses. */
    readonly segment?: string;
    /** The most octets of an IP packet that leave by it in one piece; absent: 1500. */
    readonly mtu?: number;
    /** Is what passes it written down, as by tcpdump? */
    readonly captured?: boolean;
    /** With prefix length, such as `10.244.1.10/32`; a shorter prefix also makes the on-link route. */
    readonly addresses: readonly string[];
    /** Addresses for which it answers though the host has them not (proxy_arp). */
    readonly proxied?: readonly string[];
  }[];
  readonly routes: readonly {
    /** `default`, an address or a CIDR. */
    readonly to: string;
    readonly kind: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
    readonly via?: string;
    readonly device?: string;
  }[];
  /** Text as `iptables-save` prints it: the rules at the start. */
  readonly iptables?: string;
  /** The same of `ip6tables-save`. */
  readonly ip6tables?: string;
  /** By name, such as `net.netfilter.nf_conntrack_udp_timeout`. */
  readonly sysctls: Readonly<Record<string, number>>;
}
