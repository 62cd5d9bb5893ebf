import type { ClusterView } from '../coredns/cluster-view.ts';
import { type CoreDnsProcess, startCoreDns } from '../coredns/process.ts';
import type { Task } from '../engine/process.ts';
import type { Simulation } from '../engine/simulation.ts';
import { createHost, type Host } from '../kernel/host.ts';
import { StoppableSockets } from '../kernel/socket/stoppable.ts';
import { createNetwork } from '../network/network.ts';
import type { Segment } from '../network/segment.ts';
import { type RunningServer, startServer } from '../servers/start.ts';
import { startWorkload } from '../workload/start.ts';
import { ApiServer } from './api-server.ts';
import { clusterView } from './cluster-view.ts';
import { makeHappen } from './events.ts';
import { cleanUpRule } from './kube-proxy/clean-up-releases.ts';
import { KubeProxyProcess } from './kube-proxy/dual-stack.ts';
import { KubeProxy } from './kube-proxy/kube-proxy.ts';
import { createProxier } from './kube-proxy/modes.ts';
import { kubeProxyRelease } from './kube-proxy/releases.ts';
import { ClusterLife } from './life.ts';
import { Lived } from './lived.ts';
import { type NodeCache, startNodeCache } from './node-local-dns/node-cache.ts';
import { newestKubernetes } from './releases.ts';
import { corednsWatchRules, watchRules } from './retries.ts';
import type { KubeProxyDescription, World } from './world.ts';

/** A world at work, by the names of its description. */
export interface RunningWorld {
  readonly segments: ReadonlyMap<string, Segment>;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly servers: ReadonlyMap<string, RunningServer>;
  /** CoreDNS and NodeLocal DNSCache. */
  readonly coredns: ReadonlyMap<string, CoreDnsProcess>;
  readonly nodeCaches: ReadonlyMap<string, NodeCache>;
  /** Of the processes that will be stopped and continued. */
  readonly stoppable: ReadonlyMap<string, StoppableSockets>;
  readonly workloads: ReadonlyMap<string, Task>;
  /** By node. */
  readonly kubeProxies: ReadonlyMap<string, KubeProxyProcess>;
  readonly api: ApiServer;
  /** Absent: nobody looks after pods. */
  readonly life: ClusterLife | undefined;
  /** What has come to the world. */
  readonly lived: Lived;
}

/** Builds hosts, rules and processes out of a description and schedules its events; nothing has happened yet. */
export function buildWorld(world: World, simulation: Simulation): RunningWorld {
  const network = createNetwork(simulation, world.segments);
  const hosts = new Map(world.hosts.map((host) => [host.name, createHost(simulation, network, host)]));
  const api = new ApiServer(
    simulation,
    world.services.map((service) => ({ ...service, whenEmpty: 'reject' })),
  );
  const viewOf = views(world, simulation, api);
  const kubeProxies = new Map(
    world.kubeProxyOn.map((name) => [name, startKubeProxy(world, simulation, hostOf(hosts, name), api)]),
  );
  const stoppable = stoppableSockets(world, hosts);
  const nodeCaches = started(world.nodeCaches ?? [], hosts, (host, cache) =>
    startNodeCache(simulation, host, cache, stoppable.get(cache.name)),
  );
  let life: ClusterLife | undefined;
  const coredns = new Map<string, CoreDnsProcess>([
    ...world.coredns.map((process) => {
      const sockets = stoppable.get(process.name) ?? hostOf(hosts, process.host);
      const ended = () => life?.ended(process.name);
      const view = viewOf(process.name, process.release);
      return [process.name, startCoreDns(simulation, sockets, process, view, ended)] as const;
    }),
    ...nodeCaches,
  ]);
  const servers = started(world.servers, hosts, (host, server) => startServer(simulation, host, server));
  const workloads = started(world.workloads, hosts, (host, workload) => startWorkload(simulation, host, workload));
  const lived = new Lived(world, hosts, coredns);
  if (world.life !== undefined) {
    const site = { simulation, network, api, viewOf, hosts, processes: coredns, nodeCaches, workloads, lived };
    life = new ClusterLife(site, world.life);
  }
  const running: RunningWorld = {
    segments: network.segments,
    hosts,
    api,
    kubeProxies,
    nodeCaches,
    stoppable,
    servers,
    coredns,
    workloads,
    life,
    lived,
  };
  for (const event of world.events) simulation.at(event.at, () => makeHappen(event, running, simulation));
  return running;
}

