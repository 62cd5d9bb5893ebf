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

/** A scripted server at work. */
export interface ScriptedServer {
  set(patch: ScriptedPatch): void;
  stop(): void;
}

/** Answers by its state; a patch that closes it leaves nobody to hear queries until another opens it. */
export function startScripted(
  site: ServerSite,
  description: Extract<ServerDescription, { role: 'scripted' }>,
): ScriptedServer {
  const { tls } = description;
  let state = initialState(description.state);
  const heard = new Heard();
  let udp: Serving | undefined;
  let tcp: TcpServing | undefined;

  const answering: Answering = function* (query, send): Process<Answer> {
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

  /** As the recorders' asyncio: who listens no more still serves the TCP connections that are there. */
  const close = () => {
    udp?.kill();
    tcp?.stopAccepting();
    udp = tcp = undefined;
  };
  const open = () => {
    const limits = limitsOf(state);
    if (tls !== undefined) {
      const manners = mannersOf(() => state);
      tcp = started(serveTls(site, answering, tls, limits, manners));
      return;
    }
    udp = started(serveUdp(site, answering));
    if (state.tcp !== 'closed') tcp = started(serveTcp(site, answering, { limits }));
  };
  if (state.mode !== 'closed') open();

  return {
    set(patch) {
      const wasOpen = udp !== undefined || tcp !== undefined;
      state = patched(state, patch);
      if (state.mode === 'closed') close();
      else if (!wasOpen) open();
    },
    stop: close,
  };
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
