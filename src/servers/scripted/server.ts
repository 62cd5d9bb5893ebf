import { type Process, sleep } from '../../engine/process.ts';
import { fromSeconds } from '../../engine/time.ts';
import { isSocketError, type SocketError } from '../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../network/address.ts';
import {
  type Answer,
  type Answering,
  type Incoming,
  type ServerSite,
  type Serving,
  serveUdp,
} from '../../transport/serve.ts';
import { serveTcp, type TcpLimits, type TcpServing, unlimitedTcp } from '../../transport/serve-tcp.ts';
import type { ScriptedState, ServerDescription } from '../description.ts';
import { processingTime } from '../processing.ts';
import { recordQuery } from '../record-query.ts';
import { type Manners, serveTls } from '../tls.ts';
import { scriptedReply } from './reply.ts';
import { initialState, patched, type ScriptedPatch } from './state.ts';

type Description = Extract<ServerDescription, { role: 'scripted' }>;

/** A scripted server at work. */
export interface ScriptedServer {
  set(patch: ScriptedPatch): void;
  stop(): void;
}

/** Answers by its state; a patch that closes it leaves nobody to hear queries until another opens it. */
export function startScripted(site: ServerSite, description: Description): ScriptedServer {
  let state = initialState(description.state);
  const now = () => state;
  const listeners = new Listeners(site, answeringBy(site, now), now, description.tls);
  if (state.mode !== 'closed') listeners.open();
  return {
    set(patch) {
      state = patched(state, patch);
      if (state.mode === 'closed') listeners.close();
      else if (!listeners.isOpen) listeners.open();
    },
    stop: () => listeners.close(),
  };
}

/** Answers as the state says when the query comes. */
function answeringBy(site: ServerSite, now: () => ScriptedState): Answering {
  const heard = new Heard();
  return function* (query, send): Process<Answer> {
    const state = now();
    const reply = scriptedReply(state, query.message, query.protocol, heard.count(query));
    // asyncio's abort: nothing is left to read, so that the other side sees the end of the stream.
    const aborts = query.protocol === 'tcp' && state.tcp === 'reset';
    recordQuery(site, query, {
      did: reply.did,
      connection: heard.connection(query),
      size: reply.payload?.size,
    });
    if (aborts && reply.did !== 'drop') {
      yield* sleep(processingTime);
      return 'close';
    }
    for (const extra of reply.also) site.simulation.after(waitOf(extra.delay, query), () => send(extra.payload));
    yield* sleep(processingTime + fromSeconds(reply.delay));
    return reply.payload;
  };
}

/** Who hears queries: by UDP and TCP, or by TLS. */
class Listeners {
  readonly #site: ServerSite;
  readonly #answering: Answering;
  readonly #now: () => ScriptedState;
  readonly #tls: Description['tls'];
  #udp: Serving | undefined;
  #tcp: TcpServing | undefined;

  constructor(site: ServerSite, answering: Answering, now: () => ScriptedState, tls: Description['tls']) {
    this.#site = site;
    this.#answering = answering;
    this.#now = now;
    this.#tls = tls;
  }

  get isOpen(): boolean {
    return this.#udp !== undefined || this.#tcp !== undefined;
  }

  open(): void {
    const state = this.#now();
    const limits = limitsOf(state);
    if (this.#tls !== undefined) {
      this.#tcp = started(serveTls(this.#site, this.#answering, this.#tls, limits, mannersOf(this.#now)));
      return;
    }
    this.#udp = started(serveUdp(this.#site, this.#answering));
    if (state.tcp !== 'closed') this.#tcp = started(serveTcp(this.#site, this.#answering, { limits }));
  }

  /** As the recorders' asyncio: who listens no more still serves the TCP connections that are there. */
  close(): void {
    this.#udp?.kill();
    this.#tcp?.stopAccepting();
    this.#udp = this.#tcp = undefined;
  }
}

/** What is also sent waits as it says by UDP; by TCP it goes before the reply. */
const waitOf = (delay: number, { protocol }: Incoming) => (protocol === 'tcp' ? 0 : fromSeconds(delay));

/** Of a state, whatever becomes of it. */
function limitsOf({ tcp_idle: seconds }: ScriptedState): () => TcpLimits {
  const idle = seconds === undefined ? Number.POSITIVE_INFINITY : fromSeconds(seconds);
  const limits = { ...unlimitedTcp, firstRead: idle, idle };
  return () => limits;
}

function mannersOf(state: () => ScriptedState): Manners {
  const isBare = ({ bare_close, tcp }: ScriptedState) => bare_close === true || tcp === 'reset';
  return { greeting: () => state().speaks ?? 'tls', bare: () => isBare(state()) };
}

/** Which questions a server has heard, and from whom. */
class Heard {
  readonly #questions = new Map<string, number>();
  readonly #clients = { udp: new Map<string, number>(), tcp: new Map<string, number>() };

  /** How often this name and type was asked for, this time among them. */
  count({ message: { question } }: Incoming): number {
    const key = `${question[0]?.name.toLowerCase()} ${question[0]?.type}`;
    const count = (this.#questions.get(key) ?? 0) + 1;
    this.#questions.set(key, count);
    return count;
  }

  /** The number of the client's socket, as they came, from 1; NaN: a question for NS, as probes ask. */
  connection({ message, protocol, client }: Incoming): number {
    if (message.question[0]?.type === 'NS') return Number.NaN;
    const known = this.#clients[protocol];
    const from = formatEndpoint(client);
    const connection = known.get(from) ?? known.size + 1;
    known.set(from, connection);
    return connection;
  }
}

const started = <T extends Serving>(serving: T | SocketError): T | undefined =>
  isSocketError(serving) ? undefined : serving;
