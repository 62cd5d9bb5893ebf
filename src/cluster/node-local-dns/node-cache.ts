import type { CoreDnsProcess, Signal } from '../../coredns/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Host } from '../../kernel/host.ts';
import type { StoppableSockets } from '../../kernel/socket/stoppable.ts';
import type { HttpReply } from '../../transport/http.ts';
import type { NodeCacheDescription } from './description.ts';
import { parseFlags } from './flags.ts';
import { type NodeCacheRelease, nodeCacheRelease } from './releases.ts';
import { Run } from './run.ts';

/** How node-cache is started again; unless said, with the same arguments in a new container. */
export interface RestartOptions {
  readonly arguments?: readonly string[];
  /** What the last run wrote, its pid file among it, is still there. */
  readonly sameContainer?: boolean;
  /** It begins as one that runs for a long time. */
  readonly settled?: boolean;
}

/** Starts NodeLocal DNSCache on its node, at its time. */
export function startNodeCache(
  simulation: Simulation,
  host: Host,
  description: NodeCacheDescription,
  stoppable?: StoppableSockets,
): NodeCache {
  const release = nodeCacheRelease(description.release);
  if (release === undefined) throw new Error(`node-cache ${description.release} is not a release that is modelled`);
  const process = new NodeCache(simulation, host, description, release, stoppable);
  if (Number.isFinite(description.startAt)) simulation.at(description.startAt, () => process.start(description));
  return process;
}

/**
 * NodeLocal DNSCache on one node: its container, and one run of the program after the other.
 * From outside it is a CoreDNS process.
 */
export class NodeCache implements CoreDnsProcess {
  readonly #simulation: Simulation;
  readonly #host: Host;
  readonly #description: NodeCacheDescription;
  readonly #release: NodeCacheRelease;
  readonly #stoppable: StoppableSockets | undefined;
  /** What outlives the container: ConfigMaps, the node's resolv.conf. */
  readonly #mounted: Map<string, string>;
  /** What the program wrote. */
  readonly #written = new Map<string, string>();
  #run: Run | undefined;
  #next: RestartOptions | undefined;

  constructor(
    simulation: Simulation,
    host: Host,
    description: NodeCacheDescription,
    release: NodeCacheRelease,
    stoppable: StoppableSockets | undefined,
  ) {
    this.#simulation = simulation;
    this.#host = host;
    this.#description = description;
    this.#release = release;
    this.#stoppable = stoppable;
    this.#mounted = new Map(Object.entries(description.files));
    const { text } = description.corefile;
    if (text !== undefined) this.writeCorefile(text);
  }

  get name(): string {
    return this.#description.name;
  }

  /** The node that it runs on. */
  get node(): string {
    return this.#description.host;
  }

  get metrics(): string {
    return this.#run?.metrics ?? '';
  }

  get running(): boolean {
    return this.#run?.running === true;
  }

  start(options: RestartOptions = {}): void {
    if (options.sameContainer !== true) this.#written.clear();
    this.#run = new Run({
      simulation: this.#simulation,
      host: this.#host,
      stoppable: this.#stoppable,
      description: this.#description,
      release: this.#release,
      arguments: options.arguments ?? this.#description.arguments,
      settled: options.settled === true,
      files: {
        read: (path) => this.#read(path.replace(/^\.\//, '')),
        names: () => [...new Set([...this.#mounted.keys(), ...this.#written.keys()])],
        write: (path, text) => {
          if (text === undefined) this.#written.delete(path);
          else this.#written.set(path, text);
        },
      },
      hasDirectory: (path) => this.#hasDirectory(path),
      ended: () => this.#ended(),
    });
  }

  /** A file of its container as it stands now, such as the Corefile that it made. */
  readFile(path: string): string | undefined {
    return this.#read(path);
  }

  writeFile(path: string, text: string | undefined): void {
    this.#written.delete(path);
    if (text === undefined) this.#mounted.delete(path);
    else this.#mounted.set(path, text);
  }

  /** The base Corefile: the key of its ConfigMap. */
  writeCorefile(text: string | undefined): void {
    const flags = parseFlags(this.#description.arguments, this.#release);
    if ('baseCorefile' in flags) this.writeFile(flags.baseCorefile, text);
  }

  signal(signal: Signal): void {
    this.#run?.signal(signal);
  }

  restart(options: RestartOptions = {}): void {
    this.#next = options;
    if (this.running) this.signal('SIGTERM');
    else this.#ended();
  }

  http(path: string, port: number): HttpReply | undefined {
    return this.#run?.http(path, port);
  }

  #ended(): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#next = undefined;
    this.#simulation.after(0, () => this.start(next));
  }

  #read(path: string): string | undefined {
    return this.#written.get(path) ?? this.#mounted.get(path);
  }

  #hasDirectory(path: string): boolean {
    const { directories } = this.#description;
    return directories.includes(path) || [...this.#mounted.keys()].some((file) => file.startsWith(`${path}/`));
  }
}
