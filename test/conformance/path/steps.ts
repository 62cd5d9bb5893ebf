import { readyEndpoints } from '../../../src/cluster/endpoint.ts';
import type { WorldEvent } from '../../../src/cluster/world.ts';
import { millisecond } from '../../../src/engine/time.ts';
import { type PathRecording, type PathStep, stepSchema } from './recording.ts';
import { instant } from './world.ts';

const signals = ['TERM', 'KILL', 'INT', 'HUP', 'USR1', 'USR2', 'STOP', 'CONT', 'QUIT'] as const;

/** What iptables-restore takes: a query sent at the same time still meets the old rules. */
const restoring = 10 * millisecond;
/** What `conntrack -D` takes, likewise. */
const deleting = 5 * millisecond;

/** What a step of a recording makes happen. Throws for a step that is not known. */
export function stepEvents(raw: PathRecording['steps'][number], recording: PathRecording): WorldEvent[] {
  const step = stepSchema.parse(raw);
  const taken = 'endpoints' in step ? restoring : 'conntrack_delete' in step ? deleting : 0;
  const event = { at: instant(step.at) + taken, label: JSON.stringify(raw).slice(0, 80) };
  return happenings(step, recording).map((happening): WorldEvent => ({ ...event, ...happening }));
}

type Happening = WorldEvent extends infer E ? (E extends WorldEvent ? Omit<E, 'at' | 'label'> : never) : never;

function happenings(step: PathStep, recording: PathRecording): Happening[] {
  return onProcesses(step) ?? inRules(step) ?? onPods(step, recording);
}

/** Steps about servers and CoreDNS; undefined for any other. */
function onProcesses(step: PathStep): Happening[] | undefined {
  if ('server' in step) return [{ kind: 'set-server', server: step.server, set: step.set }];
  if ('file' in step) {
    const { of: process, file, text } = step;
    return file === 'Corefile'
      ? [{ kind: 'write-corefile', process, text }]
      : [{ kind: 'write-file', process, file, text }];
  }
  if ('named' in step) {
    const { named: server, zone, text } = step;
    return zone === undefined || text === undefined ? [] : [{ kind: 'replace-zone', server, zone, file: zone, text }];
  }
  if ('unbound' in step) return step.do === 'reload' ? [{ kind: 'restart', process: step.unbound }] : [];
  if (!('signal' in step)) return undefined;
  const signal = signals.find((name) => `SIG${name}` === step.signal);
  if (signal === undefined) throw new Error(`unknown signal ${step.signal}`);
  return [{ kind: 'signal', process: step.of, signal }];
}

/** Steps about rules and tracked flows; undefined for any other. */
function inRules(step: PathStep): Happening[] | undefined {
  if ('rule' in step) return [{ kind: 'command', host: step.of, command: step.rule }];
  if ('conntrack_delete' in step) {
    const { service, endpoint } = step.conntrack_delete;
    const to = service === undefined ? '' : ` --orig-dst ${service}`;
    const from = endpoint === undefined ? '' : ` --reply-src ${endpoint}`;
    return [{ kind: 'command', host: 'node', command: `conntrack -D -p udp${to}${from}` }];
  }
  if (!('endpoints' in step)) return undefined;
  return Object.entries(step.endpoints).map(([service, endpoints]) => ({
    kind: 'set-endpoints',
    service: `kube-system/${service}`,
    endpoints: readyEndpoints(endpoints),
    whenEmpty: step.reject ? 'reject' : 'nothing',
  }));
}

/** A pod that is gone or silent swallows everything in its own namespace. */
function onPods(step: PathStep, { coredns }: PathRecording): Happening[] {
  const silence = (host: string): Happening => ({ kind: 'command', host, command: 'iptables -I INPUT -j DROP' });
  if ('pod_silent' in step) return [silence(step.pod_silent)];
  if ('pod_gone' in step) {
    const pod = step.pod_gone;
    return pod in coredns ? [{ kind: 'signal', process: pod, signal: 'KILL' }, silence(pod)] : [silence(pod)];
  }
  if ('pod_back' in step) {
    const pod = step.pod_back;
    const heard: Happening = { kind: 'command', host: pod, command: 'iptables -D INPUT -j DROP' };
    return pod in coredns ? [heard, ...begun(pod, coredns)] : [heard];
  }
  if ('start' in step && coredns[step.start]?.later === false) return begun(step.start, coredns);
  return []; // snapshots are taken by the observer; pods and processes made later start by themselves
}

/** The recorder writes the files that a process was given once more, before it starts it. */
function begun(process: string, coredns: PathRecording['coredns']): Happening[] {
  const { files = {}, corefile } = coredns[process] ?? {};
  const written = Object.entries(files).map(([file, text]): Happening => ({ kind: 'write-file', process, file, text }));
  const kept: Happening[] = typeof corefile === 'string' ? [{ kind: 'write-corefile', process, text: corefile }] : [];
  return [...written, ...kept, { kind: 'restart', process }];
}
