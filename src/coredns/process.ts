import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { ProblemsFound, type Source } from '../problem/problem.ts';
import type { HttpReply } from '../transport/http.ts';
import type { ClusterView } from './cluster-view.ts';
import type { CoreDnsDescription } from './description.ts';
import { findRelease, type Release } from './releases.ts';
import { Cpu } from './server/cpu.ts';
import { Life, type Signal } from './server/life.ts';

export type { Signal };

/** A CoreDNS process from outside: its files, its signals, its HTTP pages. */
export interface CoreDnsProcess {
  readonly name: string;
  readonly running: boolean;
  /** Writes a file of its directory; undefined deletes it. */
  writeFile(path: string, text: string | undefined): void;
  writeCorefile(text: string | undefined): void;
  signal(signal: Signal): void;
  /** SIGTERM, and a new start as soon as it has ended. */
  restart(): void;
  /** Its counters since its last start, in Prometheus' text format, whether or not a page shows them. */
  readonly metrics: string;
  /** GET; undefined: connection refused. */
  http(path: string, port: number): HttpReply | undefined;
}

/** Starts CoreDNS on a host at its time, and tells when it has ended for good; throws ProblemsFound for a release or plugins that are not modelled. */
export function startCoreDns(
  simulation: Simulation,
  sockets: Sockets,
  description: CoreDnsDescription,
  cluster?: ClusterView,
  ended: () => void = () => {},
): CoreDnsProcess {
  const release = findRelease(description.release);
  if (release === undefined) {
    const message = `CoreDNS ${description.release} is not a release that is modelled`;
    throw new ProblemsFound([
      { code: 'unknown-release', file: description.corefile.file, line: 1, column: 1, message, hint: '' },
    ]);
  }
  const process = new CoreDns(simulation, sockets, description, release, cluster, ended);
  simulation.at(Math.max(description.startAt, simulation.now), () => process.start());
  return process;
}

class CoreDns implements CoreDnsProcess {
  readonly #simulation: Simulation;
  readonly #sockets: Sockets;
  readonly #description: CoreDnsDescription;
  readonly #release: Release;
  readonly #cluster: ClusterView | undefined;
  readonly #whenEnded: () => void;
  readonly #files: Map<string, string>;
  #corefile: string | undefined;
  #life: Life | undefined;
  #restarting = false;

  constructor(
    simulation: Simulation,
    sockets: Sockets,
    description: CoreDnsDescription,
    release: Release,
    cluster: ClusterView | undefined,
    whenEnded: () => void,
  ) {
    this.#simulation = simulation;
    this.#sockets = sockets;
    this.#description = description;
    this.#release = release;
    this.#cluster = cluster;
    this.#whenEnded = whenEnded;
    this.#files = new Map(Object.entries(description.files));
    this.#corefile = description.corefile.text;
  }

  get name(): string {
    return this.#description.name;
  }

  get metrics(): string {
    return this.#life?.metrics ?? '';
  }

  get running(): boolean {
    return this.#life?.running === true;
  }

  start(): void {
    const { name, environment, port, ignore = [], queriesPerSecond } = this.#description;
    this.#life = new Life({
      simulation: this.#simulation,
      sockets: this.#sockets,
      owner: name,
      release: this.#release,
      environment,
      ignore,
      port,
      cpu: queriesPerSecond === undefined ? undefined : new Cpu(this.#simulation, name, queriesPerSecond),
      cluster: this.#cluster,
      files: { read: (path) => this.#files.get(path.replace(/^\.\//, '')), names: () => [...this.#files.keys()] },
      corefile: () => this.#source(),
      ended: () => this.#ended(),
    });
  }

  writeFile(path: string, text: string | undefined): void {
    if (text === undefined) this.#files.delete(path);
    else this.#files.set(path, text);
  }

  writeCorefile(text: string | undefined): void {
    this.#corefile = text;
  }

  signal(signal: Signal): void {
    this.#life?.signal(signal);
  }

  restart(): void {
    this.#restarting = true;
    if (this.running) this.signal('SIGTERM');
    else this.#ended();
  }

  http(path: string, port: number): HttpReply | undefined {
    return this.#life?.http(path, port);
  }

  #source(): Source | undefined {
    return this.#corefile === undefined ? undefined : { file: this.#description.corefile.file, text: this.#corefile };
  }

  #ended(): void {
    if (!this.#restarting) {
      this.#whenEnded();
      return;
    }
    this.#restarting = false;
    this.#simulation.after(0, () => this.start());
  }
}
