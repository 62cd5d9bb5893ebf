import { readyEndpoints } from '../../../src/cluster/endpoint.ts';
import type { NodeCacheDescription } from '../../../src/cluster/node-local-dns/description.ts';
import type { ServiceDescription, World } from '../../../src/cluster/world.ts';
import type { CoreDnsDescription } from '../../../src/coredns/description.ts';
import { fromSeconds, type Micros } from '../../../src/engine/time.ts';
import type { HostDescription } from '../../../src/kernel/description.ts';
import type { SegmentDescription } from '../../../src/network/description.ts';
import { recordedCollectorInterval } from '../../support/collector.ts';
import { scripted } from '../coredns/world.ts';
import type { NodeLocalRecording } from './recording.ts';
import { stepEvents } from './steps.ts';

/** CoreDNS runs for a while when a recording's clock starts. */
export const recordingStart: Micros = fromSeconds(0.8);

/** An instant of the recording's clock. */
export function instant(seconds: number): Micros {
  return recordingStart + fromSeconds(seconds);
}

const kernel = '6.18';
const podCidr = '10.244.0.0/16';
const podGateway = '10.244.1.1';
/** Pods of another node, reached over the uplink. */
const isElsewhere = (address: string) => address.startsWith('10.244.2.');

/** Addresses that queries call by name. */
export const called: Readonly<Record<string, string>> = {
  nodelocal: '169.254.20.10',
  'kube-dns': '10.96.0.10',
  'kube-dns-upstream': '10.96.0.77',
};

/** Name of the node-cache process in logs and steps. */
export const nodeCacheName = 'node-cache';

/** The world that a recording of node-cache was made in, for one of its releases. */
export function recordedWorld(recording: NodeLocalRecording, release: string, seed: string): World {
  const pods = podAddresses(recording);
  return {
    seed,
    until: instant(lastInstant(recording)),
    hosts: [node(recording, pods), outside(recording, pods), ...Object.entries(pods).map(podHost)],
    segments: [segment('uplink'), ...Object.keys(pods).map(segment)],
    podCidr,
    kubeProxyOn: ['node'],
    services: ['kube-dns', 'kube-dns-upstream'].map((name) => service(name, recording.endpoints)),
    coredns: Object.entries(recording.coredns).map(([name, core]) => coredns(name, core)),
    nodeCaches: [nodeCache(recording, release)],
    servers: Object.entries(recording.servers).map(([name, server]) => ({
      ...scripted(name, server),
      host: 'outside',
    })),
    workloads: [],
    events: stepEvents(recording),
  };
}

/** Until when anything may still be observed, in seconds of the recording's clock. */
function lastInstant({ steps, until }: NodeLocalRecording): number {
  const ends = steps.map((step) =>
    'query' in step ? step.at + step.count * step.every + step.query.timeout : step.at + 0.5,
  );
  return Math.max(until ?? 0, 0.5, ...ends) + 1;
}

function podAddresses({ pods, coredns: processes }: NodeLocalRecording): Record<string, string> {
  const own = Object.entries(processes).map(([name, { address }]) => [name, address] as const);
  return { cli: '10.244.1.10', ...pods, ...Object.fromEntries(own) };
}

/** Packets inside the machine take no time; servers take the millisecond that the recordings are held to. */
function segment(name: string): SegmentDescription {
  return { name, quality: { latency: 0, jitter: 0, loss: 0 }, pairs: [] };
}

type Interfaces = HostDescription['interfaces'];
type Routes = HostDescription['routes'];

function podLinks(names: readonly string[]): Interfaces {
  return names.map((name) => ({ name: `v-${name}`, segment: name, addresses: [`${podGateway}/32`] }));
}

function podRoutes(pods: readonly (readonly [string, string])[]): Routes {
  return pods.map(([name, address]) => ({ to: `${address}/32`, kind: 'unicast', device: `v-${name}` }));
}

