/** What helps against a cause wherever it acts: in the words of the verdict, for scenarios that bring no remedy of their own. */
const helps: Readonly<Record<string, string>> = {
  'jvm-cache':
    'The JVM keeps answers whatever their TTL: bound networkaddress.cache.ttl (5 s, say) where addresses change.',
  'client-cache':
    'The program itself holds on to the address: its setting says for how long, and whether it ever asks again by itself.',
  'jvm-negative-cache': 'The JVM keeps failures too: networkaddress.cache.negative.ttl says for how long.',
  'coredns-cache':
    'CoreDNS keeps an answer for its TTL or for the cap of its `cache` directive, whichever is shorter: lower the TTL well before a planned change, or cap the zone that changes in a block of its own.',
  'recursor-cache':
    'The recursor keeps a record for its whole TTL: lower the TTL at least one old TTL before a planned change, or flush the name afterwards.',
  'old-source':
    'A server still had the old record when it was asked: check serials and zone transfers before clients are told.',
  'stuck-conntrack-entry':
    'An entry without DNAT lives as long as its client keeps sending: delete it (`conntrack -D -p udp --orig-port-src PORT`), let the client use a new source port for each query, or be silent for longer than the timer.',
  'stale-ipvs-connection':
    'IPVS keeps a connection as long as its client keeps sending from that port: a kube-proxy that deletes UDP real servers at once (1.14.4, 1.15.1), a new source port for each query, or a shorter timeout (`ipvsadm --set`, `udpTimeout` of kube-proxy), ends that.',
  'ipvs-server-gone':
    'The real server of a connection was deleted: with expire_nodest_conn, as kube-proxy sets it, one packet is lost and the next finds another, so a retry soon (`timeout:1`) hides it; Linux 5.9 and later lose none.',
  'stale-conntrack-entry':
    'An entry to an end point that is gone lives as long as its client keeps sending: a kube-proxy that deletes it (1.29.10, 1.30.6, 1.31.2 and later), `conntrack -D`, a new source port for each query, or silence for longer than the timer, ends that.',
  'pod-gone':
    'The rules of a node led to a pod that was gone: `health { lameduck 5s }` keeps a pod answering until all nodes have followed; look why kube-proxy is late.',
  'coredns-stopped':
    'CoreDNS was told to end before its clients were led elsewhere: `health { lameduck 5s }`, and a grace period that is longer.',
  'coredns-killed':
    'CoreDNS was killed, as it is out of memory: a limit that the load fits into (`max_concurrent` bounds what waits), fewer queries a lookup, a cache on each node.',
  'no-ready-endpoint':
    'No pod behind the Service was ready: more replicas, spread over nodes, with a disruption budget, so that one is left at any time.',
  'rules-behind':
    'There was an end point again, and the node did not know yet: what kube-proxy needs to hear of it and to write its rules is lost in any case; a second replica hides it.',
  'forwarding-loop':
    'CoreDNS forwards to itself, directly or by way of another server: name the real upstreams; `loop` finds it only at the start, and only for the first zone of a block.',
  'no-such-host':
    'Nobody has the address that was asked: look for it in resolv.conf, in `forward` and in stub zones, and take it out.',
  'search-skipped':
    'The name has dots enough for this resolver to look no further: write it in full, or raise ndots where the search list is needed.',
  'no-rule-gap':
    'A packet met no rule while kube-proxy replaced its tables: a release that cleans up after the rules are in, or fresh source ports, keep that from lasting.',
  'reply-cut-by-buffer':
    'A reply was longer than CoreDNS had room for: `bufsize`, `force_tcp`, upstreams that keep to the size asked for, or a newer CoreDNS.',
  'port-closed':
    'The port is closed: open it, or do not send clients there (TCP is needed wherever replies are truncated).',
  timeout:
    'Nothing answered in time: look which hop the query reached, and shorten `timeout` in resolv.conf where waiting does not help.',
  'server-silent':
    'An upstream did not answer: more than one upstream with health checks, or `serve_stale`, bridge that.',
  'upstreams-down':
    'All upstreams were marked down, and CoreDNS asks none of them then: look what became of them, and name another one.',
  'forward-error': 'CoreDNS could not reach its upstream: more than one upstream, or `serve_stale`, bridge that.',
  'link-loss':
    'Packets were lost on a link: a retry soon (`timeout:1 attempts:3`) hides what the network does not mend.',
  'tcp-connections-busy':
    'The server has a limit of TCP connections, and pools of its clients hold them: ask it over UDP, keep idle connections for a shorter time, or put a server there that has none.',
  'packet-limit':
    'A cloud drops what one interface sends to its resolver beyond a limit: cache nearer to the clients, spread the queries over nodes, ask over UDP (one packet) rather than TCP (five or six).',
  'link-queue-full': 'The link was full: fewer or smaller packets, or more bandwidth.',
};

/** Advice on each of the causes, as far as there is some. */
export function adviceOn(causes: readonly string[]): string[] {
  return [...new Set(causes)].flatMap((cause) => helps[cause] ?? []);
}
