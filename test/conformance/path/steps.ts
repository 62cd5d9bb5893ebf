import type { WorldEvent } from '../../../src/cluster/world.ts';
import { type PathRecording, type PathStep, stepSchema } from './recording.ts';
import { instant } from './world.ts';

const signals = ['TERM', 'KILL', 'INT', 'HUP', 'USR1', 'USR2', 'STOP', 'CONT', 'QUIT'] as const;

/** What a step of a recording makes happen. Throws for a step that is not known. */
export function stepEvents(raw: PathRecording['steps'][number], recording: PathRecording): WorldEvent[] {
  const step = stepSchema.parse(raw);
  const event = { at: instant(step.at), label: JSON.stringify(raw).slice(0, 80) };
  return happenings(step, recording).map((happening): WorldEvent => ({ ...event, ...happening }));
}

type Happening = WorldEvent extends infer E ? (E extends WorldEvent ? Omit<E, 'at' | 'label'> : never) : never;

function happenings(step: PathStep, recording: PathRecording): Happening[] {
  if ('server' in step) return [{ kind: 'set-server', server: step.server, set: step.set }];
  if ('endpoints' in step) {
    return Object.entries(step.endpoints).map(([service, endpoints]) => ({
      kind: 'set-endpoints',
      service: `kube-system/${service}`,
      endpoints,
      whenEmpty: step.reject ? 'reject' : 'nothing',
    }));
  }
  if ('conntrack_delete' in step) {
    const { service, endpoint } = step.conntrack_delete;
    const words = ['conntrack -D -p udp', ...(service === undefined ? [] : [`--orig-dst ${service}`]), ...(endpoint === undefined ? [] : [`--reply-src ${endpoint}`])];
    return [{ kind: 'command', host: 'node', command: words.join(' ') }];
  }
  if ('signal' in step) {
    const signal = signals.find((name) => `SIG${name}` === step.signal);
    if (signal === undefined) throw new Error(`unknown signal ${step.signal}`);
    return [{ kind: 'signal', process: step.of, signal }];
  }
  if ('pod_gone' in step) {
    const silenced: Happening = { kind: 'command', host: step.pod_gone, command: 'iptables -I INPUT -j DROP' };
    return step.pod_gone in recording.coredns ? [{ kind: 'signal', process: step.pod_gone, signal: 'KILL' }, silenced] : [silenced];
  }
  if ('pod_silent' in step) return [{ kind: 'command', host: step.pod_silent, command: 'iptables -I INPUT -j DROP' }];
  if ('pod_back' in step) {
    const heard: Happening = { kind: 'command', host: step.pod_back, command: 'iptables -D INPUT -j DROP' };
    return step.pod_back in recording.coredns ? [heard, { kind: 'restart', process: step.pod_back }] : [heard];
  }
  if ('file' in step) return [{ kind: 'write-file', process: step.of, file: step.file, text: step.text }];
  if ('rule' in step) return [{ kind: 'command', host: step.of, command: step.rule }];
  if ('named' in step) {
    const { named: server, zone, text } = step;
    return zone === undefined || text === undefined ? [] : [{ kind: 'replace-zone', server, zone, file: zone, text }];
  }
  if ('unbound' in step) {
    if (step.do !== undefined) throw new Error(`unbound is told to ${step.do}`);
    return [];
  }
  return []; // snapshots are taken by the observer; pods and processes made later start by themselves
}
