import type { Explanation } from '../trace/explanation.ts';

/** What helps against a cause wherever it acts: in the words of the verdict, for scenarios that bring no remedy of their own. */
const helps: Readonly<Record<string, string>> = {
  'jvm-cache':
    'The JVM keeps answers whatever their TTL: bound networkaddress.cache.ttl (5 s, say) where addresses change.',
  'client-cache':
    'The program itself holds on to the address: its setting says for how long, and whether it ever asks again by itself.',
  'ttl-raised':
    'The recursor keeps records for longer than their TTL (its setting of a lowest TTL): lower that, let CoreDNS ask another server for the zone, or flush the name there after a change; a lower TTL of the record alone changes nothing.',
  'served-stale':
    'CoreDNS hands expired answers out first and asks afterwards: `serve_stale 30s verify` (1.9.2 and later) asks first; or keep its time short.',
  'outdated-nxdomain':
    'A denial from before the name was there was still kept: bound denials (`denial 9984 5` inside the braces of `cache`), there and in NodeLocal DNSCache in front, and let nobody ask before the name is there.',
  nxdomain:
    'A server says that there is no such name: look whether that is the name which was meant (search list, final dot, namespace), and whether it is made before it is asked for.',
  'empty-service-nxdomain':
    'The name of a headless Service is there as long as one of its pods is ready: look why none was; `publishNotReadyAddresses` keeps the name for those who must find pods that are not ready yet.',
  'deleted-service-nxdomain': 'The Service was deleted: make it anew, or ask for the one that took its place.',
  'split-nxdomain':
    'Not all servers that are asked know that name, and a denial of any of them counts: `forward` and resolv.conf take each for as good as another. Give the zone a block of its own, with the servers that have it.',
  'dangling-cname-nxdomain':
    'The name is an alias of one that is not there for whoever followed it: correct the CNAME, or make its target; names of the cluster are known to CoreDNS alone.',
  'cname-loop': 'Aliases lead to each other: correct one of those CNAMEs.',
  'cname-loop-nodata': 'Aliases lead to each other: correct one of those CNAMEs.',
  'rewritten-nxdomain':
    'A `rewrite` of the Corefile leads to a name that is not there: look whether it is outdated, and whether it meets more names than were meant.',
  acl: 'The plugin acl of CoreDNS keeps that client out: look whether its networks are those of today.',
  'acl-nodata': 'The plugin acl of CoreDNS keeps that client out: look whether its networks are those of today.',
  nodata: 'The name is there without a record of that type: add one, or ask for the other family.',
  servfail:
    'The server could not find out either: look in its own log, and at its upstreams, at that time; CoreDNS keeps a SERVFAIL that it was sent for 5 s (`servfail 0s` from 1.9.4 on).',
  'stale-servfail':
    'A SERVFAIL was kept and stood before the old answer, which `serve_stale` would have handed out: `servfail 0s` inside the braces of `cache` (1.9.4 and later), or CoreDNS 1.14.4, where an answer goes before a SERVFAIL.',
  refused:
    'The server does not answer that client, or that name: look at its access list, at its zones, and at `max_concurrent`.',
  'max-concurrent':
    'More queries were under way to the upstreams than `max_concurrent` allows: under way are the queries of a second times the seconds that one takes. A larger value costs some 2 kB a query; a cache, fewer queries a lookup (`ndots`) or a faster upstream lower what is needed.',
  'conntrack-clash':
    'Two packets of one socket raced in connection tracking: Linux 5.6 and later drop neither; before, `single-request-reopen` (not in musl) or NodeLocal DNSCache, whose packets are not tracked, avoid it.',
  'conntrack-table-full':
    'Connection tracking had no room on that node: raise nf_conntrack_max (`conntrack.maxPerCore` of kube-proxy), shorten its timers, or put NodeLocal DNSCache there, whose packets are not tracked.',
  'answer-untranslated':
    'The entry that would have translated the answer was gone when it came: an answer that comes sooner, a longer nf_conntrack_udp_timeout where that was cut, or NodeLocal DNSCache, whose packets are not translated, avoid it.',
  'late-answer':
    'The answer came when its client waited no longer: a longer `timeout` in resolv.conf, or a faster server; two of them that wait equally long give up at the same time.',
  'coredns-crashed':
    'CoreDNS ended by itself: its last lines tell why (`kubectl logs --previous`), and `dnspath check` what else it would refuse.',
  'coredns-overloaded':
    'CoreDNS had more queries than its share of a processor is enough for: more replicas or a higher CPU limit, fewer queries a lookup (`ndots`, a final dot), a cache on each node.',
  'kubernetes-not-synced':
    'CoreDNS started without the API server, and cannot say what is not there: `ready` with a readiness probe keeps clients away from it meanwhile; a replica that had its list before goes on.',
  'no-local-endpoint':
    'A Service with the traffic policy Local serves only nodes with one of its pods: run one on each node (a DaemonSet), or let the policy be Cluster.',
  erratic: 'The plugin erratic is made for tests: take it out of the Corefile.',
  'backend-silent': 'What the name leads to did not answer, DNS did: look there.',
  'rule-drop': 'A rule drops it: let UDP and TCP port 53 pass, in network policies and firewalls too.',
  'half-denied':
    'NXDOMAIN says that a name does not exist for any type, and musl believes it: let whatever answers that type say NOERROR without a record (`rcode NOERROR` in `template`, with an SOA).',
  'not-forwarding':
    'A node that forwards nothing cuts its pods off: net.ipv4.ip_forward=1 (and net.ipv6.conf.all.forwarding=1); look what had set it back, often a sysctl file that is read again.',
  'rule-reject': 'A rule rejects it: let UDP and TCP port 53 pass, in network policies and firewalls too.',
  'search-stopped':
    'musl searches no further where a name exists without an address, or a server fails: let the names of the search list be NXDOMAIN, or write the name in full, with a final dot.',
  'no-tcp':
    'musl before 1.2.4 (Alpine up to 3.17) never asks by TCP, and Netty only where `socketChannelType` says how: a newer musl, that setting, or answers within the octets that its queries allow (512, of Netty 4096).',
  'too-many-records':
    'musl before 1.2.5 (Alpine up to 3.19) takes a reply of more than 63 records for an empty one: a newer one, or fewer addresses under that name.',
  'node-lost':
    'A node without power keeps its pods among the end points for 40 to 46 s (50 to 56 s from Kubernetes 1.32 on): replicas on other nodes, `timeout:1` with more attempts, and a cache on each node make that shorter for clients.',
  'node-cache-down':
    'NodeLocal DNSCache was gone and its rules were still there: a second nameserver in resolv.conf, at an address that it does not hold, and memory enough for it.',
  'node-cache-teardown':
    'NodeLocal DNSCache was taking its address and its rules away: what is asked within that second is lost. `timeout:1`, and a rollout node by node, keep that small.',
  'malformed-reply': 'What came from the upstream was no DNS message that answers: look what listens there.',
  'recursor-no-reply':
    'The recursor had no reply from its own servers: look at the way from there, and at the delegation; stale answers there (`serve-expired`) bridge it.',
  'rate-limit':
    'The recursor answers an address so often a second, and all pods of a node have one behind masquerade: raise its limit for the nodes (`ip-ratelimit` of unbound, `rate-limit` of BIND), or cache nearer to the clients.',
  'recursor-crowded':
    'More questions waited at the recursor than it has room for: look what its own servers answer so slowly, or give it more room (`num-queries-per-thread` of unbound, `recursive-clients` and `clients-per-query` of BIND).',
  'connection-closed':
    'A server had closed a TCP connection that its client meant to use again: let the client drop idle ones sooner (`expire` of `forward`) than the server does.',
  econnrefused: 'Nobody listened at the address and port that were asked: look what should run there.',
  'neighbour-gone': 'The next hop is gone, and its node has not noticed: look what became of that pod or node.',
  'no-neighbour': 'Nobody had the address of the next hop: look what became of that pod or node.',
  'jvm-negative-cache': 'The JVM keeps failures too: networkaddress.cache.negative.ttl says for how long.',
  'client-negative-cache':
    'The program itself keeps failures: its setting says for how long, and whether it does at all.',
  'coredns-cache':
    'CoreDNS keeps an answer for its TTL or for the cap of its `cache` directive, whichever is shorter: lower the TTL well before a planned change, or cap the zone that changes in a block of its own.',
  'recursor-cache':
    'The recursor keeps a record for its whole TTL: lower the TTL at least one old TTL before a planned change, or flush the name afterwards.',
  'old-source':
    'A server that still has old records was asked: look which line names it (a stub zone or `forward` of the Corefile, resolv.conf, a delegation) and take it out; or, where it ought to know, check its serial and its zone transfers.',
  'stuck-conntrack-entry':
    'An entry without DNAT lives as long as its client keeps sending: delete it (`conntrack -D -p udp --orig-port-src PORT`), let the client use a new source port for each query, or be silent for longer than the timer.',
  'stale-ipvs-connection':
    'IPVS keeps a connection as long as its client keeps sending from that port: a kube-proxy that deletes UDP real servers at once (1.14.4, 1.15.1), a new source port for each query, or a shorter timeout (`ipvsadm --set`, `udpTimeout` of kube-proxy), ends that.',
  'ipvs-server-gone':
    'The real server of a connection was deleted: with expire_nodest_conn, as kube-proxy sets it, one packet is lost and the next finds another, so a retry soon (`timeout:1`) hides it; Linux 5.9 and later lose none.',
  'stale-conntrack-entry':
    'An entry to an end point that is gone lives as long as its client keeps sending: a kube-proxy that deletes it (1.29.10, 1.30.6, 1.31.2 and later; from 1.32 to 1.36 not of a Service that has no end point left), `conntrack -D`, a new source port for each query, or silence for longer than the timer, ends that.',
  'pod-gone':
    'The rules of a node led to a pod that was gone: `health { lameduck 5s }` keeps a pod answering until all nodes have followed; look why kube-proxy is late.',
  'coredns-stopped':
    'CoreDNS was told to end before its clients were led elsewhere: a second replica, `health { lameduck 5s }`, and a grace period that is longer.',
  'coredns-killed':
    'CoreDNS was killed, as it is out of memory: a limit that the load fits into (`max_concurrent` bounds what waits), fewer queries a lookup, a cache on each node.',
  'no-ready-endpoint':
    'No pod behind the Service was ready: more replicas, spread over nodes, with a disruption budget, so that one is left at any time.',
  'rules-behind':
    'There was an end point again, and the node did not know yet: what kube-proxy needs to hear of it and to write its rules is lost in any case; a second replica hides it.',
  'forwarding-loop':
    "CoreDNS forwards to itself, directly or by way of another server: name the real upstreams (kubelet's --resolv-conf=/run/systemd/resolve/resolv.conf where 127.0.0.53 is one); `loop` finds it only at the start, and only for the first zone of a block.",
  'no-such-host':
    'Nobody has the address that was asked: look for it in resolv.conf, in `forward` and in stub zones, and take it out.',
  'search-skipped':
    "musl looks no further for a name with dots enough (`ndots`), and c-ares' queries, Node's dns.resolve, for none: write the name in full.",
  'no-rule':
    'No rule of the node led to the Service: look what had taken it away, and restart kube-proxy, which writes all of them anew; when only the nat table was emptied it does not notice by itself.',
  'no-rule-gap':
    'A packet met no rule while kube-proxy replaced its tables: a release that cleans up after the rules are in, or fresh source ports, keep that from lasting.',
  'reply-cut-by-buffer':
    'A reply was longer than CoreDNS had room for: `force_tcp` towards that upstream, an upstream that keeps to the size asked for, or CoreDNS 1.11.3 and later, whose clients then ask by TCP; up to 1.9.1 `bufsize 1232`, too.',
  'port-closed':
    'The port is closed: open it, or do not send clients there (TCP is needed wherever replies are truncated).',
  timeout:
    'Nothing answered in time: look which hop the query reached, and shorten `timeout` in resolv.conf where waiting does not help.',
  'server-silent':
    'An upstream did not answer: more than one upstream with health checks, or `serve_stale`, bridge that.',
  'upstreams-down':
    'All upstreams were marked down, and CoreDNS asks none of them then: look what became of them, and name another one.',
  'forward-error': 'CoreDNS could not reach its upstream: more than one upstream, or `serve_stale`, bridge that.',
  'tls-certificate-refused':
    "The upstream's certificate is not accepted: `tls_servername` must be one of its names, `tls` must name the authority that issued it, and it must not have expired.",
  'tls-handshake-failed':
    'The upstream ended the TLS handshake, or does not speak TLS at that port: look what listens there (853 is for DNS over TLS).',
  'tls-handshake-timeout':
    'The upstream took the connection and never finished the TLS handshake: look what stands in between; up to 1.14.7 a query waits up to 30 s for that, and no other upstream is asked; from 1.15.0 on for 2.5 s.',
  'link-loss':
    'Packets were lost on a link: where some come through, a retry soon (`timeout:1 attempts:3`) hides it; where none does, only a server that is reached another way.',
  'tcp-connections-busy':
    'The server has a limit of TCP connections, and pools of its clients hold them: ask it over UDP, keep idle connections for a shorter time, or put a server there that has none.',
  'packet-limit':
    'A cloud drops what one interface sends to its resolver beyond a limit: cache nearer to the clients, spread the queries over nodes, ask over UDP (one packet) rather than TCP (five or six).',
  'link-queue-full': 'The link was full: fewer or smaller packets, or more bandwidth.',
};

