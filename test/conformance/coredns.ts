import { buildWorld, type RunningWorld } from '../../src/cluster/build.ts';
import { healthRecord } from '../../src/coredns/plugins/forward/records.ts';
import { coreDnsExit, coreDnsLog } from '../../src/coredns/records.ts';
import { Kept } from '../../src/engine/kept.ts';
import { type Process, sleepUntil, type Task } from '../../src/engine/process.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { fromSeconds, toSeconds } from '../../src/engine/time.ts';
import { serverQuery } from '../../src/servers/records.ts';
import { tlsHandshake } from '../../src/transport/tls/records.ts';
import { replySeen } from '../../src/workload/records.ts';
import { Client } from './coredns/client.ts';
import { endpointOf, isPlain, seenReplies, targetOf } from './coredns/queries.ts';
import { type CoreDnsRecording, type Http, machine, type Query, recordingSchema } from './coredns/recording.ts';
import { connectionsSeen, withoutTimes } from './coredns/tls.ts';
import { type Seen, upstreamSeen } from './coredns/upstream.ts';
import { clockStart, longestStart, recordedWorld } from './coredns/world.ts';

/** Runs a CoreDNS recording for each of its releases. `seed` changes what chance decides. */
export function observe(_file: string, json: unknown, seed = '1'): unknown {
  const recording = recordingSchema.parse(json);
  const observed = recording.releases.map((release) => new Observation(recording, release, seed).run());
  return { id: recording.id, observed };
}

type Entry = Record<string, unknown>;

/** What is read of a run. */
const kindsRead = [coreDnsLog, coreDnsExit, replySeen, serverQuery, tlsHandshake, healthRecord];
/** So often it is seen whether all have their replies. */
const lookAgain = fromSeconds(0.05);

/** One release's run of a recording. */
class Observation {
  readonly #recording: CoreDnsRecording;
  readonly #release: string;
  readonly #store = new Kept(...kindsRead);
  readonly #simulation: Simulation;
  readonly #running: RunningWorld;
  readonly #start: number;
  readonly #until: number;
  readonly #client: Client;
  /** What asks, beside the workloads. */
  readonly #asking: Task[] = [];
  readonly #replies: Entry[] = [];
  readonly #http: Entry[] = [];
  #lastReply = 0;

  constructor(recording: CoreDnsRecording, release: string, seed: string) {
    const world = recordedWorld(recording, release, seed);
    this.#recording = recording;
    this.#release = release;
    this.#simulation = new Simulation(seed, new Recorder(this.#store));
    this.#running = buildWorld(world, this.#simulation);
    const sockets = this.#running.hosts.get(machine);
    if (sockets === undefined) throw new Error('a world without its machine');
    this.#start = clockStart(recording);
    this.#until = world.until;
    this.#client = new Client(this.#simulation, sockets, recording.brief);
  }

