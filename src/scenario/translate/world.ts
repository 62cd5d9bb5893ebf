import { processOf } from '../../cluster/pods/process.ts';
import type { World } from '../../cluster/world.ts';
import { parseResolvConf } from '../../resolver/resolv-conf.ts';
import { resolvConfRules } from '../../resolver/rules.ts';
import type { ServerDescription } from '../../servers/description.ts';
import { nodesWithKubeProxy } from '../names.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { corednsContainer, lifeOf, podTemplate } from './deployment.ts';
import { worldEvents } from './events.ts';
import { kubeProxyOf } from './kube-proxy.ts';
import { nodeCaches } from './node-local-dns.ts';
import { placeAll } from './pods.ts';
import { services } from './services.ts';
import { tlsSide } from './tls.ts';
import { topology } from './topology.ts';
import { workloadOf } from './workloads.ts';

/** The world that a scenario describes, under a seed. */
export function toWorld(scenario: Scenario, seed: string): World {
  const { definition } = scenario;
  const pods = placeAll(definition);
  const { coredns, own } = pods;
  const proxied = services(definition, pods);
  const links = { file: definition, latencies: scenario.artefacts.latencies };
  const template = podTemplate(scenario);
  const workloads = Object.entries(definition.workloads).flatMap(([name, workload]) =>
    workloadOf(name, workload, scenario, seed),
  );
  return {
    seed,
    until: definition.duration,
    ...topology(links, own, scenario.artefacts.rules),
    podCidr: definition.cluster.podCIDR,
    ...(definition.cluster.otherPodCIDR !== undefined && { otherPodCidr: definition.cluster.otherPodCIDR }),
    nodes: Object.keys(definition.cluster.nodes),
    kubeProxyOn: nodesWithKubeProxy(definition.cluster),
    kubeProxy: kubeProxyOf(definition.cluster),
    services: proxied,
    coredns: coredns.map((pod) => processOf(corednsContainer(scenario), { ...pod, startAt: 0 })),
    nodeCaches: nodeCaches(scenario, proxied),
    servers: [
      ...Object.entries(definition.servers).map(([name, server]) => outsideServer(name, server, scenario)),
      ...stubsOnNodes(scenario),
    ],
    workloads,
    events: worldEvents(scenario, seed),
    life: lifeOf(scenario, links, template, pods, workloads, seed),
  };
}

/** systemd-resolved on the nodes that run it. */
function stubsOnNodes({ definition, artefacts }: Scenario): ServerDescription[] {
  return Object.entries(definition.cluster.nodes).flatMap(([node, { systemdResolved }]) => {
    const file = artefacts.resolvConfs[node];
    if (!systemdResolved || file === undefined) return [];
    const { nameservers } = parseResolvConf(file, resolvConfRules({ kind: 'glibc', release: '2.36' }));
    const common = { name: `resolved-${node}`, host: node, address: '127.0.0.53', port: 53 };
    const upstreams = { '.': nameservers };
    return [{ ...common, role: 'recursor', software: 'systemd-resolved', upstreams, stubs: {}, options: {} }];
  });
}

function outsideServer(name: string, server: ScenarioFile['servers'][string], scenario: Scenario): ServerDescription {
  const common = {
    name,
    host: name,
    address: server.address,
    ...(server.otherAddress !== undefined && { otherAddress: server.otherAddress }),
    port: 53,
  };
  if (server.role === 'backend') return { ...common, role: 'backend', port: server.port, protocol: server.protocol };
  const faults = {
    ...(server.faults !== undefined && { faults: server.faults }),
    ...(server.tls !== undefined && { tls: tlsSide(server.tls, scenario) }),
  };
  if (server.role === 'authoritative') {
    return {
      ...common,
      ...faults,
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
  return { ...common, ...faults, role: 'recursor', software, upstreams, stubs, options };
}
