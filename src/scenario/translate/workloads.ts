import { absolute } from '../../dns/name.ts';
import { type RandomStream, randomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import { parseResolvConf } from '../../resolver/resolv-conf.ts';
import { resolvConfRules } from '../../resolver/rules.ts';
import type { Calls, WorkloadDescription } from '../../workload/description.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { podResolvConf } from './resolv-conf.ts';
import { parseResolver, podResolver } from './resolver.ts';
import { timesOf } from './times.ts';

type Workload = ScenarioFile['workloads'][string];

/** How long Netty's resolver waits for an answer (queryTimeoutMillis). */
const defaultQueryTimeout = 5 * second;

/** As clients of Redis and of databases have it (Jedis, Lettuce: 2 s). */
const defaultRequestTimeout = 2 * second;

/** What a workload does in its pod. */
export function workloadOf(name: string, workload: Workload, scenario: Scenario, seed: string): WorkloadDescription {
  const { definition, artefacts } = scenario;
  const pod = definition.pods[workload.pod];
  if (pod === undefined) throw new Error(`workload ${name} runs in a pod that was not found`);
  const { [workload.pod]: own, [pod.node]: ofNode } = artefacts.resolvConfs;
  const random = randomStream(seed, `${name}/arrivals`);
  const resolver = parseResolver(pod.resolver);
  const resolvConf = podResolvConf(workload.pod, pod, definition.cluster, own, ofNode);
  const until = definition.duration;
  const host = pod.hostNetwork ? pod.node : workload.pod;
  if (workload.port !== undefined) {
    const [to = ''] = parseResolvConf(resolvConf, resolvConfRules(resolver), []).nameservers;
    return fixedPort(name, host, workload, to, workload.port, timesOf(workload, until, random));
  }
  const common = {
    name,
    host,
    resolver: podResolver(pod, resolvConf, {
      hosts: artefacts.hosts[workload.pod]?.text,
      nsswitch: artefacts.nsswitches[workload.pod]?.text,
    }),
    family: workload.family,
    calls: callsOf(workload, artefacts.replays[name] ?? [], until, random),
  };
  if (workload.connects !== undefined) {
    const { port, protocol, maxAge, timeout = defaultRequestTimeout } = workload.connects;
    return { ...common, kind: 'connections', port, protocol, timeout, ...(maxAge !== undefined && { maxAge }) };
  }
  return { ...common, kind: 'lookups', ...(workload.threads === 1 ? {} : { threads: workload.threads }) };
}

function callsOf(workload: Workload, replayed: ReplayedCalls, until: Micros, random: RandomStream): Calls {
  const { lookup = '', at: startAt = 0, every = 0, think, replay, pauses, arrivals, burst } = workload;
  const count = workload.count === undefined ? {} : { count: workload.count };
  if (replay !== undefined) {
    const list = replayed.map((call) => ({ ...call, at: startAt + call.at })).filter((call) => call.at <= until);
    return { kind: 'listed', list: workload.count === undefined ? list : list.slice(0, workload.count) };
  }
  if (think !== undefined) return { kind: 'thinking', lookup, startAt, pause: think, ...count };
  if (pauses.length === 0 && arrivals === 'regular' && burst === 1)
    return { kind: 'regular', lookup, startAt, every, ...count };
  const list = timesOf(workload, until, random).map((time, i) => {
    return { at: time, lookup: lookup.replaceAll('%n', String(i + 1)) };
  });
  return { kind: 'listed', list };
}

type ReplayedCalls = Scenario['artefacts']['replays'][string];

/** A program that sends all its questions from one port. */
function fixedPort(
  name: string,
  host: string,
  { lookup = '', family, timeout }: Workload,
  to: string,
  sourcePort: number,
  times: readonly Micros[],
): WorkloadDescription {
  return {
    kind: 'fixed-port',
    name,
    host,
    sourcePort,
    connected: false,
    to,
    port: 53,
    times,
    send: {
      kind: 'question',
      name: absolute(lookup),
      type: family === 'ipv6' ? 'AAAA' : 'A',
      timeout: timeout ?? defaultQueryTimeout,
    },
  };
}
