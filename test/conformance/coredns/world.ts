import { z } from 'zod';
import type { World, WorldEvent } from '../../../src/cluster/world.ts';
import type { CoreDnsDescription } from '../../../src/coredns/description.ts';
import { fromSeconds, type Micros, second } from '../../../src/engine/time.ts';
import type { HostDescription } from '../../../src/kernel/description.ts';
import type { ScriptedState, ServerDescription } from '../../../src/servers/description.ts';
import { queryWorkloads } from './queries.ts';
import { type CoreDnsRecording, machine, type Step } from './recording.ts';
import { tlsOf } from './tls.ts';

const kernel = '6.18';
/** A real server's time to answer (README.md of the recordings). */
const answerDelaySeconds = 0.001;

/** When the recording's clock starts: CoreDNS runs since 0 and has answered a first connection. */
export function clockStart(recording: CoreDnsRecording): Micros {
  return recording.startup_only ? 0 : fromSeconds(recording.settle);
}

/** The world that a recording was made in, for one of its releases. */
export function recordedWorld(recording: CoreDnsRecording, release: string, seed: string): World {
  const coredns = Object.entries(recording.coredns).map(([name, core]) => process(name, core, recording, release));
  const servers = Object.entries(recording.servers).map(([name, server]) => scripted(name, server));
  const start = clockStart(recording);
  return {
    seed,
    until: start + fromSeconds(lastInstant(recording)),
    hosts: [host(recording)],
    segments: [],
    podCidr: '10.244.0.0/16',
    kubeProxyOn: [],
    services: [],
    coredns,
    servers,
    workloads: queryWorkloads(recording, start),
    events: [...recording.steps.flatMap((step) => events(step, start, recording)), ...pathEvents(recording, start)],
  };
}

/** Until when anything may still be observed, in seconds of the recording's clock. */
function lastInstant(recording: CoreDnsRecording): number {
  const ends = recording.steps.map((step) => {
    if ('query' in step) return step.at + step.count * step.every + 2 * step.query.timeout;
    if ('session' in step) return step.at + step.session.wait;
    return step.at;
  });
  return Math.max(recording.until ?? 0, 0.5, ...ends.map((end) => end + 0.5));
}

function host(recording: CoreDnsRecording): HostDescription {
  const used = [
    '10.9.0.1',
    ...Object.values(recording.servers).map(({ address }) => address),
    ...Object.values(recording.coredns).map(({ address }) => address),
    ...recording.addresses,
  ];
  const addresses = ['127.0.0.1/8', ...[...new Set(used)].map((address) => `${address}/32`)];
  const interfaces = [{ name: 'lo', addresses }];
  return { name: machine, kernel, forwarding: false, interfaces, routes: [], sysctls: {} };
}

function process(
  name: string,
  core: CoreDnsRecording['coredns'][string],
  recording: CoreDnsRecording,
  release: string,
): CoreDnsDescription {
  const port = /(?:^| )-dns\.port[ =](\d+)/.exec(core.args.join(' '))?.[1];
  return {
    name,
    host: machine,
    release: core.release ?? release,
    corefile: { file: 'Corefile', text: core.corefile ?? (core.conf ? undefined : '') },
    files: { '/etc/resolv.conf': recording.resolv_conf, ...core.files },
    environment: core.env,
    port: Number(port ?? 53),
    startAt: 0,
  };
}

export function scripted(
  name: string,
  { address, port, tls, ...rest }: CoreDnsRecording['servers'][string],
): ServerDescription {
  const delay = typeof rest.delay === 'number' ? Math.max(rest.delay, answerDelaySeconds) : answerDelaySeconds;
  const state: Partial<ScriptedState> = { ...serverState(rest), delay };
  const common = { role: 'scripted', name, host: machine, address, port } as const;
  if (tls === undefined) return { ...common, state };
  const secure = tlsOf(port, tls);
  return { ...common, tls: secure.tls, state: { ...state, ...secure.state } };
}

const signals = ['TERM', 'KILL', 'INT', 'HUP', 'USR1', 'USR2', 'STOP', 'CONT', 'QUIT'] as const;

