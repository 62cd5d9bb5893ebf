import { readFileSync } from 'node:fs';

interface Incident {
  readonly what: string;
  readonly scenario: string;
  /** The same with the cure. */
  readonly control: string;
  /** The cure: where the control's scenario differs from the incident's, and nowhere else. */
  readonly cure: readonly string[];
  /** Where the figures do not tell: what comes of it, its cause, and what comes of it with the cure. */
  readonly told?: readonly [outcome: string, cause: string, cured: string];
}

/** The field reports and the reported incidents, each with its scenario and one of its negative controls. */
export const incidents: readonly Incident[] = [
  {
    what: 'An A record changes, pods stay on the old address',
    scenario: 'a-record-failover',
    control: 'a-record-failover-prepared',
    cure: ['servers.corp-dns.zones', 'events', 'pods.orders.jvm.ttl'],
  },
  {
    what: 'CoreDNS restarts, a client with one port is cut off',
    scenario: 'pod-restart-fixed-port',
    control: 'pod-restart-fixed-port-kube-proxy-cleans',
    cure: ['cluster.kubeProxy.release'],
  },
  {
    what: 'Retry storm over a name with 20 addresses',
    scenario: 'udp-truncation',
    control: 'udp-truncation-1.12.1',
    cure: ['cluster.coredns.release'],
  },
  {
    what: 'A forgotten stub zone, with an old server behind it',
    scenario: 'stub-zone',
    control: 'stub-zone-removed',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'serve_stale and headless Services',
    scenario: 'serve-stale-immediate',
    control: 'serve-stale-verify',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'serve_stale, and an upstream that answers SERVFAIL',
    scenario: 'serve-stale-servfail',
    control: 'serve-stale-servfail-none-kept',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'Six kinds of client: a dead server, slow servers, a lost packet',
    scenario: 'six-clients',
    control: 'six-clients-well',
    cure: ['events'],
  },
  {
    what: '5 s delays: A and AAAA race in conntrack',
    scenario: 'insertion-race',
    control: 'insertion-race-5.10',
    cure: ['cluster.nodes.node-1.kernel'],
    told: ['lookups of 5 s and 2.5 s', 'insert_failed', 'all is well'],
  },
  {
    what: 'ndots:5 multiplies queries',
    scenario: 'ndots-amplification',
    control: 'ndots-amplification-final-dot',
    cure: ['workloads'],
    told: ['8, 10 or 12 queries for one lookup', '', '2 queries for one lookup'],
  },
  {
    what: "musl's search stops where glibc's goes on",
    scenario: 'musl-search-stops',
    control: 'musl-search-stops-nxdomain',
    cure: ['servers.corp-dns.zones'],
  },
  {
    what: 'kube-proxy forgets the flows to a pod that is gone',
    scenario: 'stale-endpoint',
    control: 'stale-endpoint-cleaned',
    cure: ['cluster.kubeProxy.release'],
  },
  {
    what: 'A flow born while a Service had no end points',
    scenario: 'endpoints-0-to-n',
    control: 'endpoints-0-to-n-flushed',
    cure: ['cluster.kubeProxy.release'],
  },
  {
    what: 'A node with CoreDNS is drained, under ipvs',
    scenario: 'ipvs-drain',
    control: 'ipvs-drain-1.14.4',
    cure: ['cluster.kubeProxy.release'],
  },
  {
    what: 'A node with CoreDNS loses its power',
    scenario: 'node-loss',
    control: 'node-loss-cleaned',
    cure: ['cluster.kubeProxy.release'],
  },
  {
    what: 'CoreDNS rolled out without lameduck',
    scenario: 'rollout-without-lameduck',
    control: 'rollout-without-lameduck-5s',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'The first of two upstreams is dead',
    scenario: 'dead-upstream',
    control: 'dead-upstream-serve-stale',
    cure: ['cluster.coredns.corefile'],
    told: ['lookups of 2 s until it is marked down', 'timeout', 'answered from the cache'],
  },
  {
    what: 'max_concurrent refuses',
    scenario: 'max-concurrent',
    control: 'max-concurrent-2000',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'Answers over 512 octets after an upgrade',
    scenario: 'overflow-1.10.1',
    control: 'overflow-1.11.3',
    cure: ['cluster.coredns.release'],
  },
  {
    what: 'Truncated answers, and TCP is blocked',
    scenario: 'tcp-blocked',
    control: 'tcp-blocked-open',
    cure: ['events'],
  },
  {
    what: 'A forwarding loop by 127.0.0.53',
    scenario: 'forwarding-loop',
    control: 'forwarding-loop-real-resolv-conf',
    cure: ['cluster.nodes.node-1.resolvConf'],
  },
  {
    what: 'A new Service stays NXDOMAIN',
    scenario: 'negative-cache',
    control: 'negative-cache-denial-5',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'ttl 0, and CoreDNS caches 5 s all the same',
    scenario: 'ttl-zero-headless',
    control: 'ttl-zero-headless-disabled',
    cure: ['cluster.coredns.corefile'],
  },
  {
    what: 'A JVM keeps the address of the old primary',
    scenario: 'jvm-failover',
    control: 'jvm-failover-ttl-5',
    cure: ['pods.spring.jvm', 'pods.with-security-manager.jvm'],
  },
  {
    what: 'A Corefile edit seems to do nothing',
    scenario: 'reload-delay',
    control: 'reload-delay-restart',
    cure: ['events'],
    told: ['in force up to 128 s later, at another time in each replica', 'reload', 'in force at once'],
  },
  {
    what: '1,024 packets a second to the resolver of a cloud',
    scenario: 'packet-limit',
    control: 'packet-limit-spread',
    cure: ['cluster.coredns.replicas', 'cluster.nodes', 'links'],
  },
  {
    what: 'TCP connections to a dnsmasq that serves 20',
    scenario: 'tcp-workers',
    control: 'tcp-workers-udp',
    cure: ['cluster.nodeLocalDNS.corefile'],
  },
  {
    what: 'Retries, kills and restarts in a loop',
    scenario: 'oom-loop',
    control: 'oom-loop-more-memory',
    cure: ['events'],
  },
  {
    what: 'CoreDNS starts while the API is away',
    scenario: 'api-unavailable',
    control: 'api-unavailable-reachable',
    cure: ['events'],
  },
  {
    what: 'One replica less is too few',
    scenario: 'node-reroll',
    control: 'node-reroll-four-replicas',
    cure: ['cluster.coredns.replicas', 'cluster.coredns.nodes', 'cluster.nodes.node-4'],
  },
  {
    what: 'A pool of connections stays with the old primary',
    scenario: 'connection-pool',
    control: 'connection-pool-max-age',
    cure: ['workloads.pool.connects.maxAge'],
  },
  {
    what: 'The rules of a node as they were found',
    scenario: 'iptables-as-found',
    control: 'iptables-as-found-nat-first',
    cure: ['events'],
  },
  {
    what: 'conntrack is full',
    scenario: 'conntrack-full',
    control: 'conntrack-full-larger',
    cure: ['cluster.nodes.node-1.sysctls'],
  },
  {
    what: 'A rollout of an application begins with a burst of lookups',
    scenario: 'rollout-burst',
    control: 'rollout-burst-ndots-1',
    cure: ['pods.shop.dnsConfig'],
  },
  {
    what: 'The load of a day meets max_concurrent',
    scenario: 'growing-load',
    control: 'growing-load-scaled',
    cure: ['events'],
  },
  {
    what: 'The API server goes away in the middle of a rollout',
    scenario: 'api-outage-rollout',
    control: 'api-outage-rollout-surge-first',
    cure: ['cluster.coredns.maxUnavailable'],
  },
  {
    what: 'Clients keep addresses of pods that were rolled out',
    scenario: 'headless-rollout',
    control: 'headless-rollout-fresh',
    cure: ['cluster.coredns.corefile', 'pods.shop.jvm.ttl'],
  },
];

