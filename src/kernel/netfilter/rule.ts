import type { Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { SetSide } from '../ipset/sets.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter';
export type ProtocolName = 'udp' | 'tcp' | 'icmp' | 'ipv6-icmp';
export type CtStateName = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED' | 'SNAT' | 'DNAT';
export type AddressType = 'LOCAL' | 'UNICAST' | 'BROADCAST' | 'MULTICAST' | 'BLACKHOLE' | 'UNREACHABLE' | 'PROHIBIT';

/** `! ` in front of it. */
export interface Negatable<T> {
  readonly not: boolean;
  readonly value: T;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** One `-m module …` of a rule. */
export type Match =
  | { readonly module: 'comment'; readonly text: string }
  | {
      /** `-m udp` or `-m tcp`; without ports it only names the protocol again. */
      readonly module: 'udp' | 'tcp';
      readonly sourcePorts?: Negatable<PortRange>;
      readonly destinationPorts?: Negatable<PortRange>;
      /** tcp only: of these flags exactly those set. */
      readonly flags?: Negatable<{ readonly among: readonly string[]; readonly set: readonly string[] }>;
    }
  | {
      readonly module: 'multiport';
      readonly which: 'sports' | 'dports' | 'ports';
      readonly ports: Negatable<readonly PortRange[]>;
    }
  /** `probability` in units of 2^-31, as the kernel keeps it. */
  | { readonly module: 'statistic'; readonly mode: 'random'; readonly probability: Negatable<number> }
  | {
      readonly module: 'statistic';
      readonly mode: 'nth';
      readonly not: boolean;
      readonly every: number;
      readonly packet: number;
    }
  | { readonly module: 'mark'; readonly mark: Negatable<{ readonly value: number; readonly mask: number }> }
  | { readonly module: 'conntrack' | 'state'; readonly states: Negatable<readonly CtStateName[]> }
  | {
      readonly module: 'addrtype';
      readonly source?: Negatable<readonly AddressType[]>;
      readonly destination?: Negatable<readonly AddressType[]>;
    }
  | { readonly module: 'icmp' | 'icmp6'; readonly type: Negatable<string> }
  /** A set of ipset's, with a side of the packet for each part of its members. */
  | { readonly module: 'set'; readonly set: Negatable<{ readonly name: string; readonly sides: readonly SetSide[] }> }
  /** Bridge ports are not modelled: a packet never came in by one. */
  | { readonly module: 'physdev'; readonly options: readonly string[] };

/** What `--reject-with` may say. */
export type RejectWith =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited'
  | 'icmp6-no-route'
  | 'icmp6-adm-prohibited'
  | 'icmp6-addr-unreachable'
  | 'icmp6-port-unreachable'
  | 'icmp6-policy-fail'
  | 'icmp6-reject-route'
  | 'tcp-reset';

/** Where NAT may point a packet. */
export interface NatRange {
  readonly from?: Address;
  readonly to?: Address;
  readonly ports?: PortRange;
}

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' | 'RETURN' | 'NOTRACK' }
  | { readonly kind: 'CT'; readonly notrack: true }
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  | {
      readonly kind: 'DNAT' | 'SNAT';
      readonly range: NatRange;
      readonly random: boolean;
      readonly randomFully: boolean;
      readonly persistent: boolean;
    }
  | { readonly kind: 'MASQUERADE'; readonly ports?: PortRange; readonly random: boolean; readonly randomFully: boolean }
  | { readonly kind: 'MARK'; readonly value: number; readonly mask: number }
  | { readonly kind: 'LOG'; readonly options: readonly string[] }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface Rule {
  readonly source?: Negatable<Prefix>;
  readonly destination?: Negatable<Prefix>;
  /** Device names; a final `+` stands for any ending. */
  readonly input?: Negatable<string>;
  readonly output?: Negatable<string>;
  readonly protocol?: Negatable<ProtocolName>;
  readonly matches: readonly Match[];
  /** Absent: the rule only counts. */
  readonly target?: Target;
}

/** A change of a chain's rules; `at` counts from 1. */
export type RuleChange =
  /** `check` changes nothing: it is wrong when the rule is not there. */
  | { readonly op: 'append' | 'delete' | 'check'; readonly chain: string; readonly rule: Rule }
  | { readonly op: 'insert' | 'replace'; readonly chain: string; readonly at: number; readonly rule: Rule }
  | { readonly op: 'delete-at'; readonly chain: string; readonly at: number };

/** A change of a chain that is there. */
export type ChainChange =
  | { readonly op: 'flush' | 'delete-chain'; readonly chain: string }
  | { readonly op: 'policy'; readonly chain: string; readonly policy: 'ACCEPT' | 'DROP' };

/** `-A`, `-I` and the others: a line of iptables-save and an iptables command come to the same. */
export type Change =
  | RuleChange
  | ChainChange
  | { readonly op: 'new-chain'; readonly chain: string }
  | { readonly op: 'flush-all' }
  | { readonly op: 'delete-empty' }
  /** `:CHAIN POLICY`: makes the chain, or empties it when it is not built in. */
  | { readonly op: 'declare'; readonly chain: string; readonly policy: 'ACCEPT' | 'DROP' | undefined };