/** What a step changes in the world; steps that only look are none. */
function events(step: Step, start: Micros, recording: CoreDnsRecording): WorldEvent[] {
  const when = { at: start + fromSeconds(step.at), label: JSON.stringify(step).slice(0, 80) };
  const [only = ''] = Object.keys(recording.coredns);
  if ('server' in step) {
    return [{ ...when, kind: 'set-server', server: step.server, set: changed(step.set) }];
  }
  if ('corefile' in step) {
    return [{ ...when, kind: 'write-corefile', process: step.of ?? only, text: step.corefile }];
  }
  if ('file' in step) {
    return [{ ...when, kind: 'write-file', process: step.of ?? only, file: step.file, text: step.text }];
  }
  if ('signal' in step) {
    const signal = signals.find((name) => `SIG${name}` === step.signal);
    if (signal === undefined) throw new Error(`step ${step.at}: signal ${step.signal} is not modelled`);
    return [{ ...when, kind: 'signal', process: step.of ?? only, signal }];
  }
  if ('restart' in step) return [{ ...when, kind: 'restart', process: step.restart }];
  if ('sh' in step) return [{ ...when, kind: 'command', host: machine, command: step.sh }];
  if ('remove' in step) {
    const process = step.of ?? only;
    if (step.remove === 'Corefile') return [{ ...when, kind: 'write-corefile', process, text: undefined }];
    return [{ ...when, kind: 'write-file', process, file: step.remove, text: undefined }];
  }
  return [];
}

export function changed(set: Readonly<Record<string, unknown>>): Partial<ScriptedState> {
  const state = serverState(set);
  return typeof set.delay === 'number' ? { ...state, delay: Math.max(set.delay, answerDelaySeconds) } : state;
}

/** Modes that are rules on the way to a server, which itself goes on answering (`Upstream.net` of rec_forward.py). */
const pathModes: Readonly<Record<string, string>> = {
  blackhole: '-j DROP',
  unreachable: '-j REJECT --reject-with icmp-host-unreachable',
};

function serverState(words: Readonly<Record<string, unknown>>): Partial<ScriptedState> {
  const plain = typeof words.mode === 'string' && words.mode in pathModes ? { ...words, mode: 'answer' } : words;
  return 'answers' in plain ? { ...plain, answers: expanded(plain.answers) } : plain;
}

/** Writes out `{repeat: N, rr: '… {i} {hi} {lo}'}`, a short form of many records (`rrs` of rec_size.py). */
function expanded(value: unknown): ScriptedState['answers'] {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => {
    if (Array.isArray(inner)) return inner.flat();
    const many = repeated.safeParse(inner);
    return many.success ? repeat(many.data) : inner;
  });
}

const repeated = z.strictObject({ repeat: z.int(), rr: z.string(), from: z.int().default(0) });

function repeat({ repeat: count, rr, from }: z.infer<typeof repeated>): string[] {
  return Array.from({ length: count }, (_, k) => {
    const i = from + k;
    const words: Readonly<Record<string, number>> = { i, hi: Math.floor(i / 250), lo: (i % 250) + 1 };
    return rr.replace(/\{(\w+)(?::0(\d+)d)?\}/g, (whole, word: string, width = '0') =>
      String(words[word] ?? whole).padStart(Number(width), '0'),
    );
  });
}

/** The rules of those modes, set and taken back as the modes change. */
function pathEvents(recording: CoreDnsRecording, start: Micros): WorldEvent[] {
  return Object.entries(recording.servers).flatMap(([name, server]) => {
    const changes = [{ at: 0, mode: server.mode }];
    for (const step of recording.steps) {
      if ('server' in step && step.server === name && 'mode' in step.set) {
        changes.push({ at: start + fromSeconds(step.at), mode: step.set.mode });
      }
    }
    return changes.flatMap(({ at, mode }, i) => {
      const before = changes[i - 1]?.mode;
      return [...rules('-D', before, server), ...rules('-A', mode, server)].map(
        (command): WorldEvent => ({ at, label: command, kind: 'command', host: machine, command }),
      );
    });
  });
}

function rules(
  action: '-A' | '-D',
  mode: unknown,
  { address, port, tls }: CoreDnsRecording['servers'][string],
): string[] {
  const target = typeof mode === 'string' ? pathModes[mode] : undefined;
  if (target === undefined) return [];
  const [protocols, to] = tls === undefined ? [['udp', 'tcp'], 53] : [['tcp'], port];
  return protocols.map((protocol) => `iptables ${action} INPUT -d ${address} -p ${protocol} --dport ${to} ${target}`);
}

/** How long a process may take to start or to refuse to. */
export const longestStart: Micros = 20 * second;
