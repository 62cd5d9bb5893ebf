import type { Process, Task } from '../../engine/process.ts';
import { type Problem, ProblemsFound, type Source } from '../../problem/problem.ts';
import type { HttpReply } from '../../transport/http.ts';
import { SetupError } from '../corefile/dispenser.ts';
import { corefileJson } from '../corefile/json.ts';
import { type Corefile, parseCorefile } from '../corefile/parser.ts';
import { Metrics } from '../metrics.ts';
import type { Supervision } from '../plugin.ts';
import { exposition } from '../plugins/prometheus/exposition.ts';
import { coreDnsExit, coreDnsLife, coreDnsLog } from '../records.ts';
import { HttpListeners } from './http.ts';
import { buildInstance, type Instance, type Runtime } from './instance.ts';
import { Listener } from './listener.ts';

export type Signal = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL';

/** What runs when there is no Corefile, or an empty one (coremain's default loader). */
const builtInCorefile: Source = { file: 'Corefile', text: '.:53 {\nwhoami\nlog\n}\n' };

/** What a life is lived in. */
export interface Surroundings extends Omit<Runtime, 'metrics' | 'supervision' | 'log' | 'fatal' | 'serveHttp'> {
  /** The Corefile as it stands now. */
  corefile(): Source | undefined;
  /** The servers listen: caddy writes its pid file. */
  started?(): void;
  /** `caddy.OnProcessExit`: what a program built around CoreDNS does before it ends in order. */
  onProcessExit?(): Process;
  ended(): void;
}

