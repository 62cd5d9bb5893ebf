import type { Files } from '../../coredns/plugin.ts';
import type { Signal } from '../../coredns/process.ts';
import { coreDnsExit, coreDnsLog } from '../../coredns/records.ts';
import { findRelease } from '../../coredns/releases.ts';
import { Life } from '../../coredns/server/life.ts';
import { type Process, sleep, sleepUntil, type Task } from '../../engine/process.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import type { Host } from '../../kernel/host.ts';
import type { StoppableSockets } from '../../kernel/socket/stoppable.ts';
import type { HttpReply } from '../../transport/http.ts';
import { Configuration } from './configuration.ts';
import type { NodeCacheDescription } from './description.ts';
import { type NodeCacheFlags, parseFlags } from './flags.ts';
import { Networking } from './networking.ts';
import type { NodeCacheRelease } from './releases.ts';

/** How often the servers listen before the first look for the pid file: 10 of 125 starts (recordings nodelocal). */
const pidfileSeenAtOnce = 0.08;
const pidfileLook = second;
const nanosecondsPerMicro = 1_000n;

/** Labels of `coredns_nodecache_setup_errors_total`. */
const errorTypes = ['configmap', 'interface_add', 'interface_check', 'iptables', 'iptables_lock'] as const;
type ErrorType = (typeof errorTypes)[number];

/** What a run of the program finds and leaves. */
export interface RunSurroundings {
  readonly simulation: Simulation;
  readonly host: Host;
  /** Where the process may be stopped. */
  readonly stoppable: StoppableSockets | undefined;
  readonly description: NodeCacheDescription;
  readonly release: NodeCacheRelease;
  readonly arguments: readonly string[];
  /** Rules and link are there from the start. */
  readonly settled: boolean;
  readonly files: Files & { write(path: string, text: string | undefined): void };
  hasDirectory(path: string): boolean;
  ended(): void;
}

/** One run of node-cache, from exec to exit: its own set-up, then CoreDNS, and beside it the look after rules and link. */
export class Run {
  readonly #surroundings: RunSurroundings;
  readonly #errors = new Map<ErrorType, number>(errorTypes.map((type) => [type, 0]));
  readonly #tasks: Task[] = [];
  #flags: NodeCacheFlags | undefined;
  #networking: Networking | undefined;
  #life: Life | undefined;
  /** The look after the rules has its ticker, and can be told to stop. */
  #ticking = false;
  #stopsTicking = false;

  constructor(surroundings: RunSurroundings) {
    this.#surroundings = surroundings;
    this.#log('[INFO] Starting node-cache image: UNKNOWN');
    const flags = parseFlags(surroundings.arguments, surroundings.release);
    if ('lines' in flags) {
      for (const line of flags.lines) this.#log(line);
      this.#refused(flags.code);
      return;
    }
    this.#flags = flags;
    this.#log(`[INFO] Using Corefile ${flags.corefile}`);
    if (surroundings.release.waitsForPidfile) this.#log(`[INFO] Using Pidfile ${flags.pidfile}`);
    this.#begin(flags);
  }

  get metrics(): string {
    return this.#life?.metrics ?? '';
  }

  get running(): boolean {
    return this.#life?.running === true;
  }

  signal(signal: Signal): void {
    this.#life?.signal(signal);
  }

