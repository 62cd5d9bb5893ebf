import { type KernelRules, kernelRules } from './releases.ts';

/** Seconds unless the name says otherwise; kernel defaults, from Documentation/networking/nf_conntrack-sysctl.rst and ip-sysctl.rst. */
const common: Readonly<Record<string, number>> = {
  /** Octets. */
  'net.core.rmem_default': 212_992,
  'net.ipv4.ip_forward': 0,
  'net.ipv4.icmp_ratelimit': 1000,
  'net.ipv6.conf.all.forwarding': 0,
  'net.ipv4.tcp_syn_retries': 6,
  'net.ipv4.tcp_synack_retries': 5,
  'net.ipv4.tcp_retries2': 15,
  'net.ipv4.tcp_orphan_retries': 0,
  'net.netfilter.nf_conntrack_max': 262_144,
  'net.netfilter.nf_conntrack_generic_timeout': 600,
  'net.netfilter.nf_conntrack_icmp_timeout': 30,
  'net.netfilter.nf_conntrack_icmpv6_timeout': 30,
  'net.netfilter.nf_conntrack_tcp_timeout_syn_sent': 120,
  'net.netfilter.nf_conntrack_tcp_timeout_syn_recv': 60,
  'net.netfilter.nf_conntrack_tcp_timeout_established': 432_000,
  'net.netfilter.nf_conntrack_tcp_timeout_fin_wait': 120,
  'net.netfilter.nf_conntrack_tcp_timeout_close_wait': 60,
  'net.netfilter.nf_conntrack_tcp_timeout_last_ack': 30,
  'net.netfilter.nf_conntrack_tcp_timeout_time_wait': 120,
  'net.netfilter.nf_conntrack_tcp_timeout_close': 10,
  'net.netfilter.nf_conntrack_tcp_timeout_max_retrans': 300,
  'net.netfilter.nf_conntrack_tcp_timeout_unacknowledged': 300,
  'net.netfilter.nf_conntrack_tcp_loose': 1,
  // Windows are not followed, so that nothing lies outside of one: 0 and 1 are the same here.
  'net.netfilter.nf_conntrack_tcp_be_liberal': 0,
  'net.netfilter.nf_conntrack_tcp_max_retrans': 3,
  'net.netfilter.nf_conntrack_udp_timeout': 30,
  // Documentation/networking/ipvs-sysctl.rst
  'net.ipv4.vs.conntrack': 0,
  'net.ipv4.vs.conn_reuse_mode': 1,
  'net.ipv4.vs.expire_nodest_conn': 0,
  'net.ipv4.vs.expire_quiescent_template': 0,
};

/** Those whose default a release decides. */
const byRelease = (rules: KernelRules): Readonly<Record<string, number>> => ({
  'net.netfilter.nf_conntrack_buckets': rules.buckets,
  'net.netfilter.nf_conntrack_udp_timeout_stream': rules.udpStreamTimeout,
  'net.ipv4.tcp_syn_linear_timeouts': rules.synLinearTimeouts,
  'net.ipv6.icmp.ratelimit': rules.icmpv6Interval,
});

/** The knobs that the simulator knows. */
export const sysctlNames: readonly string[] = [...Object.keys(common), ...Object.keys(byRelease(kernelRules('')))];

/** The knobs of one host. */
export class Sysctls {
  readonly #defaults: ReadonlyMap<string, number>;
  /** Absent until one is set. */
  #own: Map<string, number> | undefined;

  constructor(rules: KernelRules) {
    this.#defaults = defaultsOf(rules);
  }

  get(name: string): number {
    const value = this.#own?.get(name) ?? this.#defaults.get(name);
    if (value === undefined) throw new Error(`no sysctl ${name}`);
    return value;
  }

  /** False when there is no such knob. */
  set(name: string, value: number): boolean {
    if (!this.#defaults.has(name)) return false;
    this.#own ??= new Map();
    this.#own.set(name, value);
    return true;
  }
}

/** By release's rules: the thousands of hosts of a run share them. */
const known = new WeakMap<KernelRules, ReadonlyMap<string, number>>();

function defaultsOf(rules: KernelRules): ReadonlyMap<string, number> {
  let defaults = known.get(rules);
  if (defaults === undefined) {
    defaults = new Map(Object.entries({ ...common, ...byRelease(rules) }));
    known.set(rules, defaults);
  }
  return defaults;
}
