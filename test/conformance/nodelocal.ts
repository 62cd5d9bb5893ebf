import { buildWorld, type RunningWorld } from '../../src/cluster/build.ts';
import { coreDnsExit, coreDnsLog } from '../../src/coredns/records.ts';
import { Kept } from '../../src/engine/kept.ts';
import { type Process, sleepUntil } from '../../src/engine/process.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { type Micros, toSeconds } from '../../src/engine/time.ts';
import { serverQuery } from '../../src/servers/records.ts';
import { errnoText } from '../../src/transport/errno-text.ts';
import { Client } from './coredns/client.ts';
import { endpointOf } from './coredns/queries.ts';
import { upstreamSeen } from './coredns/upstream.ts';
import { look } from './nodelocal/looks.ts';
import { type NodeLocalQuery, type NodeLocalRecording, recordingSchema } from './nodelocal/recording.ts';
import { called, instant, recordedWorld, recordingStart } from './nodelocal/world.ts';

type Entry = Record<string, unknown>;

/** Runs a recording of node-cache for each of its releases. `seed` changes what chance decides. */
export function observe(_file: string, json: unknown, seed = '1'): unknown {
  const recording = recordingSchema.parse(json);
  const observed = recording.releases.map((release) => new Observation(recording, release, seed).run());
  return { id: recording.id, observed };
}

/** One release's run of a recording. */
class Observation {
  readonly #recording: NodeLocalRecording;
  readonly #release: string;
  readonly #store = new Kept(coreDnsLog, coreDnsExit, serverQuery);
  readonly #simulation: Simulation;
  readonly #running: RunningWorld;
  readonly #until: Micros;
  readonly #replies: (Entry & { step: number; n?: number })[] = [];
  /** When the recorder stopped looking: at `until`, or when the last reply had come. */
  #end: Micros;
  readonly #events: Entry[] = [];

  constructor(recording: NodeLocalRecording, release: string, seed: string) {
    const world = recordedWorld(recording, release, seed);
    this.#recording = recording;
    this.#release = release;
    this.#simulation = new Simulation(seed, new Recorder(this.#store));
    this.#running = buildWorld(world, this.#simulation);
    this.#until = world.until;
    this.#end = instant(recording.until ?? (recording.steps.at(-1)?.at ?? 0) + 0.5);
  }

  run(): Entry {
    for (const [index, step] of this.#recording.steps.entries()) {
      if (!('query' in step)) {
        this.#simulation.at(instant(step.at), () => {
          const seen = look(step, this.#running, this.#simulation.now);
          if (seen !== undefined) this.#events.push({ step: index, t: step.at, ...seen });
        });
        continue;
      }
      for (let n = 0; n < step.count; n++) {
        const query = { ...step.query, name: step.query.name.replace('{n}', String(n)) };
        const which = step.count > 1 ? { step: index, n } : { step: index };
        this.#simulation.spawn(this.#query(which, query, instant(step.at + n * step.every)));
      }
    }
    this.#simulation.run(this.#until);
    const exits = this.#exits();
    return {
      release: this.#release,
      replies: this.#replies.sort((a, b) => a.step - b.step || (a.n ?? 0) - (b.n ?? 0)),
      ...this.#upstream(),
      ...(this.#events.length > 0 && { events: this.#events }),
      log: Object.fromEntries([...this.#running.coredns.keys()].map((name) => [name, this.#log(name)])),
      ...(Object.keys(exits).length > 0 && { exit: exits }),
    };
  }

  *#query(which: { step: number; n?: number }, query: NodeLocalQuery, at: Micros): Process {
    yield* sleepUntil(this.#simulation, at);
    const sockets = this.#running.hosts.get(query.from);
    if (sockets === undefined) throw new Error(`there is no ${query.from} to ask from`);
    const client = new Client(this.#simulation, sockets, false, strerror);
    const words = { class: 'IN', rd: true, ad: false, cd: false, options: [], ...query, from: '0.0.0.0' };
    const to = endpointOf({ address: called[query.to] ?? query.to, port: query.port });
    const reply = yield* client.ask(words, to);
    this.#replies.push({ ...which, t: toSeconds(at - recordingStart), ...reply });
    this.#end = Math.max(this.#end, this.#simulation.now);
  }

  #upstream(): Entry {
    const span = { from: recordingStart, until: this.#end, start: recordingStart };
    return upstreamSeen(this.#store, this.#recording, span);
  }

  /** A process's log as the recorder keeps it: of lines that differ in nothing but ports, the first six. */
  #log(name: string): { t: number; line: string }[] {
    const times = new Map<string, number>();
    const lines: { t: number; line: string }[] = [];
    for (const { t, at, line } of this.#store.rows(coreDnsLog)) {
      if (at !== name || t < recordingStart || t > this.#end) continue;
      const shown = line.replace(/\b(\d+\.\d+\.\d+\.\d+):(\d{1,5})\b/g, (whole, address: string, port: string) =>
        wellKnown.has(port) ? whole : `${address}:PORT`,
      );
      const like = shown.replace(/[^ ]*:PORT/g, 'X');
      const so = (times.get(like) ?? 0) + 1;
      times.set(like, so);
      if (so <= mostAlike) lines.push({ t: toSeconds(t - recordingStart), line: shown });
    }
    return lines;
  }

  /** How processes ended; one that had ended before and runs again is killed by the recorder. */
  #exits(): Record<string, { t: number; code: number }[]> {
    const exits: Record<string, { t: number; code: number }[]> = {};
    for (const { t, at, code } of this.#store.rows(coreDnsExit)) {
      if (t < recordingStart || t > this.#end) continue;
      exits[at] = [...(exits[at] ?? []), { t: toSeconds(t - recordingStart), code }];
    }
    for (const [name, list] of Object.entries(exits))
      if (this.#running.coredns.get(name)?.running === true)
        list.push({ t: toSeconds(this.#end - recordingStart), code: -9 });
    return exits;
  }
}

const mostAlike = 6;
const wellKnown: ReadonlySet<string> = new Set(['53', '8080', '8181', '9153', '9253', '9353']);

/** The error's words in C; Go's begin with a small letter. */
function strerror(errno: Parameters<typeof errnoText>[0]): string {
  const text = errnoText(errno);
  return text.charAt(0).toUpperCase() + text.slice(1);
}
