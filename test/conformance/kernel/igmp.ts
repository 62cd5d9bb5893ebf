/** nf_conntrack_generic_timeout. */
const lifetime = 600;
/** A report is sent twice, the second time within a second (RFC 3376 §4.1, robustness 2): recording l, four runs. */
const repeatedAfter = 0.6;

/**
 * The entry of a bridge's own multicast membership report, which its node's conntrack follows as an unknown protocol.
 * The simulator has no IGMP; this stands in for it. `since`: when the bridge came up; times in seconds.
 */
export function membershipEntry(address: string, since: number, now: number): Readonly<Record<string, unknown>> {
  const timeout = Math.floor(lifetime - (now - Math.min(now, since + repeatedAfter)));
  return {
    raw: `unknown  2 ${timeout} src=${address} dst=224.0.0.22 [UNREPLIED] src=224.0.0.22 dst=${address} mark=0 use=1`,
    proto: 'unknown',
    timeout,
    orig: { src: address, dst: '224.0.0.22' },
    reply: { src: '224.0.0.22', dst: address },
    flags: ['UNREPLIED'],
  };
}
