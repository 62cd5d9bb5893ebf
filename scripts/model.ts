// Writes docs/model.md: what is modelled, simplified and refused, with the counts of the recordings that agree.
import { mkdirSync, writeFileSync } from 'node:fs';
import { nodeCacheReleaseNames } from '../src/cluster/node-local-dns/releases.ts';
import { kubernetesReleases, newestKubernetes } from '../src/cluster/releases.ts';
import { findPlugin } from '../src/coredns/plugins/registry.ts';
import { findRelease, releaseNames } from '../src/coredns/releases.ts';
import { matchNames } from '../src/kernel/netfilter/matches/table.ts';
import { targetNames } from '../src/kernel/netfilter/targets.ts';
import { resolverReleases } from '../src/resolver/releases.ts';
import { authoritySoftware } from '../src/servers/authoritative/programs.ts';
import { recursorSoftware } from '../src/servers/recursors/profiles.ts';
import { conformance } from '../test/conformance/agreement.ts';
import { recordings } from '../test/conformance/find.ts';

const plugins = [...new Set(releaseNames.flatMap((name) => findRelease(name)?.plugins ?? []))].sort();
const pluginsOf = (kind: ReturnType<typeof findPlugin>['kind']): string =>
  plugins
    .filter((name) => findPlugin(name).kind === kind)
    .map((name) => `\`${name}\``)
    .join(', ');

const resolvers = Object.entries(resolverReleases)
  .map(([name, { from, to }]) => (from === to ? `${name} ${from}` : `${name} ${from} to ${to}`))
  .join(', ');

const families: Readonly<Record<string, string>> = {
  kernel: 'netfilter, conntrack and sockets of Linux 6.18',
  resolver: 'glibc, musl, Go, c-ares, Netty, Java, dig, nslookup and host against a scripted server',
  'coredns/cache': 'the cache plugin of real CoreDNS processes',
  'coredns/forward': 'the forward plugin of real CoreDNS processes',
  'coredns/size': 'sizes of replies, truncation, EDNS',
  'coredns/corefile': "Corefiles, the chain's order, other plugins",
  'coredns/golden': "cases restated from CoreDNS's own tests, by release",
  nodelocal: 'NodeLocal DNSCache in a node',
  recursor: 'unbound, BIND, PowerDNS, Knot, dnsmasq and systemd-resolved; BIND, NSD, Knot and PowerDNS as authorities',
  path: 'the whole way, from a client through a node to servers outside',
};

const counts = conformance([recordings]).map(
  ({ family, agree, all, random }) =>
    `| ${family} | ${families[family] ?? ''} | ${agree} of ${all} | ${random.length} |`,
);

