import type { Prefix } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';
import type { Hook } from '../ip/hook.ts';
import type { TestMaker } from './context.ts';

export type TableName = 'raw' | 'mangle' | 'nat' | 'filter' | 'security';

/** `! ` in front of it. */
export interface Negatable<T> {
  readonly not: boolean;
  readonly value: T;
}

export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Where alone a match or target may be asked. */
export interface Restriction {
  readonly tables?: readonly TableName[];
  readonly hooks?: readonly Hook[];
}

/** One `-m module …` of a rule. */
export interface Match {
  readonly module: string;
  /** What iptables-save prints behind the module's name; empty where that is nothing. */
  readonly words: string;
  /** Makes the test of one place of the rule. Absent: always true. */
  readonly test?: TestMaker;
  /** Does asking leave something behind: a draw, a count, an entry of a list? Then what is asked before it matters. */
  readonly leavesTraces?: true;
  /** Of `-m udp` and `-m tcp`: the only port of a destination that it accepts. */
  readonly destinationPort?: number;
  /** Does it make the kernel track connections? */
  readonly tracks?: true;
  readonly only?: Restriction;
}

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

/** A change of a mark: `(mark & ~mask) ^ value`. */
export interface MarkChange {
  readonly value: number;
  readonly mask: number;
}

export type Target =
  | { readonly kind: 'ACCEPT' | 'DROP' }
  | { readonly kind: 'RETURN' }
  /** `word`: as it was written. */
  | { readonly kind: 'NOTRACK'; readonly word: 'NOTRACK' | 'CT --notrack' }
  | { readonly kind: 'REJECT'; readonly with: RejectWith }
  | {
      readonly kind: 'DNAT' | 'SNAT';
      readonly range: NatRange;
      readonly random: boolean;
      readonly randomFully: boolean;
      readonly persistent: boolean;
    }
  | { readonly kind: 'MASQUERADE'; readonly ports?: PortRange; readonly random: boolean; readonly randomFully: boolean }
  | { readonly kind: 'REDIRECT'; readonly ports?: PortRange; readonly random: boolean }
  | ({ readonly kind: 'MARK' } & MarkChange)
  /** `set`: the connection's mark; `save`: from the packet's to it; `restore`: the other way. */
  | ({ readonly kind: 'CONNMARK'; readonly how: 'set' } & MarkChange)
  | {
      readonly kind: 'CONNMARK';
      readonly how: 'save' | 'restore';
      readonly packetMask: number;
      readonly connectionMask: number;
    }
  | { readonly kind: 'LOG'; readonly prefix: string; readonly level: number; readonly flags: readonly string[] }
  /** `size`: absent where MSS follows the MTU of the way. */
  | { readonly kind: 'TCPMSS'; readonly size?: number }
  | { readonly kind: 'TPROXY'; readonly words: string }
  /** Targets that leave the packet as it is: `words` are their options. */
  | { readonly kind: 'NFLOG' | 'TRACE' | 'CHECKSUM'; readonly words: string }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

/** A rule of a chain; what is absent fits every packet. */
export interface Rule {
  readonly source?: Negatable<Prefix>;
  readonly destination?: Negatable<Prefix>;
  /** Device names; a final `+` stands for any ending. */
  readonly input?: Negatable<string>;
  readonly output?: Negatable<string>;
  /** A protocol's number. */
  readonly protocol?: Negatable<number>;
  /** `-f`: the later pieces of a cut packet. Absent: all packets. */
  readonly fragment?: { readonly not: boolean };
  readonly matches: readonly Match[];
  /** Absent: the rule only counts. */
  readonly target?: Target;
  /** How nft words it, with its chain; absent: a rule of iptables. */
  readonly text?: string;
}

/** Packets and octets. */
export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** A change of a chain's rules; `at` counts from 1. */
export type RuleChange =
  | { readonly op: 'append'; readonly chain: string; readonly rule: Rule; readonly counters?: Counters }
  /** `check` changes nothing: it is wrong when the rule is not there. */
  | { readonly op: 'delete' | 'check'; readonly chain: string; readonly rule: Rule }
  | {
      readonly op: 'insert' | 'replace';
      readonly chain: string;
      readonly at: number;
      readonly rule: Rule;
      readonly counters?: Counters;
    }
  | { readonly op: 'delete-at'; readonly chain: string; readonly at: number };

/** A change of a chain that is there. */
export type ChainChange =
  | { readonly op: 'flush' | 'delete-chain' | 'zero'; readonly chain: string }
  | { readonly op: 'policy'; readonly chain: string; readonly policy: 'ACCEPT' | 'DROP' };

/** `-A`, `-I` and the others: a line of iptables-save and an iptables command come to the same. */
export type Change =
  | RuleChange
  | ChainChange
  | { readonly op: 'new-chain'; readonly chain: string }
  | { readonly op: 'flush-all' }
  | { readonly op: 'zero-all' }
  | { readonly op: 'delete-empty' }
  /** `:CHAIN POLICY`: makes the chain, or empties it when it is not built in. */
  | {
      readonly op: 'declare';
      readonly chain: string;
      readonly policy: 'ACCEPT' | 'DROP' | undefined;
      readonly counters?: Counters;
    };
