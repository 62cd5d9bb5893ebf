import type { World } from '../../cluster/world.ts';
import type { CoreDnsDescription } from '../../coredns/description.ts';
import type { ServerDescription } from '../../servers/description.ts';
import type { WorkloadDescription } from '../../workload/description.ts';
import { corednsRelease } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { worldEvents } from './events.ts';
import { type PlacedPod, placeAll } from './pods.ts';
import { podResolvConf } from './resolv-conf.ts';
import { parseResolver } from './resolver.ts';
import { services } from './services.ts';
import { topology } from './topology.ts';

/** The world that a scenario describes, under a seed. */
export function toWorld(scenario: Scenario, seed: string): World {
  const { definition } = scenario;
  const { coredns, all } = placeAll(definition);
  return {
    seed,
    until: definition.duration,
    ...topology(definition, all),
    podCidr: definition.cluster.podCIDR,
    kubeProxyOn: Object.keys(definition.cluster.nodes),
    services: services(definition, coredns),
    coredns: coredns.map((pod) => corednsProcess(scenario, pod)),
    servers: Object.entries(definition.servers).map(([name, server]) => outsideServer(name, server, scenario)),
    workloads: Object.entries(definition.workloads).map(([name, workload]) => lookups(name, workload, scenario)),
    events: worldEvents(scenario, coredns, seed),
  };
}

function corednsProcess(scenario: Scenario, pod: PlacedPod): CoreDnsDescription {
  const { coredns } = scenario.definition.cluster;
  return {
    name: pod.name,
    host: pod.name,
    release: corednsRelease(scenario.definition.cluster),
    corefile: scenario.artefacts.corefile,
    files: { ...scenario.artefacts.corednsFiles, ...nodeResolvConf(scenario, pod.node) },
    environment: coredns.environment,
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
  const common = { name, host: name, address: server.address, port: 53 };
  if (server.role === 'authoritative')
    return { ...common, role: 'authoritative', zones: scenario.artefacts.zones[name] ?? {} };
  const { servers } = scenario.definition;
  const upstreams: Record<string, string[]> = {};
  for (const [zone, names] of Object.entries(server.upstreams)) {
    upstreams[zone] = [names].flat().map((upstream) => servers[upstream]?.address ?? '');
  }
  return { ...common, role: 'recursor', software: server.software, upstreams, options: server.options };
}

function lookups(name: string, workload: ScenarioFile['workloads'][string], scenario: Scenario): WorkloadDescription {
  const { definition, artefacts } = scenario;
  const pod = definition.pods[workload.pod];
  if (pod === undefined) throw new Error(`workload ${name} runs in a pod that was not found`);
  const own = artefacts.resolvConfs[pod.dnsPolicy === 'Default' ? pod.node : workload.pod];
  const hosts = artefacts.hosts[workload.pod];
  return {
    kind: 'lookups',
    name,
    host: workload.pod,
    resolver: {
      ...parseResolver(pod.resolver),
      resolvConf: podResolvConf(workload.pod, pod, definition.cluster, own),
      ...(pod.jvm === undefined ? {} : { cache: { kind: 'jvm' as const, ...withoutAbsent(pod.jvm) } }),
      ...(hosts === undefined ? {} : { hosts: hosts.text }),
    },
    lookup: workload.lookup,
    family: workload.family,
    startAt: workload.at ?? 0,
    every: workload.every,
    ...(workload.count === undefined ? {} : { count: workload.count }),
  };
}

function withoutAbsent({ release, ttl, negativeTtl }: NonNullable<ScenarioFile['pods'][string]['jvm']>) {
  return { release, ...(ttl === undefined ? {} : { ttl }), ...(negativeTtl === undefined ? {} : { negativeTtl }) };
}