const page = `# What is modelled

This page is written by \`npm run docs\`.

## Modelled

- **Client resolvers** from resolv.conf, with search lists, retransmission, truncation and their options, by release:
  ${resolvers}.
  /etc/hosts and nsswitch.conf, Node's pool of threads, the address caches of the JVM and Netty, addresses that Redisson, Envoy and gRPC-Go hold.
- **Kernel of nodes and pods**: routes, iptables as \`iptables-save\` prints them, conntrack with its timers, DNAT, MASQUERADE,
  REJECT, ICMP errors and their allowance, UDP and TCP sockets.
- **Links** between hosts, or one way of them: latency as a span, a distribution or a CSV of times, jitter, losses one by one or in runs, a rate
  with its queue, packets a second; each may change at run time (\`setLink\`).
- **Neighbours**: who has answered is believed in for 15 to 45 s and then asked again; what goes to who is gone is lost until it is missed.
- **Conntrack** of Linux 4.4 to 6.18, by release and by stable series: timers of UDP, TCP and ICMP echoes, races between first packets
  on several CPUs (\`overlap\`), what a full table gives up, when what has expired is collected, how NAT looks for ports. A vendor's mix
  is set by \`kernelRules\`, knobs by \`sysctls\` or \`sysctl -w\`. What \`conntrack -L\`, -D, -F, -C, -S and -E print as \`run:\` events is kept
  in \`commands.txt\`, what the kernel logs in \`kernel.log\`.
- **iptables** in the order of the hooks, with counters: the matches ${matchNames.join(', ')}
  and the targets ${targetNames.join(', ')}; sets of ipset, held by IPVS's kube-proxy alone. A node may bring what
  iptables-save printed on it (\`nodes: { node-1: { iptables: FILE } }\`): kube-proxy then does not run there unless \`kubeProxy: true\`,
  the rules stand but for what \`run:\` events do, and counters begin at 0. All programs run as root for \`-m owner\`;
  no packet comes by a bridge's port (\`-m physdev\`), no socket is transparent (\`-m socket\`, TPROXY).
- **IPv6** through the same code: nodes, pods, Services and servers of one family or of both, ip6tables, ICMPv6 errors and their rate
  by release, neighbour discovery, fragments that senders alone make, \`conntrack\`'s lists; CoreDNS and resolvers over it. Link-local addresses and
  router advertisements are left out: routes stand as described. Not with NodeLocal DNSCache.
- **kube-proxy** in iptables mode, ${kubernetesReleases[0]?.name} to ${newestKubernetes}: its chains and the kubelet's as a node's iptables-save shows them; when it hears of a
  change and how often it may sync; full and partial restores, and the time between their two commits; end points that are ready,
  serve or terminate, both traffic policies, node ports, addresses from outside, session affinity; which UDP flows it deletes, by
  release. It can end, hang or fail to restore, and notices when its rules were flushed.
- **kube-proxy** in mode ipvs, 1.8 and later: IPVS in the kernel with its schedulers (rr, wrr, lc, wlc, sh, dh, sed, nq), its connections and
  their timers, persistence, its sysctls and how it meets conntrack, by release; kube-ipvs0, the ipsets and the few rules of iptables; real
  servers that get weight 0 or are deleted at once, by release. In mode nftables, 1.29 and later: \`table ip kube-proxy\` and \`ip6\`, as \`nft list\`
  prints them, changed in one transaction. Of both ClusterIPs alone. What \`ipvsadm\`, \`ipset\` and \`nft list\` print as \`run:\` events is kept too,
  IPVS's table at the end in \`ipvs.txt\`. Linux 6.1 with IPVS was recorded: 20 recordings in \`test/recordings/ipvs\`, all agree.
- **Pods and nodes**: pods of CoreDNS's Deployment and of Deployments of clients, made, ended and replaced at run time with a network, an address of their
  node's range (given back at their end) and a veth of their own; each client pod has the resolv.conf of its dnsPolicy on its node and runs its workloads
  from the start of its container to its end, which closes its sockets and leaves its conntrack entries. Kubelets that probe over the network, restart
  (CrashLoopBackOff), end in order (preStop, SIGTERM, SIGKILL at the grace period) and write edited ConfigMaps; EndpointSlices with ready, serving and
  terminating by release; rollouts, scale, drain with a disruption budget, the scheduler's spreading; lost nodes by their leases, NotReady after 40 s
  (50 s from 1.32), evicted 305 s later, unless all nodes or most of a small cluster are not ready. NodeLocal DNSCache's
  DaemonSet is rolled out node by node. Each delay is drawn from a stream of its own; a run tells those that it rests on. What can happen: [events](events.md).
- **The API server away**, or cut off from the nodes: controllers, scheduler and kubectl stand still, kubelets, kube-proxy and CoreDNS go on with what they
  know; how long each takes to hear of what it missed (client-go's pauses by release, leader election, the kubelet's status and leases).
- **Load**: closed loops, regular or Poisson arrivals at a rate that changes (steps, CSV), bursts, replayed logs, retries.
- **CoreDNS** ${releaseNames[0]} to ${releaseNames.at(-1)}: the Corefile with imports and snippets, server blocks, the chain in its release's order.
  Plugins: ${pluginsOf('modelled')}.
  Accepted and without influence on a query: ${pluginsOf('inert')}.
- **DNS over TLS** to upstreams (\`forward . tls://…\`), also of NodeLocal DNSCache: handshakes of TLS 1.2 and 1.3 as round trips and octets over
  TCP, sessions that are kept and resumed by release, pooled connections, probes over TLS, how long a dial may take. Certificates have names,
  addresses, an issuer and times of validity, and are refused in the words of Go's crypto/x509; a server's \`tls\` key says them.
- **NodeLocal DNSCache** ${nodeCacheReleaseNames[0]} to ${nodeCacheReleaseNames.at(-1)}: node-cache around the CoreDNS of its release, its Corefile with placeholders
  and ConfigMaps, its link and its rules one by one, start, look every -syncinterval, teardown, crash and restart.
- **Servers outside**: authorities with zone files, with the habits of ${authoritySoftware.join(', ')}; recursors and caches as
  ${recursorSoftware.join(', ')}, set by words of their own configuration.

## Simplified

- Programs need no time of their own: only links, time-outs and configured delays take any.
- Conntrack follows no TCP windows, so no segment lies outside of one and \`nf_conntrack_tcp_be_liberal\` changes nothing; other protocols
  than UDP, TCP and ICMP echoes have no entries; packets that race have both been looked up before either is
  entered, and one waits as often before its source is decided as after; a node has more than 4 GB, so its table as many buckets as its release takes then; entries have no zone and no label.
- TLS: nothing is encrypted or signed; an issuer is trusted by its name, without the certificates between, revocation or client certificates. Errors are
  worded as by Go 1.26, with which the recorded programs were built: those built before Go 1.20 leave out \`tls: failed to verify certificate: \`.
  Up to 1.8.0 the length in front of a query goes in a record of its own, which changes what meets a connection that the server has just closed.
- A link is as wide for one pair of hosts as if no other shared it, and packets on it never overtake each other.
- TCP: an answer of several segments is captured segment by segment, where a veth shows one packet (GSO); no round trip is remembered for the
  next connection; redirects take their share of the ICMP allowance, but are not sent; \`ip_no_pmtu_disc\` is not known.
- The API server is not on the path: CoreDNS's watch shows a change at once, kube-proxy's after its delay. One watch stands for all that a process
  watches; an API server that is away refuses connections; a lost leader's successor is ready at once.
- IPVS: masquerading alone (no tunnels, no direct routing), no connections shared between directors; \`ipvsadm -Lnc\` lists in the order of birth.
- kube-proxy: no hints of zones, no loadBalancerSourceRanges, no nfacct counters (\`-m nfacct\`, 1.32 and later); node ports and outside
  addresses have the chains of 1.24 (KUBE-EXT) in all releases; computing a sync takes no time, only its restore does.
- A pod named under \`pods\` without a Deployment starts again with its node, and does then what is left of its workloads by the run's clock; once evicted it
  is gone for good. \`drain\` leaves it alone. Programs of clients end at SIGTERM at once and serve nobody: what connects to an end point of their
  Service is refused. An address that was given back has the name of the pod that had it first in explanations.
  A lost node is silent to all, as in a cloud: no neighbour entry runs out. The kubelets' probes do not wait for CoreDNS's processor. The API server
  answers controllers and kubelets at any rate.
- A CPU limit of CoreDNS is so many queries a second, one after the other, and off unless a scenario asks for it; out of memory
  is the event \`crash\`.

## Refused

Each is named with its place, never ignored: other plugins of CoreDNS (${pluginsOf('not-modelled')}), IPv6 where it is not modelled,
servers that listen for DNS over TLS, HTTPS, QUIC or gRPC in a Corefile (\`tls://.\`), upstreams over HTTPS and QUIC,
kernels, releases and options that no table holds. A recursor's software that is not in the list above is refused too.

## How it is checked

Recordings of the real thing run through the same code as a scenario, and what was observed is compared with what the simulator
shows: \`npm run conformance\`. Those that differ from run to run in reality are judged by tests of their own over many seeds.

| family | what was recorded | agree | random |
| --- | --- | --- | --- |
${counts.join('\n')}
`;

mkdirSync('docs', { recursive: true });
writeFileSync('docs/model.md', page);