type Reason = Pick<Explanation, 'cause' | 'holders' | 'sentence'>;

/** Advice on why lookups came out wrong, as far as there is some; each once. */
export function adviceOn(explanations: readonly Reason[]): string[] {
  return [...new Set(explanations.flatMap(reasonsOf))].flatMap((reason) => helps[reason] ?? []);
}

/** An answer that was handed out after its time is not helped by what shortens that time, nor one that was kept for longer than its TTL. */
function reasonsOf({ cause, holders, sentence }: Reason): string[] {
  // The plugin's last words are quoted.
  if (cause === 'coredns-crashed' && sentence.includes('plugin/loop: Loop')) return ['forwarding-loop'];
  const isServedStale = holders.some(({ layer, expired }) => layer === 'coredns' && expired);
  const isRaised = holders.some(({ layer, bound }) => layer === 'recursor' && bound === 'raised');
  // A cache that a server with old records has filled.
  const isFilledLate = holders.length > 0 && sentence.includes('although it was no longer served elsewhere');
  const helpsNot =
    (isServedStale && cause === 'coredns-cache') || (isRaised && /^(coredns|recursor)-cache$/.test(cause));
  return [
    ...(isFilledLate ? ['old-source'] : []),
    ...(helpsNot ? [] : [cause]),
    ...(isServedStale ? ['served-stale'] : []),
    ...(isRaised ? ['ttl-raised'] : []),
  ];
}
