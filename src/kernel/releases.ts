/** How a UDP entry comes by the stream time-out. */
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
  /** Goes on as a packet of the other's entry, whatever was decided for itself. */
  | 'adopt'
  /** Goes on so only where NAT has nothing to say: with a nat table it is dropped. */
  | 'adopt-without-nat'
  /** Goes on so if both chose the same translation. */
  | 'adopt-same'
  /** With another translation it gets an entry of its own, which only answers find, for one second. */
  | 'adopt-or-reply-only';

/** Which entries that are not ASSURED a full table gives up for a new one. */
export type EarlyDropRule =
  /** The first one met, bucket after bucket from the new flow's on, until eight tuples were looked at. */
  | 'eight-tuples'
  /** All in the new flow's own bucket: the next was never looked at, as its number was counted up before scaling. */
  | 'own-bucket'
  /** All in the first of eight buckets that has any. */
  | 'eight-buckets';

/** When what has expired and is met by nobody goes. */
export type CollectorRule =
  /** At its time: each entry has a timer. */
  | 'timers'
  /** When a worker passes its part of the table, which it walks round once in 320 s … */
  | 'round-320s'
  /** … or in 16 s. */
  | 'round-16s'
  /** When the worker looks at the whole table, every 120 s. */
  | 'every-120s'
  /** The same, after the mean time that entries have left: 1 to 60 s. */
  | 'adaptive';

/** How NAT looks for a port when the wanted one is taken. */
export type PortSearch =
  /** Through the whole class, from where it last stopped. */
  | 'rover'
  /** 128 ports from a random one on, then 64, 32 and 16 from others. */
  | 'random';

/** Columns of `conntrack -S`, as the kernel hands them out. */
export type StatisticName =
  | 'found'
  | 'invalid'
  | 'ignore'
  | 'insert'
  | 'insert_failed'
  | 'drop'
  | 'early_drop'
  | 'error'
  | 'search_restart'
  | 'clash_resolve'
  | 'chaintoolong';

/** What becomes of IPVS's connections to a real server that is deleted, under expire_nodest_conn. */
export type IpvsOrphanRule =
  /** Each ends with its next packet, which is dropped. */
  | 'next-packet'
  /** All end a jiffy later. */
  | 'at-once';

/** When a SYN that takes the place of an old connection of IPVS is dropped once. */
export type IpvsReuseRule =
  /** When it is tracked. */
  | 'tracked'
  /** When conntrack has it for a packet of an old entry. */
  | 'old-entry';

/** What differs between kernels. */
export interface KernelRules {
  readonly udpStreamRule: UdpStreamRule;
  /** nf_conntrack_udp_timeout_stream's default, seconds. */
  readonly udpStreamTimeout: number;
  readonly clashRule: ClashRule;
  /** Does NAT overlook an entry of the very same flow when it asks whether a tuple is taken? */
  readonly overlooksSameOrigin: boolean;
  readonly portSearch: PortSearch;
  readonly earlyDrop: EarlyDropRule;
  readonly collector: CollectorRule;
  /** Does the collector, after a new flow was turned away, give up TCP that closes and all that is not ASSURED? */
  readonly collectorMakesRoom: boolean;
  /** nf_conntrack_buckets' default on a machine of more than 4 GB. */
  readonly buckets: number;
  readonly statistics: readonly StatisticName[];
  /** net.ipv4.tcp_syn_linear_timeouts' default: SYNs repeated a second apart before the doubling starts. */
  readonly synLinearTimeouts: number;
  /** Answers that a TCP end has to give at once before its ACKs wait for data to travel with (TCP_PINGPONG_THRESH). */
  readonly tcpDialogueAfter: number;
  /** net.ipv6.icmp.ratelimit's default, milliseconds. */
  readonly icmpv6Interval: number;
  /** Is that halved for each 32 bits by which the route to the receiver is wider than its address? */
  readonly icmpv6FavoursPrefixes: boolean;
  /** Does a repeated SYN restart conntrack's SYN_SENT timer? */
  readonly synRetransmissionRefreshes: boolean;
  /** Does a RST end an established connection only with exactly the sequence number that is due? */
  readonly resetMustMatch: boolean;
  /** Does the event of an entry that ends before its time tell what was left of it, and the TCP state? */
  readonly destroyTellsRest: boolean;
  readonly ipvsOrphans: IpvsOrphanRule;
  readonly ipvsReuse: IpvsReuseRule;
  /** Does a SYN leave a real server of weight 0 although conn_reuse_mode is 0? */
  readonly ipvsLeavesWeightZero: boolean;
  /** How IPVS's source and destination hashing spread addresses. */
  readonly ipvsHash: 'low-bits' | 'golden-ratio';
}

/** Where a vendor's kernel differs. */
export type VendorRules = { readonly [K in keyof KernelRules]?: KernelRules[K] | undefined };