interface Workload {
  readonly workload: string;
  readonly lookups: number;
  readonly failures: {
    readonly count: number;
    readonly longestOutage: number;
    readonly causes: readonly { readonly cause: string }[];
  };
  readonly stale: { readonly count: number; readonly seconds: number; readonly cause: string | null };
  readonly latencyMs: { readonly max: number };
}

/** The table in Markdown, a row an incident. */
export function galleryTable(): string {
  const rows = incidents.map(({ what, scenario, control, told }) => {
    const worst = worstOf(scenario);
    const [outcome, cause, cured] = told ?? [
      comesOf(worst),
      worst.failures.causes[0]?.cause ?? worst.stale.cause ?? '',
      comesOf(worstOf(control, worst.workload)),
    ];
    return `| ${what} | [\`${scenario}\`](scenarios/${scenario}) | ${outcome} | ${cause && `\`${cause}\``} | [${cured}](scenarios/${control}) |`;
  });
  return [
    '| incident | scenario | what comes of it | cause found | with the cure |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

/** What stands between the marks of the README is replaced. */
export function withTable(readme: string, table: string): string {
  return readme.replace(
    /(<!-- gallery -->\n\n)[\s\S]*?(\n\n<!-- \/gallery -->)/,
    (_, before, after) => `${before}${table}${after}`,
  );
}

/** The workload of that name, or the one that it hit hardest: by failures, then old answers, then the slowest lookup. */
function worstOf(scenario: string, name?: string): Workload {
  const { workloads }: { workloads: readonly Workload[] } = JSON.parse(
    readFileSync(`reports/${scenario}/summary.json`, 'utf8'),
  );
  const [worst] = workloads.toSorted(
    (a, b) =>
      b.failures.count / b.lookups - a.failures.count / a.lookups ||
      b.stale.seconds - a.stale.seconds ||
      b.latencyMs.max - a.latencyMs.max,
  );
  const named = workloads.find(({ workload }) => workload === name);
  if (named !== undefined) return named;
  if (worst === undefined) throw new Error(`${scenario} has no workload`);
  return worst;
}

function comesOf({ lookups, failures, stale, latencyMs }: Workload): string {
  if (failures.count > 0)
    return `${failures.count} of ${lookups} lookups fail, for up to ${span(failures.longestOutage)}`;
  if (stale.count > 0) return `old address for ${span(stale.seconds)}`;
  return latencyMs.max >= 500 ? `lookups of up to ${span(latencyMs.max / 1000)}` : 'all is well';
}

function span(seconds: number): string {
  return seconds >= 120 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds * 10) / 10} s`;
}