  run(): Entry {
    for (const [i] of this.#recording.steps.entries()) this.#plan(i);
    this.#runToEnd();
    if (this.#recording.startup_only && !this.#hasStarted()) this.#simulation.run(longestStart);
    return this.#observed();
  }

  /** What comes after the last reply and the last step nobody sees. */
  #runToEnd(): void {
    const last = Math.max(...this.#recording.steps.map(({ at }) => at), this.#lookedUntil);
    const asking = [...this.#asking, ...this.#running.workloads.values()];
    let at = this.#start + fromSeconds(last);
    this.#simulation.run(Math.min(at, this.#until));
    while (at < this.#until && asking.some(({ ended }) => !ended)) {
      at = Math.min(at + lookAgain, this.#until);
      this.#simulation.run(at);
    }
  }

  #plan(index: number): void {
    const step = this.#recording.steps[index];
    if (step === undefined) return;
    const at = this.#start + fromSeconds(step.at);
    if ('query' in step) {
      const { query, count, every } = step;
      if (isPlain(query)) return;
      for (let n = 0; n < count; n++) {
        const which = count > 1 ? { step: index, n } : { step: index };
        this.#asking.push(this.#simulation.spawn(this.#query(which, query, at + fromSeconds(n * every))));
      }
    } else if ('session' in step) {
      this.#asking.push(this.#simulation.spawn(this.#session(index, at)));
    } else if ('sweep' in step) {
      this.#asking.push(this.#simulation.spawn(this.#sweep(index, at)));
    } else if ('http' in step) {
      const { http } = step;
      this.#simulation.at(at, () => this.#http.push({ step: index, ...this.#get(http) }));
    }
  }

  *#query(which: Entry, query: Query, at: number): Process {
    yield* sleepUntil(this.#simulation, at);
    const reply = yield* this.#client.ask(query, endpointOf(targetOf(this.#recording, query)));
    this.#replies.push({ ...which, t: toSeconds(at - this.#start), ...reply });
    this.#lastReply = this.#simulation.now;
  }

  *#session(index: number, at: number): Process {
    const step = this.#recording.steps[index];
    if (step === undefined || !('session' in step)) return;
    yield* sleepUntil(this.#simulation, at);
    const session = yield* this.#client.converse(step.session, endpointOf(targetOf(this.#recording, step.session)));
    this.#replies.push({ step: index, t: toSeconds(at - this.#start), session });
    this.#lastReply = this.#simulation.now;
  }

  *#sweep(index: number, at: number): Process {
    const step = this.#recording.steps[index];
    if (step === undefined || !('sweep' in step)) return;
    const { name, from, to, every } = step.sweep;
    const counts: Record<string, number> = {};
    const tasks: Task[] = [];
    for (let k = from; k < to; k++) {
      yield* sleepUntil(this.#simulation, at + fromSeconds((k - from) * every));
      tasks.push(this.#simulation.spawn(this.#count(name.replace('#', String(k)), counts)));
    }
    for (const task of tasks) yield* task.join();
    this.#http.push({ step: index, sweep: counts });
    this.#lastReply = this.#simulation.now;
  }

  *#count(name: string, counts: Record<string, number>): Process {
    const query = sweepQuery(name);
    const { rcode = 'timeout' } = yield* this.#client.ask(query, endpointOf(targetOf(this.#recording, query)));
    counts[String(rcode)] = (counts[String(rcode)] ?? 0) + 1;
  }

  #get({ port, path, grep, names, body: wanted }: Http): Entry {
    const pages = [...this.#running.coredns.values()].map((process) => process.http(path, port));
    const page = pages.find((one) => one !== undefined);
    if (page === undefined) return { http: this.#isCorefile() ? 'refused' : 'ConnectionRefusedError' };
    let lines = page.body.split('\n');
    if (grep !== undefined) {
      const pattern = new RegExp(grep);
      lines = lines.filter((line) => pattern.test(line) && !line.startsWith('#'));
    }
    if (names) lines = metricNames(lines);
    return { http: page.status, body: wanted ? lines.join('\n') : '' };
  }

  /** The corefile recorder has words of its own for a refused connection. */
  #isCorefile(): boolean {
    return this.#recording.id.startsWith('corefile');
  }

  #observed(): Entry {
    const names = Object.keys(this.#recording.coredns);
    this.#replies.push(...seenReplies(this.#recording, this.#store, this.#start));
    for (const { t, latency, timeout } of this.#replies) {
      const end = this.#start + fromSeconds(Number(t) + Number(latency ?? timeout ?? 0));
      this.#lastReply = Math.max(this.#lastReply, end);
    }
    const exits = this.#exits(names);
    const secure = Object.values(this.#recording.servers).some(({ tls }) => tls !== undefined);
    const ended = Object.values(exits).some((code) => code !== null);
    const timed = names.map((name) => [name, this.#log(name)] as const);
    const log = Object.fromEntries(timed.map(([name, lines]) => [name, lines.map(([, line]) => line)]));
    return {
      release: this.#release,
      replies: this.#replies.sort((a, b) => Number(a.step) - Number(b.step) || Number(a.n ?? 0) - Number(b.n ?? 0)),
      ...this.#upstream(),
      ...(secure && {
        connections: connectionsSeen(this.#store, this.#recording, { start: this.#start, until: this.#end }),
      }),
      ...(this.#recording.log_times ? { log_t: Object.fromEntries(timed) } : { log }),
      ...(this.#http.length > 0 && { http: this.#http }),
      ...((this.#recording.startup_only || ended) && { exit: exits }),
    };
  }

  /** When the recorder stopped looking: at `until`, or when the last reply had come. */
  get #end(): number {
    const started = this.#recording.startup_only ? this.#lastStart() : 0;
    return Math.max(this.#start + fromSeconds(this.#lookedUntil), this.#lastReply, started);
  }

  /** How long it looks at least, in seconds of the recording's clock. */
  get #lookedUntil(): number {
    const { until, steps } = this.#recording;
    return until ?? (steps.at(-1)?.at ?? 0) + 0.5;
  }

  #upstream(): Entry {
    const from = this.#recording.startup_only && this.#isCorefile() ? this.#lastStart() : this.#start;
    const seen = upstreamSeen(this.#store, this.#recording, { from, until: this.#end, start: this.#start });
    return this.#recording.id.startsWith('forward') ? withResets(seen, this.#recording) : seen;
  }

  /** Lines of a process's log and when they were printed, as the recorder keeps them. */
  #log(name: string): [t: number, line: string][] {
    const lines: [number, string][] = [];
    for (const row of this.#store.rows(coreDnsLog)) {
      if (row.at !== name || row.t > this.#end) continue;
      if (this.#recording.startup_only || !uninteresting.test(row.line)) {
        lines.push([toSeconds(row.t - this.#start), withoutTimes(row.line)]);
      }
    }
    return lines;
  }

  #exits(names: readonly string[]): Record<string, number | null> {
    const exits: Record<string, number | null> = Object.fromEntries(names.map((name) => [name, null]));
    for (const row of this.#store.rows(coreDnsExit)) {
      if (row.t <= Math.max(this.#end, this.#recording.startup_only ? longestStart : 0)) exits[row.at] = row.code;
    }
    return exits;
  }

  /** When the last process had started, or refused to: from then on the corefile recorder looks. */
  #lastStart(): number {
    let last = 0;
    for (const row of this.#store.rows(coreDnsLog)) if (row.line.startsWith('CoreDNS-')) last = Math.max(last, row.t);
    for (const row of this.#store.rows(coreDnsExit)) last = Math.max(last, row.t);
    return last + 1;
  }

  #hasStarted(): boolean {
    const said = new Set<string>();
    for (const row of this.#store.rows(coreDnsLog)) if (row.line.startsWith('CoreDNS-')) said.add(row.at);
    for (const row of this.#store.rows(coreDnsExit)) said.add(row.at);
    return Object.keys(this.#recording.coredns).every((name) => said.has(name));
  }
}

/** The forward recorder alone says `reset` of a query whose connection the server then resets. */
function withResets(seen: Seen, { servers, steps }: CoreDnsRecording): Seen {
  const resets = (server: unknown, t: unknown) => {
    let tcp = servers[String(server)]?.tcp;
    for (const step of steps) {
      if ('server' in step && step.server === server && step.at <= Number(t)) tcp = step.set.tcp ?? tcp;
    }
    return tcp === 'reset';
  };
  const upstream = seen.upstream.map((entry) =>
    entry.proto === 'tcp' && entry.did !== 'drop' && resets(entry.server, entry.t) ? { ...entry, did: 'reset' } : entry,
  );
  return { ...seen, upstream };
}

/** Lines that the recorders leave out. */
const uninteresting = /^(CoreDNS-|linux\/|\.:|\S+:\d+ on |.*plugin\/reload: Running configuration|maxprocs)/;

function metricNames(lines: readonly string[]): string[] {
  const names = lines.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []);
  return [...new Set(names.filter((name) => !/^(go|process|promhttp)_/.test(name)))].sort();
}

function sweepQuery(name: string): Query {
  const flags = { rd: true, ad: false, cd: false };
  return { name, type: 'A', class: 'IN', proto: 'udp', ...flags, options: [], from: '10.9.0.1', sport: 0, timeout: 8 };
}
