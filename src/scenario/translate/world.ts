import type { World } from '../../cluster/world.ts';
import type { CoreDnsDescription } from '../../coredns/description.ts';
import type { ServerDescription } from '../../servers/description.ts';
import { corednsRelease } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { worldEvents } from './events.ts';
import { kubeProxyOf } from './kube-proxy.ts';
import { nodeCaches } from './node-local-dns.ts';
import { type PlacedPod, placeAll } from './pods.ts';
import { services } from './services.ts';
import { topology } from './topology.ts';
import { workloadOf } from './workloads.ts';

/** The world that a scenario describes, under a seed. */
export function toWorld(scenario: Scenario, seed: string): World {
  const { definition } = scenario;
  const { coredns, own } = placeAll(definition);
  const proxied = services(definition, coredns);
  return {
    seed,
    until: definition.duration,
    ...topology({ file: definition, latencies: scenario.artefacts.latencies }, own),
    podCidr: definition.cluster.podCIDR,
    kubeProxyOn: Object.keys(definition.cluster.nodes),
    kubeProxy: kubeProxyOf(definition.cluster),
    services: proxied,
    coredns: coredns.map((pod) => corednsProcess(scenario, pod)),
    nodeCaches: nodeCaches(scenario, proxied),
    servers: Object.entries(definition.servers).map(([name, server]) => outsideServer(name, server, scenario)),
    workloads: Object.entries(definition.workloads).map(([name, workload]) =>
      workloadOf(name, workload, scenario, seed),
    ),
    events: worldEvents(scenario, coredns, seed),
  };
}

function corednsProcess(scenario: Scenario, pod: PlacedPod): CoreDnsDescription {
  const { coredns } = scenario.definition.cluster;
  return {
    name: pod.name,
    host: pod.host,
    release: corednsRelease(scenario.definition.cluster),
    corefile: scenario.artefacts.corefile,
    files: { ...scenario.artefacts.corednsFiles, ...nodeResolvConf(scenario, pod.node) },
    environment: coredns.environment,
    ignore: coredns.ignore,
    ...(coredns.queriesPerSecond === undefined ? {} : { queriesPerSecond: coredns.queriesPerSecond }),
    port: 53,
    startAt: 0,
  };
}

/** CoreDNS runs with dnsPolicy Default: its resolv.conf is the node's. */
function nodeResolvConf(scenario: Scenario, node: string): Record<string, string> {
  const own = scenario.artefacts.resolvConfs[node];
  return own === undefined ? {} : { '/etc/resolv.conf': own.text };
}

function outsideServer(name: string, server: ScenarioFile['servers'][string], scenario: Scenario): ServerDescription {
  const common = {
    name,
    host: name,
    address: server.address,
    port: 53,
    ...(server.faults === undefined ? {} : { faults: server.faults }),
  };
  if (server.role === 'authoritative') {
    return {
      ...common,
      role: 'authoritative',
      ...(server.software !== undefined && { software: server.software }),
      zones: scenario.artefacts.zones[name] ?? {},
      outdated: server.outdated,
    };
  }
  const { servers } = scenario.definition;
  const addresses = (zones: Readonly<Record<string, string | string[]>>) =>
    Object.fromEntries(
      Object.entries(zones).map(([zone, names]) => [zone, [names].flat().map((one) => servers[one]?.address ?? '')]),
    );
  const { software, options } = server;
  const [upstreams, stubs] = [addresses(server.upstreams), addresses(server.stubs)];
  return { ...common, role: 'recursor', software, upstreams, stubs, options };
}
