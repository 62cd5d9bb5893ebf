import { fromSeconds } from '../../../src/engine/time.ts';
import type { ResolverDescription } from '../../../src/resolver/description.ts';
import type { WorkloadDescription } from '../../../src/workload/description.ts';
import { digWorkload } from './dig.ts';
import type { PathClient, PathRecording } from './recording.ts';
import { instant } from './world.ts';

const resolvers: Readonly<Record<string, Pick<ResolverDescription, 'kind' | 'release' | 'cache' | 'pool' | 'edns'>>> = {
  glibc: { kind: 'glibc', release: '2.36' },
  musl: { kind: 'musl', release: '1.2.3' },
  // Built without a go.mod, it has the defaults of Go before 1.19.
  go: { kind: 'go', release: '1.26', edns: false },
  node: { kind: 'c-ares', release: '1.34.6' },
  'node-lookup': { kind: 'glibc', release: '2.36', pool: { kind: 'libuv', threads: 4 } },
  java: { kind: 'glibc', release: '2.36', cache: { kind: 'jvm', release: '17' } },
  'java-v4': { kind: 'glibc', release: '2.36', cache: { kind: 'jvm', release: '17' } },
};

/** Calls of a client, in the order they are made. */
export function callsOf(client: PathClient): { readonly at: number; readonly name: string }[] {
  const { at = 0, every, count = 0, name = '' } = client;
  const regular =
    every === undefined
      ? []
      : Array.from({ length: count }, (_, k) => ({ at: at + k * every, name: name.replace('%n', String(k + 1)) }));
  return [...client.calls, ...regular];
}

/** When a plain socket sends. */
export function timesOf({ times, at = 0, every = 0, count = 0 }: PathClient): number[] {
  return times ?? Array.from({ length: count }, (_, k) => at + k * every);
}

/** How many questions plain sockets send; each ends in a reply, an error or a time-out. */
export function questionsAsked({ clients }: PathRecording): number {
  const asking = Object.values(clients).filter(({ resolver, text }) => resolver === 'udp' && text === undefined);
  return asking.reduce((sum, client) => sum + timesOf(client).length, 0);
}

/** Names of the workloads that make a client's calls: one, or with `parallel` (dig: always) one for each call. */
export function workloadNames(name: string, client: PathClient): string[] {
  return client.parallel || client.resolver === 'dig' ? callsOf(client).map((_, k) => `${name}/${k}`) : [name];
}

export function clientWorkloads(recording: PathRecording): WorkloadDescription[] {
  return Object.entries(recording.clients).flatMap(([name, client]): WorkloadDescription[] => {
    if (client.resolver === 'udp') return [fixedPort(name, client)];
    const calls = callsOf(client).map((call) => ({ at: instant(call.at), lookup: call.name }));
    const names = workloadNames(name, client);
    if (client.resolver === 'dig')
      return calls.map((call, i) => digWorkload(names[i] ?? name, client.pod, call.at, call.lookup));
    const groups = client.parallel ? calls.map((call) => [call]) : [calls];
    return groups.map((group, i) => lookups(names[i] ?? name, client, group, recording));
  });
}

function lookups(
  name: string,
  client: PathClient,
  calls: readonly { at: number; lookup: string }[],
  recording: PathRecording,
): WorkloadDescription {
  const resolver = resolvers[client.resolver];
  if (resolver === undefined) throw new Error(`client ${client.resolver} is not known`);
  const text = recording.world.pods[client.pod]?.resolv_conf ?? '';
  return {
    kind: 'lookups',
    name,
    host: client.pod,
    resolver: { ...resolver, resolvConf: { file: '/etc/resolv.conf', text }, hasIpv6: false },
    family: familyOf(client),
    calls: { kind: 'listed', list: calls },
  };
}

/** Node's client passes over `-4`; the JVM of `java-v4` was started for IPv4 alone. */
function familyOf({ resolver, family }: PathClient): 'ipv4' | 'ipv6' | 'any' {
  if (resolver === 'node-lookup') return 'any';
  if (resolver === 'java-v4') return 'ipv4';
  return family === '4' ? 'ipv4' : family === '6' ? 'ipv6' : 'any';
}

function fixedPort(name: string, client: PathClient): WorkloadDescription {
  const [to, port] = client.to;
  return {
    kind: 'fixed-port',
    name,
    host: client.pod,
    sourcePort: client.source_port ?? 0,
    connected: client.connected,
    to,
    port,
    times: timesOf(client).map(instant),
    send:
      client.text === undefined
        ? { kind: 'question', name: client.name ?? '', type: client.type, timeout: fromSeconds(client.timeout) }
        : { kind: 'text', text: client.text },
  };
}
