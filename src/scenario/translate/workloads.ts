import { absolute } from '../../dns/name.ts';
import { randomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import { parseResolvConf } from '../../resolver/resolv-conf.ts';
import { resolvConfRules } from '../../resolver/rules.ts';
import type { Calls, WorkloadDescription } from '../../workload/description.ts';
import type { Scenario } from '../scenario.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { podResolvConf } from './resolv-conf.ts';
import { parseResolver, podResolver } from './resolver.ts';
import { scheduleOf, timesUntil } from './times.ts';

type Workload = ScenarioFile['workloads'][string];

/** How long Netty's resolver waits for an answer (queryTimeoutMillis). */
const defaultQueryTimeout = 5 * second;

/** As clients of Redis and of databases have it (Jedis, Lettuce: 2 s). */
const defaultRequestTimeout = 2 * second;

/** What a workload does in its pod; none where a Deployment has its pods. */
export function workloadOf(name: string, workload: Workload, scenario: Scenario, seed: string): WorkloadDescription[] {
  const pod = scenario.definition.pods[workload.pod];
  if (pod === undefined) throw new Error(`workload ${name} runs in a pod that was not found`);
  if (pod.deployment !== undefined) return [];
  const place = { node: pod.node, host: pod.hostNetwork ? pod.node : workload.pod };
  return [workloadOn(place, name, workload, scenario, seed)];
}

/** What a workload does in a pod on a node. */
export function workloadOn(
  { node, host }: { readonly node: string; readonly host: string },
  name: string,
  workload: Workload,
  scenario: Scenario,
  seed: string,
): WorkloadDescription {
  const { definition, artefacts } = scenario;
  const named = definition.pods[workload.pod];
  if (named === undefined) throw new Error(`workload ${name} runs in a pod that was not found`);
  const pod = { ...named, node };
  const { [workload.pod]: own, [node]: ofNode } = artefacts.resolvConfs;
  const resolver = parseResolver(pod.resolver);
  const resolvConf = podResolvConf(workload.pod, pod, definition.cluster, own, ofNode);
  if (workload.port !== undefined) {
    const [to = ''] = parseResolvConf(resolvConf, resolvConfRules(resolver), []).nameservers;
    const random = randomStream(seed, `${name}/arrivals`);
    const times = timesUntil(definition.duration, scheduleOf(name, workload, artefacts.rates), random);
    return fixedPort(name, host, workload, to, workload.port, times);
  }
  const common = {
    name,
    host,
    resolver: podResolver(pod, resolvConf, {
      hosts: artefacts.hosts[workload.pod]?.text,
      nsswitch: artefacts.nsswitches[workload.pod]?.text,
    }),
    family: workload.family,
    calls: callsOf(name, workload, scenario),
  };
  if (workload.connects !== undefined) {
    const { port, protocol, maxAge, timeout = defaultRequestTimeout } = workload.connects;
    return { ...common, kind: 'connections', port, protocol, timeout, ...(maxAge !== undefined && { maxAge }) };
  }
  const { retries, exitsOnFailure } = workload;
  return {
    ...common,
    kind: 'lookups',
    ...(workload.threads === 1 ? {} : { threads: workload.threads }),
    ...(exitsOnFailure === true && { exitsOnFailure }),
    ...(retries && { retries: { ...retries, pause: retries.pause ?? { kind: 'constant', value: 0 } } }),
  };
}

function callsOf(name: string, workload: Workload, { definition, artefacts }: Scenario): Calls {
  const { lookup = '', at: startAt = 0, every = 0, think, replay, rate, pauses, arrivals, burst } = workload;
  const count = workload.count === undefined ? {} : { count: workload.count };
  if (replay !== undefined) {
    const replayed = artefacts.replays[name] ?? [];
    const list = replayed
      .map((call) => ({ ...call, at: startAt + call.at }))
      .filter((call) => call.at <= definition.duration);
    return { kind: 'listed', list: workload.count === undefined ? list : list.slice(0, workload.count) };
  }
  if (think !== undefined) return { kind: 'thinking', lookup, startAt, pause: think, ...count };
  if (rate === undefined && pauses.length === 0 && arrivals === 'regular' && burst === 1)
    return { kind: 'regular', lookup, startAt, every, ...count };
  return { kind: 'scheduled', lookup, schedule: scheduleOf(name, workload, artefacts.rates) };
}

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
