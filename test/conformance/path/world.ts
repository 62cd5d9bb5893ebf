import { readyEndpoints } from '../../../src/cluster/endpoint.ts';
import type { ServiceDescription, World, WorldEvent } from '../../../src/cluster/world.ts';
import type { CoreDnsDescription } from '../../../src/coredns/description.ts';
import { fromSeconds, type Micros, second } from '../../../src/engine/time.ts';
import type { HostDescription } from '../../../src/kernel/description.ts';
import type { SegmentDescription } from '../../../src/network/description.ts';
import type { ServerDescription } from '../../../src/servers/description.ts';
import { recordedCollectorInterval } from '../../support/collector.ts';
import { clientWorkloads } from './clients.ts';
import type { PathRecording } from './recording.ts';
import { outsideServers } from './servers.ts';
import { stepEvents } from './steps.ts';

/** A recording's clock starts on a whole second, when everything has stood for a while. */
export const recordingStart: Micros = 4 * second;

/**
 * The recorder starts CoreDNS (0.1 s), waits 0.4 s and takes the third whole second from then as its zero: what ticks
 * from the start, as forward's look through its idle connections, is 2.5 to 3.5 s old at that moment.
 */
const coreDnsStart: Micros = recordingStart - 3 * second;

/** An instant of the recording's clock. */
export function instant(seconds: number): Micros {
  return recordingStart + fromSeconds(seconds);
}

const kernel = '6.18';
const podCidr = '10.244.0.0/16';
const podGateway = '10.244.1.1';

/** The world that a path recording was made in, for one of its releases. */
export function recordedWorld(recording: PathRecording, release: string, seed: string): World {
  const { pods, services } = recording.world;
  const servers = outsideServers(recording);
  return {
    seed,
    until: instant(recording.limit),
    hosts: [
      node(recording),
      outside(recording, servers),
      ...Object.entries(pods).map(([name, pod]) => podHost(name, pod)),
    ],
    segments: [uplink, ...Object.keys(pods).map(podSegment)],
    podCidr,
    kubeProxyOn: ['node'],
    services: Object.entries(services).map(([name, service]) => serviceDescription(name, service)),
    coredns: corednsProcesses(recording, release),
    servers,
    workloads: clientWorkloads(recording),
    events: [...setUp(recording), ...recording.steps.flatMap((step) => stepEvents(step, recording))],
  };
}

/** Packets inside the machine take no time; servers take the millisecond that the recordings are held to. */
const uplink: SegmentDescription = {
  name: 'uplink',
  quality: { latency: 0, jitter: 0, loss: 0 },
  pairs: [],
};

function podSegment(name: string): SegmentDescription {
  return { name, quality: { latency: 0, jitter: 0, loss: 0 }, pairs: [] };
}

function node({ world }: PathRecording): HostDescription {
  const pods = Object.entries(world.pods);
  return {
    name: 'node',
    kernel,
    collectorInterval: recordedCollectorInterval,
    forwarding: true,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8', ...world.node_addresses.map((address) => `${address}/32`)] },
      { name: 'uplink', segment: 'uplink', addresses: ['192.168.100.2/24'] },
      ...pods.map(([name]) => ({ name: `v-${name}`, segment: name, addresses: [`${podGateway}/32`] })),
    ],
    routes: [
      ...pods.map(([name, { address }]) => ({ to: `${address}/32`, kind: 'unicast' as const, device: `v-${name}` })),
      { to: 'default', kind: 'unicast', via: '192.168.100.1', device: 'uplink' },
    ],
    iptables: nodeRules(world),
    sysctls: numbers(world.node_sysctl),
  };
}

function nodeRules(world: PathRecording['world']): string {
  const masquerade = `-A POSTROUTING -s ${podCidr} ! -d ${podCidr} -j MASQUERADE ${world.masquerade}`.trimEnd();
  return ['*nat', masquerade, 'COMMIT', ...(world.node_rules ?? []), ''].join('\n');
}

function outside({ world }: PathRecording, servers: readonly ServerDescription[]): HostDescription {
  const addresses = new Set(['192.168.100.1', ...servers.map(({ address }) => address), ...world.outside_addresses]);
  return {
    name: 'outside',
    kernel,
    forwarding: true,
    interfaces: [{ name: 'eth0', segment: 'uplink', addresses: [...addresses].map((address) => `${address}/24`) }],
    routes: [{ to: 'default', kind: 'blackhole' }],
    sysctls: {},
  };
}

function podHost(name: string, pod: PathRecording['world']['pods'][string]): HostDescription {
  return {
    name,
    kernel,
    forwarding: false,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8'] },
      { name: 'eth0', segment: name, addresses: [`${pod.address}/32`] },
    ],
    routes: [
      { to: `${podGateway}/32`, kind: 'unicast', device: 'eth0' },
      { to: 'default', kind: 'unicast', via: podGateway, device: 'eth0' },
    ],
    sysctls: numbers(pod.sysctl),
  };
}

function numbers(sysctls: Readonly<Record<string, string | number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(sysctls).map(([name, value]) => [name, Number(value)]));
}

function serviceDescription(name: string, service: PathRecording['world']['services'][string]): ServiceDescription {
  return {
    name: `kube-system/${name}`,
    address: service.address,
    ports: Object.entries(service.ports).map(([port, [protocol, number]]) => ({
      name: port,
      protocol,
      port: number,
      targetPort: number,
    })),
    endpoints: readyEndpoints(service.endpoints),
  };
}

function corednsProcesses(recording: PathRecording, release: string): CoreDnsDescription[] {
  return Object.entries(recording.coredns).map(([name, process]) => {
    const { corefile } = process;
    return {
      name,
      host: name,
      release: process.release ?? release,
      corefile: {
        file: 'Corefile',
        text: typeof corefile === 'string' ? corefile : (corefile[release] ?? corefile['*'] ?? ''),
      },
      files: process.files,
      environment: {},
      port: 53,
      startAt: process.later ? startOf(name, recording) : coreDnsStart,
    };
  });
}

/** A pod or process that is made by a step. */
function startOf(name: string, recording: PathRecording): Micros {
  const step = recording.steps.find((candidate) => candidate.pod_create === name || candidate.start === name);
  return step === undefined ? Number.POSITIVE_INFINITY : instant(step.at);
}

/** Commands that the recorder ran in a pod before anything else. */
function setUp({ world }: PathRecording): WorldEvent[] {
  return Object.entries(world.pods).flatMap(([host, { sh }]) =>
    (sh?.split(/;|\n/) ?? [])
      .map((command) => command.trim())
      .filter((command) => command !== '')
      .map((command): WorldEvent => ({ at: 0, label: command, kind: 'command', host, command })),
  );
}
