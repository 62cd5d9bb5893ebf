import type { Message, Question, Rcode } from '../dns/message.ts';
import type { Process, Task } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Endpoint } from '../network/packet.ts';
import type { HttpReply } from '../transport/http.ts';
import type { ClusterView } from './cluster-view.ts';
import type { Dispenser } from './corefile/dispenser.ts';
import type { Token } from './corefile/token.ts';
import type { Metrics } from './metrics.ts';
import type { Release } from './releases.ts';

/** One query on its way through a server block's chain. */
export interface Request {
  readonly message: Message;
  /** The message as the client sent it, or as `bufsize` edited it in place: its EDNS decides the reply's size and OPT. */
  readonly original: {
    edns: Message['edns'];
    /** Codes of EDNS options that `rewrite` made known: a reply repeats them. */
    repeated?: readonly number[];
  };
  readonly protocol: 'udp' | 'tcp';
  readonly client: Endpoint;
  readonly local: Endpoint;
  /** The zone of the server block that was chosen, with final dot. */
  readonly zone: string;
  /** Name of the listening server as metrics label it, such as `dns://:53`. */
  readonly server: string;
  /** Name of the block's view; empty without. */
  readonly view: string;
  readonly trace: TraceId;
  /** How many aliases of zone files led here; how many questions of plugins' own, one within the other. */
  readonly aliases?: number;
  readonly nested?: number;
  /** `cancel`: when the query's context ends. */
  readonly deadline?: Micros;
}

/**
 * What a handler hands back. `reply`: it was written to the client. Without a reply the server writes an
 * empty one for SERVFAIL, REFUSED, FORMERR and NOTIMP. `error` is what the `errors` plugin prints. `silent`: nothing is sent.
 */
export interface Outcome {
  readonly rcode: Rcode;
  readonly reply?: Message;
  readonly error?: string;
  readonly silent?: boolean;
  /** The query as `rewrite` changed it in place: what plugins in front of it see afterwards. */
  readonly rewritten?: { readonly question: Question; readonly edns: Message['edns'] };
}

export type Handler = (request: Request) => Process<Outcome>;

/** A plugin of a server block, set up: `(request, next) => outcome`, as in CoreDNS. */
export interface Plugin {
  readonly name: string;
  readonly handle: (request: Request, next: Handler) => Process<Outcome>;
  /** What the `ready` plugin asks, where the plugin has a say. */
  readonly ready?: () => boolean;
  /** The search path of the client, for `autopath`; empty: not known. */
  readonly searchPath?: (request: Request) => readonly string[];
}

/** Files of the process's directory by their path as the Corefile writes it; they may change while it runs. */
export interface Files {
  read(path: string): string | undefined;
  names(): readonly string[];
}

/** Lines of the process's log; those of a plugin carry `plugin/NAME: `. */
export interface Logger {
  info(text: string): void;
  warning(text: string): void;
  error(text: string): void;
  /** A whole line, as it is. */
  raw(line: string): void;
}

/** Times of a server's TCP connections, where they are not the release's own. `read`: until the first query. */
export interface TcpTimeouts {
  readonly read?: Micros;
  readonly idle?: Micros;
  /** Queries that one connection may bring. */
  readonly queries?: number;
}

/** What a server block tells about itself, and what plugins such as `bind` change in it. */
export interface BlockSettings {
  /** Its chain, complete once everything is set up. */
  readonly plugins: readonly Plugin[];
  /** The zones of all the block's keys, with final dot. */
  readonly zones: readonly string[];
  readonly port: number;
  /** `bind`: addresses to listen on; empty: all. */
  listenOn: readonly string[];
  /** `root`: prefix of relative paths. */
  root: string;
  timeouts: TcpTimeouts;
  /** `view`: serves only the queries that pass. */
  view: { readonly name: string; readonly accepts: (request: Request) => boolean } | undefined;
}

export interface HttpServing {
  close(): void;
}

/** Something done at a moment of the process's life; a generator function may take time. */
// biome-ignore lint/suspicious/noConfusingVoidType: generator functions and plain ones are both welcome
export type Callback = () => Process | void;

/** What a plugin's set-up gets; the plugin and its counters are made here, network is used from `onStartup` on. */
export interface PluginSetup {
  /** The words of the directive. Throw what its error methods make. */
  readonly directive: Dispenser;
  /** Where the directive stands, such as `Corefile:5`. */
  readonly place: string;
  readonly block: BlockSettings;
  readonly release: Release;
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  /** Name of the process: owner of sockets, `at` of records, prefix of random streams. */
  readonly owner: string;
  readonly files: Files;
  readonly environment: Readonly<Record<string, string>>;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly cluster: ClusterView | undefined;
  /** A known option or word that we do not model: named with its line, never ignored. `hint`: what to do about it. */
  notModelled(what: string, at?: Token, hint?: string): void;
  /** A known option that is passed over because no answer depends on it: remarked on with its line. */
  leftOut(what: string, at?: Token): void;
  /** Part of the set-up that needs the network (`forward` to a host name): runs before the servers listen; may throw a SetupError. */
  duringSetup(run: () => Process): void;
  /** Once the sockets are bound, at start and after each reload. */
  onStartup(run: Callback): void;
  /** Before this instance serves nothing more: at the end of the process and after a reload has succeeded. */
  onShutdown(run: Callback): void;
  /** At the end of the process only, after all onShutdown. */
  onFinalShutdown(run: Callback): void;
  /** Before a reload builds the successor. */
  onRestart(run: Callback): void;
  /** The reload failed, and this instance goes on. */
  onRestartFailed(run: Callback): void;
  /** When nothing is left that uses it, its successor being at work (Go's finalizers). */
  onCollected(run: Callback): void;
  /** A process of the plugin's own; it is killed when the instance has ended. */
  spawn<T>(process: Process<T>): Task<T>;
  /** Answers at `address` (such as `:8080`) until closed; several may listen at one address (SO_REUSEPORT). */
  serveHttp(
    address: string,
    respond: (path: string) => HttpReply | undefined,
  ): HttpServing | { readonly error: string };
  /** Asks the server itself, as `upstream.Lookup` does: the whole chain again, for another name. */
  lookup(request: Request, name: string, type: string): Process<Message | undefined>;
  /** `[FATAL] plugin/NAME: text`, exit code 1 at once. */
  fatal(text: string): void;
  /** Writes a `coredns.plugin` record: the plugin answered, or changed something; `cause` is a short code. */
  decided(request: Request, cause: string, result: string): void;
  /** The process, for the plugins that watch over it. */
  readonly process: Supervision;
}

/** What `reload`, `ready` and `loop` see of the whole process. */
export interface Supervision {
  /** The present Corefile's words as one text, or why it does not lex or its braces do not match; undefined: it is gone. */
  configuration(): { readonly text: string } | { readonly error: string } | undefined;
  /** Builds a successor from the present Corefile, as on SIGUSR1; the text of the error when that failed. */
  restart(): Process<string | undefined>;
  /** Is the directive in the Corefile that runs now? */
  uses(directive: string): boolean;
  /** A process that outlives the instance; it is killed when CoreDNS ends. */
  spawn<T>(process: Process<T>): Task<T>;
}

/** Builds a plugin from its lines; undefined: it takes no part in the chain (`bind`, `health`…). */
export type SetUp = (setup: PluginSetup) => Plugin | undefined;
