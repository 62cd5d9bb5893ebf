import { changed } from '../../dns/build.ts';
import type { Process, Task } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Sockets } from '../../kernel/socket/socket.ts';
import type { Position, Problem } from '../../problem/problem.ts';
import type { HttpReply } from '../../transport/http.ts';
import type { ClusterView } from '../cluster-view.ts';
import { Dispenser, SetupError } from '../corefile/dispenser.ts';
import type { Corefile, ServerBlock } from '../corefile/parser.ts';
import { remedyFor } from '../corefile/remedies.ts';
import type { Token } from '../corefile/token.ts';
import { inRelease, since } from '../history.ts';
import type { Metrics } from '../metrics.ts';
import type { Callback, Files, HttpServing, PluginSetup, Supervision } from '../plugin.ts';
import { findPlugin } from '../plugins/registry.ts';
import { coreDnsPlugin } from '../records.ts';
import type { Release } from '../releases.ts';
import { type Configuration, configurationsOf, shareAndCheck, sharesPlugins } from './configuration.ts';
import type { Cpu } from './cpu.ts';
import { type Server, serversOf } from './server.ts';

/** What the process around an instance offers it. */
export interface Runtime {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly owner: string;
  readonly release: Release;
  /** The plugins that were built into the program; absent: all of CoreDNS's own. */
  readonly builtIn?: readonly string[];
  readonly files: Files;
  readonly environment: Readonly<Record<string, string>>;
  /** Plugins that are left out though they are not modelled. */
  readonly ignore?: readonly string[];
  /** `-dns.port` */
  readonly port: number;
  /** Absent: processor time is never short. */
  readonly cpu?: Cpu | undefined;
  readonly cluster: ClusterView | undefined;
  readonly metrics: Metrics;
  readonly supervision: Supervision;
  log(line: string): void;
  /** Ends the process at once. */
  fatal(line: string): void;
  serveHttp(
    address: string,
    respond: (path: string) => HttpReply | undefined,
  ): HttpServing | { readonly error: string };
}

/** A property of a plugin may have a block of its own, with properties of the same kind (caddy 1.1.4). */
const blocksNest = since('1.15.0');
const leastCrowd = 64;

type Moment = 'startup' | 'shutdown' | 'finalShutdown' | 'restart' | 'restartFailed' | 'collected';

/** A Corefile set up: its servers, and what its plugins want done when (`caddy.Instance`). */
export class Instance {
  readonly servers: Server[] = [];
  /** Directives in use. */
  readonly directives = new Set<string>();
  readonly #callbacks: Record<Moment, Callback[]> = {
    startup: [],
    shutdown: [],
    finalShutdown: [],
    restart: [],
    restartFailed: [],
    collected: [],
  };
  #tasks: Task<unknown>[] = [];
  /** So many tasks are worth a look for those that have ended. */
  #crowd = leastCrowd;
  readonly #simulation: Simulation;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
  }

  on(moment: Moment, callback: Callback): void {
    this.#callbacks[moment].push(callback);
  }

  /** Runs the callbacks of a moment in the order of registration, each to its end. May throw a SetupError. */
  *run(moment: Moment): Process {
    for (const callback of this.#callbacks[moment]) {
      const running = callback();
      if (running !== undefined) yield* running;
    }
  }

  spawn<T>(process: Process<T>): Task<T> {
    const task = this.#simulation.spawn(process);
    this.#tasks.push(task);
    if (this.#tasks.length >= this.#crowd) {
      this.#tasks = this.#tasks.filter(({ ended }) => !ended);
      this.#crowd = 2 * this.#tasks.length + leastCrowd;
    }
    return task;
  }

  /** Ends the plugins' own processes. */
  kill(): void {
    for (const task of this.#tasks) task.kill();
  }
}

/** What a set-up tells, and how it goes on after a mistake. */
export interface SetupReport {
  readonly problems: Problem[];
  /** What is passed over because it changes no answer; code `not-modelled`. */
  readonly remarks: Problem[];
  /** CoreDNS stops at the first mistake; a check of the user's file goes on to find them all. */
  readonly stopAtFirst: boolean;
}

/**
 * Sets up all plugins: in the order of the release, block by block. Returns CoreDNS's refusal where there is one
 * (the first, in its order); mistakes are also added to the problems.
 */
export function* buildInstance(
  corefile: Corefile,
  runtime: Runtime,
  report: SetupReport,
): Process<Instance | SetupError> {
  const builder = new Builder(corefile.blocks, runtime, report);
  return yield* builder.build();
}

class Builder {
  readonly #blocks: readonly ServerBlock[];
  readonly #runtime: Runtime;
  readonly #report: SetupReport;
  readonly #instance: Instance;
  #failure: SetupError | undefined;

  constructor(blocks: readonly ServerBlock[], runtime: Runtime, report: SetupReport) {
    this.#blocks = blocks;
    this.#runtime = runtime;
    this.#report = report;
    this.#instance = new Instance(runtime.simulation);
  }

