import { daemonSetReplacement } from '../cluster/controllers/daemon-set.ts';
import { kubeProxyRelease } from '../cluster/kube-proxy/releases.ts';
import { nodeCacheRelease } from '../cluster/node-local-dns/releases.ts';
import { processingTime } from '../servers/processing.ts';
import { plainAt } from './document.ts';
import { formatDuration } from './duration.ts';
import { lifeAssumptions, movesPods } from './life-assumptions.ts';
import { corednsRelease, nodesWithKubeProxy } from './names.ts';
import type { Assumption, Scenario } from './scenario.ts';
import { containerRestart } from './translate/events.ts';
import { defaultQuality } from './translate/links.ts';
import { nodeCacheReleaseName } from './translate/node-local-dns.ts';

/** The defaults that a scenario's verdict rests on: what it leaves unsaid. */
export function assumptionsOf({ definition, written }: Scenario): Assumption[] {
  const addressesAreSaid = plainAt(written, ['cluster', 'nodeLocalDNS', 'addresses']) !== undefined;
  return [
    ...latencies(definition.links),
    ...software(definition),
    ...nodeLocalDns(definition, addressesAreSaid),
    ...delays(definition),
  ];
}

type Definition = Scenario['definition'];

function latencies(links: Definition['links']): Assumption[] {
  const assumptions: Assumption[] = [];
  if (links.default?.latency === undefined && links.default?.latencies === undefined) {
    assumptions.push({
      what: 'latency between two machines, one way',
      value: formatDuration(defaultQuality.machines.latency),
      source: 'typical of one zone: 0.2 to 0.5 ms there and back',
    });
  }
  if (links.pods?.latency === undefined && links.pods?.latencies === undefined) {
    assumptions.push({
      what: 'latency between a pod and its node, one way',
      value: formatDuration(defaultQuality.pods.latency),
      source: 'typical of one node: 0.05 to 0.1 ms between two pods, there and back',
    });
  }
  const lossless = !Object.values(links).some(({ loss = 0 }) => loss > 0);
  if (lossless) assumptions.push({ what: 'packets lost on links', value: 'none', source: 'no link says otherwise' });
  return assumptions;
}

function software({ cluster, pods, servers }: Definition): Assumption[] {
  const kernels = [...new Set(Object.values(cluster.nodes).map(({ kernel }) => kernel))].sort();
  const resolvers = [...new Set(Object.values(pods).map(({ resolver }) => resolver))].sort();
  const recursors = [
    ...new Set(Object.values(servers).flatMap((server) => (server.role === 'recursor' ? [server.software] : []))),
  ].sort();
  const { release } = cluster.coredns;
  const shipped = {
    what: 'CoreDNS release',
    value: corednsRelease(cluster),
    source: `what kubeadm installs with Kubernetes ${cluster.kubernetes}`,
  };
  const newest = { what: 'CoreDNS release', value: corednsRelease(cluster), source: 'the latest that is modelled' };
  return [
    ...(release === undefined ? [shipped] : release === 'latest' ? [newest] : []),
    {
      what: 'kernel of the nodes',
      value: kernels.join(', '),
      source: 'decides conntrack: UDP 30 s, answered flows 120 s (180 s before 5.0)',
    },
    { what: 'resolver of the pods', value: resolvers.join(', '), source: 'a pod that does not say has glibc 2.36' },
    ...(recursors.length === 0
      ? []
      : [
          {
            what: 'recursor',
            value: recursors.join(', '),
            source: 'counts TTLs down; bounds and time-outs are those of its defaults',
          },
        ]),
    {
      what: 'time that a server outside the cluster needs to answer',
      value: formatDuration(processingTime),
      source: 'as the servers of the recordings; programs in the cluster need none, only links take time there',
    },
  ];
}