/** A change of the kernel's. */
export interface KernelChange {
  /** First release with it. */
  readonly since: string;
  /** First releases of older series that got it too. */
  readonly backports?: readonly string[];
  /** Commit, its title and file; the title alone where the commit was not looked up. */
  readonly source: string;
  readonly rules: Partial<KernelRules>;
}

const statistics: readonly StatisticName[] = [
  'found',
  'invalid',
  'insert',
  'insert_failed',
  'drop',
  'early_drop',
  'error',
  'search_restart',
];

/** Linux 4.4, and what is older. */
const oldest: KernelRules = {
  udpStreamRule: 'answered',
  udpStreamTimeout: 180,
  clashRule: 'drop',
  overlooksSameOrigin: false,
  portSearch: 'rover',
  earlyDrop: 'eight-tuples',
  collector: 'timers',
  collectorMakesRoom: false,
  buckets: 65_536,
  statistics: ['found', 'invalid', 'ignore', ...statistics.slice(2)],
  synLinearTimeouts: 0,
  tcpDialogueAfter: 1,
  icmpv6Interval: 1000,
  icmpv6FavoursPrefixes: true,
  synRetransmissionRefreshes: true,
  resetMustMatch: false,
  destroyTellsRest: false,
  ipvsOrphans: 'next-packet',
  ipvsReuse: 'tracked',
  ipvsLeavesWeightZero: false,
  ipvsHash: 'low-bits',
};

/** Oldest first. Backports as the stable series' change logs and review mails list them. */
export const kernelChanges: readonly KernelChange[] = [
  {
    since: '4.7',
    source: '71d8c47fc653 introduce clash resolution on insertion race (nf_conntrack_core.c)',
    rules: { clashRule: 'adopt' },
  },
  {
    since: '4.7',
    source: 'consider ct netns in early_drop logic (nf_conntrack_core.c)',
    rules: { earlyDrop: 'own-bucket' },
  },
  {
    since: '4.8',
    source: '590b52e10d41 skip clash resolution if nat is in place (nf_conntrack_core.c)',
    rules: { clashRule: 'adopt-without-nat' },
  },
  {
    since: '4.9',
    source: 'b87a2f9199ea add gc worker to remove timed-out entries (nf_conntrack_core.c)',
    rules: { collector: 'round-320s' },
  },
  {
    since: '4.10',
    source: 'refine gc worker heuristics, redux (nf_conntrack_core.c)',
    rules: { collector: 'round-16s' },
  },
  {
    since: '4.12',
    source: 'allow early drop of assured conntracks (nf_conntrack_core.c)',
    rules: { collectorMakesRoom: true },
  },
  {
    since: '4.18',
    source: 'fix multiplicative hashing in sh/dh/lblc/lblcr algorithms (ip_vs_sh.c, ip_vs_dh.c)',
    rules: { ipvsHash: 'golden-ratio' },
  },
  {
    since: '4.19',
    backports: ['4.14.173'],
    source: 'ed07d9a021df resolve clash for matching conntracks (nf_conntrack_core.c)',
    rules: { clashRule: 'adopt-same' },
  },
  {
    since: '4.20',
    source: 'fix calculation of next bucket number in early_drop (nf_conntrack_core.c)',
    rules: { earlyDrop: 'eight-buckets' },
  },
  {
    since: '5.0',
    source: 'set stream timeout to 2 minutes (nf_conntrack_proto_udp.c)',
    rules: { udpStreamTimeout: 120 },
  },
  {
    since: '5.0',
    source: 'd535c8a69c19 only extend timeout to stream mode after 2s (nf_conntrack_proto_udp.c)',
    rules: { udpStreamRule: 'two-seconds-assured-early' },
  },
  {
    since: '5.0',
    source: '4e35c1cb9460 skip nat clash resolution for same-origin entries (nf_conntrack_core.c)',
    rules: { overlooksSameOrigin: true },
  },
  {
    since: '5.0',
    backports: ['4.19.228'],
    source:
      'a504b703bb1d limit port clash resolution attempts, 6ed5943f8735 remove l4 protocol port rovers (nf_nat_core.c)',
    rules: { portSearch: 'random' },
  },
  {
    since: '5.1',
    source: 'be0502a3f2e9 only close if RST matches exact sequence (nf_conntrack_proto_tcp.c)',
    rules: { resetMustMatch: true },
  },
  {
    since: '5.1',
    source: '4a41f453bedf change pingpong threshold to 3 (inet_connection_sock.h)',
    rules: { tcpDialogueAfter: 3 },
  },
  {
    since: '5.6',
    source: '6a757c07e51f allow insertion of clashing entries (nf_conntrack_core.c)',
    rules: { clashRule: 'adopt-or-reply-only' },
  },
  {
    since: '5.9',
    backports: ['5.7.16'],
    source: 'f0a5e4d7a594 allow connection reuse for unconfirmed conntrack (ip_vs_core.c)',
    rules: { ipvsReuse: 'old-entry' },
  },
  {
    since: '5.9',
    source: 'queue delayed work to expire no destination connections if expire_nodest_conn=1 (ip_vs_ctl.c)',
    rules: { ipvsOrphans: 'at-once' },
  },
  {
    since: '5.10',
    source: 'bc92470413f3 add clash resolution stat counter, 4afc41dfa5a7 remove ignore stats (nf_conntrack_netlink.c)',
    rules: { statistics: [...statistics, 'clash_resolve'] },
  },
  {
    since: '5.11',
    source: '86d21fc74745 add timeout and protoinfo to destroy events (nf_conntrack_netlink.c)',
    rules: { destroyTellsRest: true },
  },
  {
    since: '5.14',
    backports: ['4.19.206', '5.4.144', '5.10.62', '5.13.14'],
    source: '4608fdfc07e1 collect all entries in one cycle (nf_conntrack_core.c)',
    rules: { collector: 'every-120s' },
  },
  {
    since: '5.14',
    backports: ['4.19.272', '5.4.231', '5.10.166'],
    source: 'e15d4cdf27cb do not renew entry stuck in tcp SYN_SENT state (nf_conntrack_proto_tcp.c)',
    rules: { synRetransmissionRefreshes: false },
  },
  {
    since: '5.15',
    source: 'd532bcd0b269 sanitize table size default settings (nf_conntrack_core.c)',
    rules: { buckets: 262_144, statistics: [...statistics, 'clash_resolve', 'chaintoolong'] },
  },
  {
    since: '5.16',
    backports: ['5.4.160', '5.10.80', '5.14.19', '5.15.3'],
    source: 'b7b1d02fc439 set on IPS_ASSURED if flows enters internal stream state (nf_conntrack_proto_udp.c)',
    rules: { udpStreamRule: 'two-seconds' },
  },
  {
    since: '5.16',
    backports: ['5.4.163', '5.10.83', '5.15.6'],
    source: 'fix reuse connection if RS weight is 0 (ip_vs_core.c)',
    rules: { ipvsLeavesWeightZero: true },
  },
  {
    since: '5.18',
    source: '2cfadb761d3d revisit gc autotuning (nf_conntrack_core.c)',
    rules: { collector: 'adaptive' },
  },
  {
    since: '6.0',
    source: '4d8f24eeedc5 revert the pingpong threshold of 3 (inet_connection_sock.h)',
    rules: { tcpDialogueAfter: 1 },
  },
  {
    since: '6.5',
    source: 'ccce324dabfe make the first N SYN RTO backoffs linear (tcp_timer.c)',
    rules: { synLinearTimeouts: 4 },
  },
  {
    since: '7.0',
    backports: ['6.18.14', '6.19.4'],
    source:
      '0201eedb69b2 remove obsolete code in icmpv6_xrlim_allow() (net/ipv6/icmp.c); stable reviews of 24 February 2026',
    rules: { icmpv6Interval: 100, icmpv6FavoursPrefixes: false },
  },
];

