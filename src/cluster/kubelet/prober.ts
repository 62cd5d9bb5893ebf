import { type Process, type Task, timedOut, waitUntil } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { isSocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { parseAddress } from '../../network/address.ts';
import { httpGet } from '../../transport/http.ts';
import type { ProbeDescription } from '../pods/description.ts';
import { podProbe } from '../records.ts';

/** One probe of a pod, as the kubelet of its node makes it again and again. */
export interface ProberSettings {
  readonly simulation: Simulation;
  /** The node's own network. */
  readonly sockets: Sockets;
  readonly pod: string;
  readonly kind: 'readiness' | 'liveness';
  readonly probe: ProbeDescription;
  /** From now until the first look. */
  readonly phase: Micros;
  /** The container that is to be looked at: its address, and since when it runs; undefined: none runs. */
  readonly container: () => { readonly address: string; readonly startedAt: Micros } | undefined;
  readonly changed: (succeeds: boolean) => void;
}

/** One probe of one container (pkg/kubelet/prober/worker.go): its ticker, its counts, its verdict. */
export class Prober {
  readonly #settings: ProberSettings;
  readonly #task: Task;
  #failures = 0;
  /** The verdict so far: of a new container that it lives, and that it is not ready. */
  #succeeds: boolean;
  /** A liveness probe rests from its verdict until the next container. */
  #resting = false;
  #wake: (() => void) | undefined;

  constructor(settings: ProberSettings, succeeds: boolean) {
    this.#settings = settings;
    this.#succeeds = succeeds;
    this.#task = settings.simulation.spawn(this.#look());
  }

  /** Another container, of which nothing is known yet. */
  reset(): void {
    this.#failures = 0;
    this.#resting = false;
    this.#succeeds = this.#settings.kind === 'liveness';
  }

  /** Looks now, beside the ticker. */
  trigger(): void {
    this.#wake?.();
  }

  stop(): void {
    this.#task.kill();
  }

  *#look(): Process {
    const { simulation, probe, phase, container } = this.#settings;
    let next = simulation.now + phase;
    for (;;) {
      const woken = yield* waitUntil<void>(simulation, next, (wake) => {
        this.#wake = wake;
        return () => {
          this.#wake = undefined;
        };
      });
      if (woken === timedOut) next += probe.period;
      const present = container();
      if (this.#resting || present === undefined || simulation.now - present.startedAt < probe.initialDelay) continue;
      yield* this.#ask(present.address);
      // A ticker holds one tick for a slow reader, no more.
      while (next + probe.period <= simulation.now) next += probe.period;
    }
  }

  *#ask(address: string): Process {
    const { simulation, sockets, probe, container } = this.#settings;
    const trace = simulation.recorder.trace(noTrace);
    const deadline = simulation.now + probe.timeout;
    const server = { address: parseAddress(address) ?? 0, port: probe.port };
    const before = container();
    const got = yield* httpGet(sockets, server, probe.path, { owner: 'kubelet', trace, deadline });
    if (before?.startedAt !== container()?.startedAt) return;
    const outcome =
      got === timedOut ? 'time-out' : got === 'closed' ? got : isSocketError(got) ? got.error : `HTTP ${got.status}`;
    this.#count(typeof got === 'object' && 'status' in got && got.status >= 200 && got.status < 400, outcome, trace);
  }

  #count(succeeded: boolean, outcome: string, trace: number): void {
    const { simulation, sockets, pod, kind, probe, changed } = this.#settings;
    this.#failures = succeeded ? 0 : this.#failures + 1;
    if (!succeeded) {
      const fields = { node: sockets.host, outcome, failures: this.#failures };
      simulation.recorder.write(podProbe, pod, trace, kind, fields);
      if (this.#failures < probe.failureThreshold) return;
      this.#resting = kind === 'liveness';
    }
    if (succeeded === this.#succeeds) return;
    this.#succeeds = succeeded;
    changed(succeeded);
  }
}