  http(path: string, port: number): HttpReply | undefined {
    if (!this.running || port !== this.#flags?.metricsPort) return this.#life?.http(path, port);
    if (path !== '/metrics') return { status: 404, body: '404 page not found\n' };
    const series = errorTypes.map(
      (type) => `coredns_nodecache_setup_errors_total{errortype="${type}"} ${this.#errors.get(type) ?? 0}`,
    );
    return { status: 200, body: `${series.join('\n')}\n` };
  }

  #begin(flags: NodeCacheFlags): void {
    const { simulation, host, description, release, files, hasDirectory } = this.#surroundings;
    const configuration = new Configuration(flags, release, {
      files,
      environment: description.environment,
      hasDirectory,
      running: () => this.#notStopped(),
      write: (path, text) => files.write(path, text),
      log: (line) => this.#log(line),
      count: () => this.#count('configmap'),
      // Before CoreDNS traps signals they have no effect: recording nodelocal-reload-with-signal.
      reload: () => this.#life?.signal('SIGUSR1'),
    });
    configuration.start();
    const report = { log: (line: string) => this.#log(line), count: (type: ErrorType) => this.#count(type) };
    const { name: owner, dummyLinks } = description;
    const networking = new Networking({ simulation, host, owner, flags, release, dummyLinks, report });
    if (this.#surroundings.settled) networking.ensureAtOnce();
    else networking.ensureLink();
    this.#networking = networking;
    this.#tasks.push(simulation.spawn(configuration.poll()), simulation.spawn(this.#lookAfter(networking, flags)));
    this.#life = this.#coredns(flags);
  }

  #coredns(flags: NodeCacheFlags): Life {
    const { simulation, host, stoppable, description, release, files } = this.#surroundings;
    const coredns = findRelease(release.coredns);
    if (coredns === undefined)
      throw new Error(`node-cache ${release.name} holds CoreDNS ${release.coredns}, which is not modelled`);
    return new Life({
      simulation,
      sockets: stoppable ?? host,
      owner: description.name,
      release: coredns,
      builtIn: release.builtIn,
      environment: description.environment,
      port: Number(flags.dnsPort),
      cluster: undefined,
      files,
      corefile: () => {
        const text = files.read(flags.corefile);
        return text === undefined ? undefined : { file: description.corefile.file, text };
      },
      started: () => {
        if (flags.pidfile !== '') files.write(flags.pidfile, '1\n');
      },
      onProcessExit: () => this.#clean(flags),
      ended: () => {
        for (const task of this.#tasks) task.kill();
        this.#surroundings.ended();
      },
    });
  }

  /** Rules and link: first as soon as CoreDNS has left its pid file, or else at the first tick; then at every tick. */
  *#lookAfter(networking: Networking, { pidfile, syncInterval }: NodeCacheFlags): Process {
    const { simulation, description, release, files } = this.#surroundings;
    if (pidfile !== '' && release.waitsForPidfile) {
      const late = simulation.stream(`${description.name}/pidfile`).fraction() < pidfileSeenAtOnce;
      if (late) yield millisecond;
      while (files.read(pidfile) === undefined) {
        this.#log(`[INFO] waiting for coredns pidfile '${pidfile}'`);
        yield* sleep(pidfileLook);
      }
      yield* networking.ensure();
    }
    if (syncInterval <= 0n) {
      this.#life?.panic('non-positive interval for NewTicker');
      return;
    }
    this.#ticking = true;
    const period = Number(syncInterval / nanosecondsPerMicro);
    let next = simulation.now + period;
    while (!this.#stopsTicking) {
      yield* sleepUntil(simulation, next);
      yield* this.#notStopped();
      if (this.#stopsTicking) return;
      yield* networking.ensure();
      while (next <= simulation.now) next += period;
    }
  }

  /** caddy.OnProcessExit. */
  *#clean({ pidfile, skipsTeardown }: NodeCacheFlags): Process {
    if (pidfile !== '') this.#surroundings.files.write(pidfile, undefined);
    if (skipsTeardown || this.#networking === undefined) return;
    this.#log('[INFO] Tearing down');
    if (this.#ticking) {
      this.#stopsTicking = true;
      this.#log('[WARNING] Exiting iptables/interface check goroutine');
    }
    yield* this.#networking.tearDown();
  }

  *#notStopped(): Process {
    yield* this.#surroundings.stoppable?.running() ?? [];
  }

  /** Ended before CoreDNS began. */
  #refused(code: number): void {
    const { simulation, description, ended } = this.#surroundings;
    simulation.recorder.write(coreDnsExit, description.name, noTrace, 'start-failed', { code });
    simulation.after(0, ended);
  }

  #log(line: string): void {
    const { simulation, description } = this.#surroundings;
    simulation.recorder.write(coreDnsLog, description.name, noTrace, '', { line });
  }

  #count(type: ErrorType): void {
    this.#errors.set(type, (this.#errors.get(type) ?? 0) + 1);
  }
}