  *build(): Process<Instance | SetupError> {
    try {
      const configurations = configurationsOf(this.#blocks, this.#runtime.port, this.#runtime.release);
      for (const name of this.#runtime.release.plugins) {
        for (const configuration of this.#served(configurations)) yield* this.#directive(name, configuration);
      }
      shareAndCheck(configurations, this.#runtime.release);
      for (const { transport, key } of configurations) {
        if (transport !== 'dns') this.#notModelled(`servers for ${transport}://`, key);
      }
      this.#instance.servers.push(...serversOf(configurations, this.#runtime));
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      this.#refuse(error);
    }
    return this.#failure ?? this.#instance;
  }

  /** Where plugins are shared, a block is set up for its first key only. */
  #served(configurations: readonly Configuration[]): readonly Configuration[] {
    if (!inRelease(sharesPlugins, this.#runtime.release.name)) return configurations;
    return configurations.filter((one, i) => configurations[i - 1]?.block !== one.block);
  }

  *#directive(name: string, configuration: Configuration): Process {
    const words = this.#blocks[configuration.block]?.directives.get(name);
    const [first] = words ?? [];
    if (words === undefined || first === undefined) return;
    this.#instance.directives.add(name);
    const plugin = findPlugin(name);
    if (plugin.kind === 'not-built-in' || this.#runtime.builtIn?.includes(name) === false) {
      const message = `no action found for directive '${name}' with server type 'dns' (missing a plugin?)`;
      throw new SetupError(message, first);
    }
    if (plugin.kind === 'inert') {
      this.#leftOut(`plugin \`${name}\``, first);
      return;
    }
    if (plugin.kind === 'not-modelled') {
      if (this.#runtime.ignore?.includes(name) === true) {
        this.#leftOut(`plugin \`${name}\``, first);
        return;
      }
      this.#notModelled(`plugin \`${name}\``, first);
      return;
    }
    const waiting: (() => Process)[] = [];
    try {
      const made = plugin.setUp(this.#setup(name, words, first, configuration, waiting));
      if (this.#report.stopAtFirst) for (const run of waiting) yield* run();
      if (made === undefined) return;
      configuration.plugins = [...configuration.plugins, made];
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      const prefix = error.exitCode === 2 ? '' : `plugin/${name}: `;
      const named = new SetupError(prefix + error.message, error.at ?? first, error.exitCode);
      if (this.#report.stopAtFirst) throw named;
      const at = named.at ?? first;
      this.#refuse(named, words.find(({ file, line }) => file === at.file && line === at.line)?.text);
    }
  }

  #setup(
    name: string,
    words: readonly Token[],
    first: Token,
    configuration: Configuration,
    waiting: (() => Process)[],
  ): PluginSetup {
    const { simulation, sockets, owner, release, files, environment, metrics, cluster, supervision } = this.#runtime;
    const instance = this.#instance;
    const print = (level: string) => (text: string) => this.#runtime.log(`[${level}] plugin/${name}: ${text}`);
    const place = `${first.file}:${first.line}`;
    return {
      directive: new Dispenser(words, first.file, inRelease(blocksNest, release.name)),
      place,
      block: configuration,
      release,
      simulation,
      sockets,
      owner,
      files,
      environment,
      log: {
        info: print('INFO'),
        warning: print('WARNING'),
        error: print('ERROR'),
        raw: (line) => this.#runtime.log(line),
      },
      metrics,
      cluster,
      process: supervision,
      notModelled: (what, at = first, hint) => this.#notModelled(`${what} of plugin \`${name}\``, at, hint),
      leftOut: (what, at = first) => this.#leftOut(`${what} of plugin \`${name}\``, at),
      duringSetup: (run) => waiting.push(run),
      onStartup: (run) => instance.on('startup', run),
      onShutdown: (run) => instance.on('shutdown', run),
      onFinalShutdown: (run) => instance.on('finalShutdown', run),
      onRestart: (run) => instance.on('restart', run),
      onRestartFailed: (run) => instance.on('restartFailed', run),
      onCollected: (run) => instance.on('collected', run),
      spawn: (process) => instance.spawn(process),
      serveHttp: (address, respond) => this.#runtime.serveHttp(address, respond),
      lookup: (request, asked, type) =>
        lookup(instance.servers, {
          ...request,
          message: changed(request.message, { question: [{ name: asked, type, class: 'IN' }] }),
        }),
      fatal: (text) => this.#runtime.fatal(`[FATAL] plugin/${name}: ${text}`),
      decided: (request, cause, result) => {
        const [question] = request.message.question;
        simulation.recorder.write(coreDnsPlugin, owner, request.trace, cause, {
          plugin: name,
          name: question?.name ?? '',
          type: question?.type ?? '',
          result,
          place,
        });
      },
    };
  }

  #notModelled(what: string, at: Token, hint = leaveOut): void {
    addOnce(this.#report.problems, {
      code: 'not-modelled',
      ...placeOf(at),
      message: `${what} is not modelled`,
      hint,
    });
  }

  #leftOut(what: string, at: Token): void {
    addOnce(this.#report.remarks, {
      code: 'not-modelled',
      ...placeOf(at),
      message: `${what} is left out`,
      hint: '',
    });
  }

  /** `begins`: the first word of the line that is to blame. */
  #refuse(error: SetupError, begins = ''): void {
    this.#failure ??= error;
    this.#report.problems.push({
      code: 'corefile-setup',
      file: error.at?.file ?? this.#blocks[0]?.keys[0]?.file ?? '',
      line: error.at?.line ?? 1,
      column: error.at?.column ?? 1,
      message: error.message,
      hint: remedyFor(error.message, begins),
    });
  }
}

const leaveOut =
  'CoreDNS knows it, this simulator does not: leave it out if the question at hand does not depend on it';

/** A block with several keys is set up once for each of them where the release shares nothing. */
function addOnce(problems: Problem[], problem: Problem): void {
  const { file, line, message } = problem;
  if (problems.some((one) => one.file === file && one.line === line && one.message === message)) return;
  problems.push(problem);
}

function placeOf({ file, line, column }: Token): Position {
  return { file, line, column };
}

function* lookup(
  servers: readonly Server[],
  request: Parameters<Server['answer']>[0],
): ReturnType<PluginSetup['lookup']> {
  const server = servers.find(({ label }) => label === request.server);
  return server === undefined ? undefined : yield* server.answer(request);
}