type ViewOf = (process: string, release: string) => ClusterView | undefined;

/** What a CoreDNS process sees of the cluster; without Services and kube-proxies there is none to watch. */
function views({ services, kubeProxyOn, life }: World, simulation: Simulation, api: ApiServer): ViewOf {
  if (services.length === 0 && kubeProxyOn.length === 0) return () => undefined;
  const inCluster = { namespaces: podNamespaces(life), nodes: life?.nodes ?? [] };
  return (process, release) =>
    clusterView(api.watch(process, corednsWatchRules(release)), inCluster, () => simulation.now);
}

function podNamespaces(life: World['life']): string[] {
  const all = life === undefined ? [] : [...life.deployments, ...life.barePods];
  return [...new Set(all.map(({ namespace }) => namespace))];
}

const immediateKubeProxy: KubeProxyDescription = {
  mode: 'iptables',
  release: newestKubernetes,
  delay: { kind: 'constant', value: 0 },
  minSyncPeriod: 0,
  syncPeriod: 0,
  commitGap: { least: { kind: 'constant', value: 0 }, perLine: 0 },
};

function startKubeProxy(world: World, simulation: Simulation, host: Host, api: ApiServer): KubeProxyProcess {
  const { kubeProxy, podCidr, otherPodCidr } = world;
  const description = kubeProxy ?? immediateKubeProxy;
  const { mode, release, delay, syncPeriod, commitGap, minSyncPeriod } = description;
  const { minSyncPeriod: usual, burst, partialSync } = kubeProxyRelease(release);
  const settings = {
    delay,
    // The mode ipvs does not wait unless told to (config/v1alpha1/defaults.go).
    pace: { minSyncPeriod: minSyncPeriod ?? (mode === 'ipvs' ? 0 : usual), burst, syncPeriod },
    partialSync,
    ...(kubeProxy !== undefined && { cleanUp: cleanUpRule(release) }),
  };
  const cidrs = [podCidr, ...(otherPodCidr === undefined ? [] : [otherPodCidr])];
  const sites = cidrs.map((cidr) => ({ simulation, host, release, podCidr: cidr, commitGap }));
  const watch = api.watch(`kube-proxy/${host.host}`, watchRules(release));
  const process = new KubeProxyProcess(
    sites.map((site) => new KubeProxy(site, createProxier(description, site), settings, watch)),
  );
  watch.onChange((services) => process.changed(services));
  return process;
}

/** By name, in their order. */
function started<D extends { readonly name: string; readonly host: string }, R>(
  descriptions: readonly D[],
  hosts: ReadonlyMap<string, Host>,
  start: (host: Host, description: D) => R,
): Map<string, R> {
  return new Map(descriptions.map((one) => [one.name, start(hostOf(hosts, one.host), one)]));
}

function hostOf(hosts: ReadonlyMap<string, Host>, name: string): Host {
  const host = hosts.get(name);
  if (host === undefined) throw new Error(`there is no host ${name}`);
  return host;
}

function stoppableSockets(world: World, hosts: ReadonlyMap<string, Host>): Map<string, StoppableSockets> {
  const stopped = new Set(world.events.flatMap((e) => (e.kind === 'signal' && e.signal === 'STOP' ? [e.process] : [])));
  const processes = [...world.coredns, ...(world.nodeCaches ?? [])].filter(({ name }) => stopped.has(name));
  return new Map(processes.map(({ name, host }) => [name, new StoppableSockets(hostOf(hosts, host))]));
}
