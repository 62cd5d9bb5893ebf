import type { Hook } from '../ip/hook.ts';

/** A rule as nft words it, and what it comes to in the words of iptables: the rules that are run. */
export interface NftRule {
  readonly text: string;
  readonly runs: readonly string[];
}

/** A chain; one with a hook is asked there, at its priority. */
export interface NftChain {
  readonly name: string;
  readonly comment?: string;
  readonly base?: { readonly type: 'filter' | 'nat'; readonly hook: Hook; readonly priority: number };
  readonly rules: readonly NftRule[];
}

/** A set or map. The rules that use it say in the words of iptables what its elements mean. */
export interface NftSet {
  readonly kind: 'set' | 'map';
  readonly name: string;
  /** Such as `ipv4_addr . inet_proto . inet_service : verdict`. */
  readonly type: string;
  readonly comment?: string;
  /** Entries are made by packets, and go after so many seconds. */
  readonly timeout?: number;
  readonly elements: readonly NftElement[];
}

export interface NftElement {
  readonly text: string;
  /** nft prints elements in the order of these numbers, the first of them first. */
  readonly order: readonly number[];
}

/** A table of nft's: always replaced as a whole, in one transaction. */
export interface NftTable {
  readonly family: 'ip' | 'ip6';
  readonly name: string;
  readonly comment?: string;
  readonly sets: readonly NftSet[];
  readonly chains: readonly NftChain[];
}