function nodeLocalDns({ cluster, events }: Definition, addressesAreSaid: boolean): Assumption[] {
  const { nodeLocalDNS } = cluster;
  if (nodeLocalDNS === undefined) return [];
  const assumptions: Assumption[] = [];
  const assume = (what: string, value: string, source: string) => assumptions.push({ what, value, source });
  const name = nodeCacheReleaseName(cluster);
  const inside = nodeCacheRelease(name)?.coredns ?? '';
  if (nodeLocalDNS.release === undefined)
    assume(
      'NodeLocal DNSCache release',
      `${name} (CoreDNS ${inside})`,
      `the addon of Kubernetes ${cluster.kubernetes}`,
    );
  if (nodeLocalDNS.corefile === undefined)
    assume('Corefile of NodeLocal DNSCache', "the addon's", 'cluster/addons/dns/nodelocaldns of Kubernetes');
  if (nodeLocalDNS.addresses !== undefined && !addressesAreSaid)
    assume(
      'NodeLocal DNSCache listens on',
      nodeLocalDNS.addresses.join(', '),
      'what its Corefile binds; say addresses where the -localip of its DaemonSet is another',
    );
  if (nodeLocalDNS.settled)
    assume(
      'rules and link of NodeLocal DNSCache',
      'there from the start',
      'it has run for a while; say settled: false',
    );
  const crash = events.some(
    (event) => event.crashNodeLocalDNS?.startsAgainAfter === undefined && event.crashNodeLocalDNS,
  );
  if (crash)
    assume(
      'the kubelet starts a crashed container again',
      formatDuration(containerRestart),
      'its first restart has no pause',
    );
  const ends = events.some(
    (event) => event.restartNodeLocalDNS?.startsAgainAfter === undefined && event.restartNodeLocalDNS,
  );
  if (ends)
    assume(
      "the DaemonSet's next pod starts",
      `${formatDuration(daemonSetReplacement)} after SIGTERM`,
      'one pod goes before the next comes',
    );
  return assumptions;
}

function delays({ events, cluster }: Definition): Assumption[] {
  const assumptions: Assumption[] = [];
  if (events.some(({ editCorefile }) => editCorefile !== undefined && editCorefile.arrivesAfter === undefined)) {
    assumptions.push({
      what: 'kubelet writes an edited ConfigMap into a pod',
      value: '0 to 90s, drawn for each pod',
      source: 'kubelet: sync every 60 s times 1 to 1.5',
    });
  }
  return [
    ...assumptions,
    ...lifeAssumptions({ events, cluster }),
    ...ownRules(cluster),
    ...ofKubeProxy(cluster, events),
  ];
}

/** Nodes whose rules are given, and who changes them. */
function ownRules(cluster: Definition['cluster']): Assumption[] {
  const proxied = nodesWithKubeProxy(cluster);
  return Object.keys(cluster.nodes)
    .filter((node) => !proxied.includes(node))
    .map((node) => ({
      what: `kube-proxy on ${node}`,
      value: 'does not run',
      source: 'the rules of the node are given: they stand but for what events do; say kubeProxy: true for both',
    }));
}

/** What kube-proxy's part rests on, where it has something to do. */
function ofKubeProxy(cluster: Definition['cluster'], events: Definition['events']): Assumption[] {
  const isBusy = events.some(
    (event) => event.changeEndpoints ?? event.createService ?? event.stopKubeProxy ?? movesPods(event),
  );
  if (!isBusy || nodesWithKubeProxy(cluster).length === 0) return [];
  const { kubernetes, kubeProxy } = cluster;
  const { mode, release, delay, minSyncPeriod, commitGap } = kubeProxy;
  const assumptions: Assumption[] = [];
  const assume = (what: string, value: string, source: string) => assumptions.push({ what, value, source });
  if (release === undefined)
    assume('kube-proxy release', `the last ${kubernetes}`, 'decides which conntrack entries it deletes after a change');
  if (delay === undefined)
    assume('kube-proxy hears of a change in the API', 'after 20ms, 1s at most of 99 in 100', 'a watch: ms to 1 s');
  if (minSyncPeriod === undefined) {
    const { minSyncPeriod: least } = kubeProxyRelease(release ?? kubernetes);
    assume(
      'from one sync of kube-proxy to the next',
      `${formatDuration(mode === 'ipvs' ? 0 : least)} at least`,
      'minSyncPeriod, its default',
    );
  }
  if (mode === 'iptables' && commitGap === undefined)
    assume(
      "from the commit of kube-proxy's filter table to that of its nat table",
      '0.8 to 24ms, half of them under 8.8ms, and 12us a line',
      '60 restores of few rules; kubernetes#138073: 10 s with 200,000 end points',
    );
  return assumptions;
}