function node({ interface: link }: NodeLocalRecording, all: Readonly<Record<string, string>>): HostDescription {
  const pods = Object.entries(all).filter(([, address]) => !isElsewhere(address));
  return {
    name: 'node',
    kernel,
    collectorInterval: recordedCollectorInterval,
    forwarding: true,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8'] },
      { name: 'uplink', segment: 'uplink', addresses: ['192.168.100.2/24'] },
      ...podLinks(pods.map(([name]) => name)),
      ...(link === 'ready' ? [{ name: 'nodelocaldns', addresses: [] }] : []),
    ],
    routes: [
      ...podRoutes(pods),
      { to: '10.244.2.0/24', kind: 'unicast', via: '192.168.100.1', device: 'uplink' },
      { to: 'default', kind: 'unicast', via: '192.168.100.1', device: 'uplink' },
    ],
    iptables: `*nat\n-A POSTROUTING -s ${podCidr} ! -d ${podCidr} -j MASQUERADE --random-fully\nCOMMIT\n`,
    sysctls: {},
  };
}

function outside(recording: NodeLocalRecording, all: Readonly<Record<string, string>>): HostDescription {
  const servers = Object.values(recording.servers).map(({ address }) => address);
  const addresses = [...new Set([...servers, ...recording.outside_addresses])];
  const pods = Object.entries(all).filter(([, address]) => isElsewhere(address));
  return {
    name: 'outside',
    kernel,
    forwarding: true,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8', ...addresses.map((address) => `${address}/32`)] },
      { name: 'eth0', segment: 'uplink', addresses: ['192.168.100.1/24'] },
      ...podLinks(pods.map(([name]) => name)),
    ],
    routes: [
      ...podRoutes(pods),
      { to: '10.244.1.0/24', kind: 'unicast', via: '192.168.100.2', device: 'eth0' },
      ...recording.outside_unreachable.map((address) => ({ to: `${address}/32`, kind: 'unreachable' as const })),
      { to: 'default', kind: 'blackhole' },
    ],
    sysctls: {},
  };
}

function podHost([name, address]: readonly [string, string]): HostDescription {
  return {
    name,
    kernel,
    forwarding: false,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8'] },
      { name: 'eth0', segment: name, addresses: [`${address}/32`] },
    ],
    routes: [
      { to: `${podGateway}/32`, kind: 'unicast', device: 'eth0' },
      { to: 'default', kind: 'unicast', via: podGateway, device: 'eth0' },
    ],
    sysctls: {},
  };
}

function service(name: string, endpoints: readonly string[]): ServiceDescription {
  const port = (protocol: 'udp' | 'tcp') => ({
    name: protocol === 'udp' ? 'dns' : 'dns-tcp',
    protocol,
    port: 53,
    targetPort: 53,
  });
  return {
    name: `kube-system/${name}`,
    address: called[name] ?? '',
    ports: [port('udp'), port('tcp')],
    endpoints: readyEndpoints(endpoints),
  };
}

function coredns(name: string, core: NodeLocalRecording['coredns'][string]): CoreDnsDescription {
  return {
    name,
    host: name,
    release: core.release,
    corefile: { file: 'Corefile', text: core.corefile },
    files: { '/etc/resolv.conf': core.resolv_conf, ...core.files },
    environment: {},
    port: 53,
    startAt: core.start ? 0 : Number.POSITIVE_INFINITY,
  };
}

function nodeCache(recording: NodeLocalRecording, release: string): NodeCacheDescription {
  const { args, env, corefile_base, resolv_conf, kubedns_cm, start, release: own } = recording.node_cache;
  const keys = Object.entries(kubedns_cm ?? {}).map(([key, text]) => [`kube-dns/${key}`, text] as const);
  return {
    name: nodeCacheName,
    host: 'node',
    release: own ?? release,
    arguments: args,
    environment: env,
    files: {
      '/etc/resolv.conf': resolv_conf,
      'base/Corefile.base': corefile_base,
      ...Object.fromEntries(keys),
    },
    directories: ['base', ...(kubedns_cm === undefined ? [] : ['kube-dns'])],
    corefile: { file: 'Corefile', text: undefined },
    settled: false,
    dummyLinks: recording.interface === 'ready',
    startAt: start ? recordingStart : Number.POSITIVE_INFINITY,
  };
}
