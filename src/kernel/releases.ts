/** How an entry comes by the stream time-out. */
export type UdpStreamRule =
  /** Every packet of a flow that was answered before. */
  | 'answered'
  /** As `two-seconds`, but ASSURED at once with the packet after the first answer. */
  | 'two-seconds-assured-early'
  /** Answered before, and older than two seconds. */
  | 'two-seconds';

/** What becomes of a UDP flow's first packet that finds, at the last step, that another was faster. */
export type ClashRule =
  /** Dropped. */
  | 'drop'
  /** Goes on as a packet of the other's entry, if that has the same translation. */
  | 'adopt'
  /** With another translation it gets an entry of its own, which only answers find, for one second. */
  | 'adopt-or-reply-only';

/** What differs between kernels; a row holds from its release up to the next row's. */
export interface KernelRelease {
  /** First release with these properties. */
  readonly since: string;
  readonly udpStreamRule: UdpStreamRule;
  readonly clashRule: ClashRule;
  /** nf_conntrack_udp_timeout_stream's default, seconds. */
  readonly udpStreamTimeout: number;
  /** net.ipv4.tcp_syn_linear_timeouts' default: SYNs repeated a second apart before the doubling starts. */
  readonly synLinearTimeouts: number;
  /** Does a repeated SYN restart conntrack's SYN_SENT timer? */
  readonly synRetransmissionRefreshes: boolean;
  /** Does the event of an entry that ends before its time tell what was left of it, and the TCP state? */
  readonly destroyTellsRest: boolean;
}

const oldest: KernelRelease = {
  since: '4.4',
  udpStreamRule: 'answered',
  clashRule: 'drop',
  udpStreamTimeout: 180,
  synLinearTimeouts: 0,
  synRetransmissionRefreshes: true,
  destroyTellsRest: false,
};
/** 71d8c47fc653 (4.7). */
const from4_7: KernelRelease = { ...oldest, since: '4.7', clashRule: 'adopt' };
/** d535c8a69c19 (5.0): the stream time-out needs two seconds of life; its default falls from 180. */
const from5_0: KernelRelease = {
  ...from4_7,
  since: '5.0',
  udpStreamRule: 'two-seconds-assured-early',
  udpStreamTimeout: 120,
};
/** 6a757c07e51f (5.6): entries for the answers alone. */
const from5_6: KernelRelease = { ...from5_0, since: '5.6', clashRule: 'adopt-or-reply-only' };
/** 86d21fc74745 (5.11). */
const from5_11: KernelRelease = { ...from5_6, since: '5.11', destroyTellsRest: true };
/** nf_conntrack_tcp.c, 5.14: SYN retransmissions no longer keep an unanswered entry alive. */
const from5_14: KernelRelease = { ...from5_11, since: '5.14', synRetransmissionRefreshes: false };
/** b7b1d02fc439 (5.16): ASSURED only together with the stream time-out. */
const from5_16: KernelRelease = { ...from5_14, since: '5.16', udpStreamRule: 'two-seconds' };
/** ccce324dabfe (6.5): net.ipv4.tcp_syn_linear_timeouts = 4. */
const from6_5: KernelRelease = { ...from5_16, since: '6.5', synLinearTimeouts: 4 };

/** Oldest first. */
export const kernelReleases: readonly KernelRelease[] = [
  oldest,
  from4_7,
  from5_0,
  from5_6,
  from5_11,
  from5_14,
  from5_16,
  from6_5,
];

/** The row of a release such as `5.15` or `6.18.44`; the oldest row for anything before it. */
export function kernelRelease(release: string): KernelRelease {
  const wanted = order(release);
  return kernelReleases.findLast((row) => order(row.since) <= wanted) ?? oldest;
}

function order(release: string): number {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major * 1000 + minor;
}
