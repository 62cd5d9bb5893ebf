import { readyEndpoints } from '../../../src/cluster/endpoint.ts';
import type { WorldEvent } from '../../../src/cluster/world.ts';
import { millisecond } from '../../../src/engine/time.ts';
import { changed } from '../coredns/world.ts';
import type { NodeLocalRecording, NodeLocalStep } from './recording.ts';
import { called, instant, nodeCacheName } from './world.ts';

const signals = ['TERM', 'KILL', 'INT', 'HUP', 'USR1', 'USR2', 'STOP', 'CONT', 'QUIT'] as const;

/** What iptables-restore takes: a query sent at the same time still meets the old rules. */
const restoring = 10 * millisecond;

type Happening = WorldEvent extends infer E ? (E extends WorldEvent ? Omit<E, 'at' | 'label'> : never) : never;

/** What the steps of a recording make happen; those that only look are none. */
export function stepEvents(recording: NodeLocalRecording): WorldEvent[] {
  let endpoints: readonly string[] = recording.endpoints;
  return recording.steps.flatMap((step) => {
    const label = JSON.stringify(step).slice(0, 80);
    const at = instant(step.at);
    const placed = (happening: Happening, later = 0): WorldEvent => ({ at: at + later, label, ...happening });
    if ('endpoints' in step) {
      const before = endpoints;
      endpoints = step.endpoints;
      return newEndpoints(before, endpoints).map((happening) => placed(happening, restoring));
    }
    return happenings(step, recording).map((happening) => placed(happening));
  });
}

/** Rules of both Services, then the UDP flows of end points that are gone, or of a Service that had none. */
function newEndpoints(before: readonly string[], now: readonly string[]): Happening[] {
  const addresses = ['kube-dns', 'kube-dns-upstream'];
  const rules = addresses.map((name): Happening => {
    return {
      kind: 'set-endpoints',
      service: `kube-system/${name}`,
      endpoints: readyEndpoints(now),
      whenEmpty: 'reject',
    };
  });
  const flows = addresses.flatMap((name) => {
    const toService = `conntrack -D -p udp --orig-dst ${called[name]}`;
    const gone = before.filter((address) => !now.includes(address));
    const first = before.length === 0 && now.length > 0;
    return [...gone.map((address) => `${toService} --reply-src ${address}`), ...(first ? [toService] : [])];
  });
  return [...rules, ...flows.map((command): Happening => ({ kind: 'command', host: 'node', command }))];
}

function happenings(step: NodeLocalStep, recording: NodeLocalRecording): Happening[] {
  if ('server' in step) return [{ kind: 'set-server', server: step.server, set: changed(step.set) }];
  if ('sh' in step) return [{ kind: 'command', host: 'node', command: step.sh, mayFail: true }];
  if ('write' in step) return written(step);
  if ('signal' in step) {
    const signal = signals.find((name) => `SIG${name}` === step.signal);
    if (signal === undefined) throw new Error(`step ${step.at}: signal ${step.signal} is not modelled`);
    return [{ kind: 'signal', process: step.of, signal }];
  }
  if ('start' in step) return started(step);
  if ('pod_delete' in step) return podDeleted(step, recording);
  return [];
}

function written({ write, text, in_place }: Extract<NodeLocalStep, { write: string }>): Happening[] {
  const file = (name: string): Happening => {
    return { kind: 'write-file', process: nodeCacheName, file: name, text: text ?? undefined };
  };
  // The process has the first resolv.conf mounted: one that takes its place is not seen.
  if (write === 'resolv.conf') return in_place ? [file('/etc/resolv.conf')] : [];
  return [file(write)];
}

function started(step: Extract<NodeLocalStep, { start: string }>): Happening[] {
  if (step.start !== nodeCacheName) return [{ kind: 'restart', process: step.start }];
  const options = { sameContainer: !step.fresh, ...(step.args && { arguments: step.args }) };
  const link: Happening = { kind: 'command', host: 'node', command: 'ip link add nodelocaldns type dummy' };
  return [...(step.interface ? [link] : []), { kind: 'restart-node-cache', process: nodeCacheName, options }];
}

/** The link goes first: no FIN and no RST leaves the pod. */
function podDeleted(
  { pod_delete: pod, route }: Extract<NodeLocalStep, { pod_delete: string }>,
  { coredns, pods }: NodeLocalRecording,
): Happening[] {
  const address = coredns[pod]?.address ?? pods[pod] ?? '';
  const host = address.startsWith('10.244.2.') ? 'outside' : 'node';
  const command = (on: string, text: string): Happening => ({ kind: 'command', host: on, command: text });
  return [
    command(host, `ip link del v-${pod}`),
    ...(pod in coredns ? [{ kind: 'signal', process: pod, signal: 'KILL' } as const] : []),
    ...(route === 'unreachable' ? [command('outside', `ip route add unreachable ${address}/32`)] : []),
  ];
}