/** One run of the program, from its start to its exit. */
export class Life {
  readonly #surroundings: Surroundings;
  readonly #runtime: Runtime;
  readonly #http: HttpListeners;
  readonly #tasks: Task<unknown>[] = [];
  #listeners: readonly Listener[] = [];
  #instance: Instance | undefined;
  #running = true;
  #stopping: 'SIGTERM' | 'SIGINT' | undefined;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#http = new HttpListeners(surroundings.simulation, surroundings.sockets, surroundings.owner);
    this.#runtime = {
      ...surroundings,
      metrics: new Metrics(),
      supervision: this.#supervision(),
      log: (line) => this.#log(line),
      fatal: (line) => this.#fatal(line, 1, 'fatal'),
      serveHttp: (address, respond) => this.#http.listen(address, respond),
    };
    this.#tasks.push(surroundings.simulation.spawn(this.#start()));
  }

  /** Its counters as the `prometheus` plugin's page shows them. */
  get metrics(): string {
    return exposition(this.#runtime.metrics);
  }

  get running(): boolean {
    return this.#running;
  }

  http(path: string, port: number): HttpReply | undefined {
    return this.#http.get(path, port);
  }

  signal(signal: Signal): void {
    if (!this.#running) return;
    switch (signal) {
      case 'SIGKILL':
        this.#exit(-9, signal);
        return;
      case 'SIGQUIT':
        this.#log('[INFO] SIGQUIT: Quitting process immediately');
        this.#tasks.push(this.#surroundings.simulation.spawn(this.#quit()));
        return;
      case 'SIGHUP':
        return;
      case 'SIGINT':
      case 'SIGTERM':
        this.#terminate(signal);
        return;
      case 'SIGUSR1':
        this.#log('[INFO] SIGUSR1: Reloading');
        this.#surroundings.simulation.spawn(this.#restartBySignal());
        return;
      case 'SIGUSR2':
        this.#log('[INFO] SIGUSR2: Upgrading');
        this.#log('[INFO] Upgrading');
        this.#surroundings.simulation.spawn(this.#upgrade());
        return;
    }
  }

  *#start(): Process {
    const started = yield* this.#begin();
    if (started === undefined || !this.#running) return;
    for (const server of started.servers) for (const line of server.greeting) this.#log(line);
    this.#log(`CoreDNS-${this.#runtime.release.name}`);
    this.#record('started', '');
    this.#surroundings.started?.();
  }

  /** A goroutine beside the servers panicked: the process ends at once. */
  panic(message: string): void {
    this.#fatal(`panic: ${message}`, 2, 'panic');
  }

  /** Parses, sets up, runs the start-up callbacks, listens; on failure the process ends. */
  *#begin(): Process<Instance | undefined> {
    const source = this.#surroundings.corefile();
    if (source === undefined) {
      this.#fatal('loading Caddyfile via flag: open Corefile: no such file or directory', 1, 'start-failed');
      return undefined;
    }
    const instance = yield* this.#load(source);
    if (!(instance instanceof SetupError)) return instance;
    this.#fatal(instance.message, instance.exitCode, instance.exitCode === 2 ? 'panic' : 'start-failed');
    return undefined;
  }

  /** A new instance from a Corefile, listening; or CoreDNS's refusal, and the old one is left as it was. */
  *#load(source: Source): Process<Instance | SetupError> {
    const corefile = this.#parse(source);
    for (const warning of corefile.warnings) this.#log(warning);
    if (corefile.failure !== undefined) return new SetupError(corefile.failure);
    const notModelled: Problem[] = [];
    const report = { problems: notModelled, remarks: [], stopAtFirst: true };
    const instance = yield* buildInstance(corefile, this.#runtime, report);
    if (instance instanceof SetupError) return instance;
    if (notModelled.length > 0) throw new ProblemsFound(notModelled);
    const successor = this.#instance !== undefined;
    if (!successor) this.#instance = instance;
    try {
      yield* instance.run('startup');
    } catch (error) {
      if (error instanceof SetupError) return error;
      throw error;
    }
    const failure = this.#listen(instance);
    return failure === undefined ? instance : new SetupError(failure);
  }

  #parse(source: Source): Corefile {
    const { release, files, environment } = this.#runtime;
    const context = { directives: release.plugins, files, environment };
    const corefile = parseCorefile(source, context, []);
    if (corefile.blocks.length > 0 || corefile.failure !== undefined) return corefile;
    return parseCorefile(builtInCorefile, context, []);
  }

  /** Binds what is not bound yet and hands the rest over; the text of the error when a socket cannot be had. */
  #listen(instance: Instance): string | undefined {
    const { simulation, sockets, owner, release } = this.#runtime;
    const listeners: Listener[] = [];
    for (const server of instance.servers) {
      const address = `${server.address}:${server.port}`;
      const inherited = this.#listeners.find((listener) => listener.address === address);
      const listener = inherited ?? Listener.open(server, simulation, sockets, owner, release);
      if ('error' in listener) {
        for (const one of listeners) if (!this.#listeners.includes(one)) one.close();
        return listener.error;
      }
      listeners.push(listener);
    }
    for (const [i, server] of instance.servers.entries()) {
      const listener = listeners[i];
      if (listener !== undefined) listener.server = server;
    }
    for (const old of this.#listeners) if (!listeners.includes(old)) this.#retire(old);
    this.#listeners = listeners;
    return undefined;
  }

  #retire(listener: Listener): void {
    this.#surroundings.simulation.spawn(
      (function* () {
        yield* listener.stop();
        listener.close();
      })(),
    );
  }

  *#restartBySignal(): Process {
    const missing = 'loading updated Caddyfile: open Corefile: no such file or directory';
    const failure = this.#surroundings.corefile() === undefined ? missing : yield* this.#restart();
    if (failure !== undefined) this.#log(`[ERROR] SIGUSR1: ${failure}`);
  }

  /** caddy's Restart: the successor takes over, or the old instance goes on. Returns the text of the error. */
  *#restart(): Process<string | undefined> {
    const old = this.#instance;
    const source = this.#surroundings.corefile();
    if (old === undefined || source === undefined || !this.#running) return undefined;
    this.#log('[INFO] Reloading');
    yield* old.run('restart');
    const next = yield* this.#load(source);
    if (next instanceof SetupError) {
      yield* old.run('restartFailed');
      this.#log(`[ERROR] Restart failed: ${next.message}`);
      this.#record('reload-failed', next.message);
      return `starting with listener file descriptors: ${next.message}`;
    }
    this.#instance = next;
    yield* old.run('shutdown');
    yield* old.run('collected');
    old.kill();
    this.#log('[INFO] Reloading complete');
    this.#record('reloaded', '');
    return undefined;
  }

  /** The successor process takes the sockets over; what follows runs under the same name. */
  *#upgrade(): Process {
    const old = this.#instance;
    const source = this.#surroundings.corefile();
    if (old === undefined || source === undefined) return;
    const next = yield* this.#load(source);
    if (next instanceof SetupError) return;
    this.#instance = next;
    yield* old.run('shutdown');
    yield* old.run('finalShutdown');
    yield* old.run('collected');
    old.kill();
    this.#log('[INFO] Upgrade finished');
    this.#surroundings.simulation.recorder.write(coreDnsExit, this.#surroundings.owner, 0, 'sigusr2', { code: 0 });
  }

  #terminate(signal: 'SIGTERM' | 'SIGINT'): void {
    if (this.#stopping !== undefined) {
      if (signal === 'SIGTERM' || this.#stopping === 'SIGTERM') return;
      this.#log('[INFO] SIGINT: Force quit');
      this.#exit(2, signal);
      return;
    }
    this.#stopping = signal;
    this.#log(`[INFO] ${signal}: ${signal === 'SIGINT' ? 'Shutting down' : 'Shutting down servers then terminating'}`);
    this.#record('shutting-down', signal);
    this.#tasks.push(this.#surroundings.simulation.spawn(this.#shutDown(signal)));
  }

  *#quit(): Process {
    yield* this.#cleanUp();
    this.#exit(0, 'SIGQUIT');
  }

  *#cleanUp(): Process {
    const cleaning = this.#surroundings.onProcessExit?.();
    if (cleaning !== undefined) yield* cleaning;
  }

  *#shutDown(signal: Signal): Process {
    if (signal === 'SIGINT') yield* this.#cleanUp();
    if (this.#instance !== undefined) {
      yield* this.#instance.run('shutdown');
      yield* this.#instance.run('finalShutdown');
    }
    if (signal === 'SIGTERM') yield* this.#cleanUp();
    for (const listener of this.#listeners) yield* listener.stop();
    this.#exit(0, signal);
  }

  #supervision(): Supervision {
    return {
      configuration: () => this.#configuration(),
      restart: () => this.#restart(),
      uses: (directive) => this.#instance?.directives.has(directive) === true,
      spawn: (process) => {
        const task = this.#surroundings.simulation.spawn(process);
        this.#tasks.push(task);
        return task;
      },
    };
  }

  /** What the `reload` plugin compares: keys and words with their places. */
  #configuration(): { readonly text: string } | { readonly error: string } | undefined {
    const source = this.#surroundings.corefile();
    if (source === undefined) return undefined;
    const { files, environment } = this.#runtime;
    const corefile = parseCorefile(source, { directives: undefined, files, environment }, []);
    for (const warning of corefile.warnings) this.#log(warning);
    if (corefile.failure !== undefined) return { error: corefile.failure };
    return { text: corefileJson(corefile.blocks, source.file) };
  }

  #log(text: string): void {
    const { simulation, owner } = this.#surroundings;
    for (const line of text.split('\n')) simulation.recorder.write(coreDnsLog, owner, 0, '', { line });
  }

  #record(cause: string, text: string): void {
    this.#surroundings.simulation.recorder.write(coreDnsLife, this.#surroundings.owner, 0, cause, { text });
  }

  #fatal(line: string, code: number, cause: string): void {
    this.#log(line);
    this.#exit(code, cause);
  }

  #exit(code: number, cause: string): void {
    if (!this.#running) return;
    this.#running = false;
    const { simulation, sockets, owner, ended } = this.#surroundings;
    simulation.recorder.write(coreDnsExit, owner, 0, cause.toLowerCase(), { code });
    this.#http.closeAll();
    // Behind the present step: a process cannot be killed while it runs.
    simulation.after(0, () => {
      this.#instance?.kill();
      for (const listener of this.#listeners) listener.close();
      for (const task of this.#tasks) task.kill();
      sockets.closeSockets(owner);
      ended();
    });
  }
}