/** First and last of the releases that the changes were looked up for. */
export const knownKernels = { from: '4.4', to: '7.0' } as const;

/** Where a series of Linux ended; the next one has another first number. */
export const lastKernels: readonly string[] = ['2.6', '3.19', '4.20', '5.19', '6.19'];

/**
 * The rules of a release such as `5.4`, `5.10.80` or `6.18.44`; without a third number, its first. `own`: where a
 * vendor's kernel differs, as those with the fixes of later ones do.
 */
export function kernelRules(release: string, own?: VendorRules): KernelRules {
  const known = rulesOf.get(release) ?? rulesSince(release);
  rulesOf.set(release, known);
  const said = Object.entries(own ?? {}).filter(([, rule]) => rule !== undefined);
  return said.length === 0 ? known : Object.assign({}, known, Object.fromEntries(said));
}

/** By release: the thousands of hosts of a run share them. */
const rulesOf = new Map<string, KernelRules>();

function rulesSince(release: string): KernelRules {
  const passed = kernelChanges.filter(({ since, backports = [] }) => {
    const has = (first: string) => order(release) >= order(first);
    return has(since) || backports.some((first) => series(first) === series(release) && has(first));
  });
  return Object.assign({}, oldest, ...passed.map(({ rules }) => rules));
}

function numbers(release: string): number[] {
  return release.split('.').map((part) => Number.parseInt(part, 10) || 0);
}

function series(release: string): string {
  return numbers(release).slice(0, 2).join('.');
}

function order(release: string): number {
  const [major = 0, minor = 0, patch = 0] = numbers(release);
  return (major * 1000 + minor) * 1000 + patch;
}
