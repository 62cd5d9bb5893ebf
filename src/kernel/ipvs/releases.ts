/** What differs in IPVS between kernels; a row holds from its release up to the next row's. */
export interface IpvsRelease {
  /** First release with these properties. */
  readonly since: string;
  /**
   * With expire_nodest_conn: connections to a server that was deleted end with their next packet, which is dropped,
   * or all at once, a jiffy after the deletion.
   */
  readonly endsWithServer: 'next-packet' | 'at-once';
  /** A new TCP connection that takes the place of an old one is dropped once: whenever it is tracked, or when it is an old entry of conntrack's. */
  readonly reuseDrops: 'tracked' | 'confirmed';
  /** Does a SYN leave a server of weight 0 although conn_reuse_mode is 0? */
  readonly leavesWeightZero: boolean;
  /** How source and destination hashing spread addresses: by their low bits, or by the golden ratio. */
  readonly hash: 'low-bits' | 'golden-ratio';
}

/** ip_vs_core.c of 4.4: `uses_ct`, and NF_DROP for whatever meets a server that is not available. */
const oldest: IpvsRelease = {
  since: '4.4',
  endsWithServer: 'next-packet',
  reuseDrops: 'tracked',
  leavesWeightZero: false,
  hash: 'low-bits',
};
/** "Fix multiplicative hashing in sh/dh/lblc/lblcr algorithms" (4.18). */
const from4_18: IpvsRelease = { ...oldest, since: '4.18', hash: 'golden-ratio' };
/** "Queue delayed work to expire no destination connections if expire_nodest_conn=1", "allow connection reuse for unconfirmed conntrack" (5.9). */
const from5_9: IpvsRelease = { ...from4_18, since: '5.9', endsWithServer: 'at-once', reuseDrops: 'confirmed' };
/** "Fix reuse connection if RS weight is 0" (5.16). */
const from5_16: IpvsRelease = { ...from5_9, since: '5.16', leavesWeightZero: true };

/** The row of a kernel such as `5.15`; the oldest row for anything before it. */
export function ipvsRelease(kernel: string): IpvsRelease {
  return [oldest, from4_18, from5_9, from5_16].findLast(({ since }) => order(since) <= order(kernel)) ?? oldest;
}

function order(release: string): number {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10) || 0);
  return major * 1000 + minor;
}
