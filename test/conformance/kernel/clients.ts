import { type Process, timedOut } from '../../../src/engine/process.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds } from '../../../src/engine/time.ts';
import type { Host } from '../../../src/kernel/host.ts';
import { type Errno, isSocketError, type SocketError, type UdpSocket } from '../../../src/kernel/socket/socket.ts';
import { formatEndpoint, parseEndpoint } from '../../../src/network/address.ts';
import type { Endpoint } from '../../../src/network/packet.ts';
import { isMessage, type Message, querySize } from './message.ts';
import { number, type Row, text } from './recording.ts';

const errnos: Readonly<Partial<Record<Errno, number>>> = {
  EPERM: 1,
  EACCES: 13,
  EINVAL: 22,
  ENETUNREACH: 101,
  ECONNRESET: 104,
  ETIMEDOUT: 110,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
};

/** How soon after its ICMP error a client is told, in seconds. */
const near = 0.005;

const outcomes = ['reply', 'no-reply', 'recv-error', 'send-error'];

/** Sockets of the clients: one for each namespace and source port. */
export class Clients {
  readonly #simulation: Simulation;
  readonly #rows: readonly Row[];
  readonly #observe: (ev: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly #sockets = new Map<string, UdpSocket>();

  constructor(
    simulation: Simulation,
    rows: readonly Row[],
    observe: (ev: string, fields: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#simulation = simulation;
    this.#rows = rows;
    this.#observe = observe;
  }

  /** Sends a query from the port that the recording used, and waits where the recording waited. */
  *query(host: Host, send: Row): Process {
    const id = number(send, 'id') ?? 0;
    const who = text(send, 'who');
    const peer = parseEndpoint(text(send, 'dst'));
    const port = number(send, 'sport') ?? 0;
    if (peer === undefined) return;
    const socket = this.#socket(host, port, this.#connects(send) ? peer : undefined, this.#receivesErrors(send));
    if (socket === undefined) return;
    if (isSocketError(socket)) {
      this.#observe('send-error', { who, id, errno: errnos[socket.error] });
      return;
    }
    const message: Message = { id, answer: '', size: querySize };
    const trace = this.#simulation.recorder.trace(0);
    const failure = socket.send(message, trace, this.#connects(send) ? undefined : peer);
    if (failure !== undefined) {
      this.#observe('send-error', { who, id, errno: errnos[failure.error] });
      return;
    }
    const outcome = this.#outcomeOf(send);
    if (outcome !== undefined) yield* this.#wait(socket, send, outcome);
  }

  *#wait(socket: UdpSocket, send: Row, outcome: Row): Process {
    const id = number(send, 'id');
    const who = text(send, 'who');
    const waited = number(outcome, 'waited') ?? Math.max(1, (outcome.t - send.t) * 1.3);
    const deadline = this.#simulation.now + fromSeconds(waited);
    for (;;) {
      const got = yield* socket.receive(deadline);
      if (got === timedOut) {
        this.#observe('no-reply', { who, id, waited });
        return;
      }
      if (isSocketError(got)) {
        this.#observe('recv-error', { who, id, errno: errnos[got.error] });
        return;
      }
      if (!isMessage(got.payload)) continue;
      const { answer } = got.payload;
      const frm = formatEndpoint(got.from);
      this.#observe('reply', {
        who,
        id: got.payload.id,
        frm,
        sport: socket.local.port,
        answer,
        bytes: got.payload.size,
      });
      if (got.payload.id === id) return;
    }
  }

  /** What became of it in the recording; without that its sender did not wait. */
  #outcomeOf(send: Row): Row | undefined {
    const id = number(send, 'id');
    return this.#rows.find(
      (row) =>
        outcomes.includes(row.ev) &&
        row.t >= send.t &&
        number(row, 'id') === id &&
        text(row, 'who') === text(send, 'who'),
    );
  }

  /** Named so, or told of an error, which an unconnected socket never is. */
  #connects(send: Row): boolean {
    const who = text(send, 'who');
    if (/\/cr?\b|(^|[^n])connected/.test(who)) return true;
    if (/\/ur?\b|unconnected/.test(who)) return false;
    return this.#rows.some((row) => row.ev === 'recv-error' && text(row, 'who') === who);
  }

  /** Named so, or told of an error of the way, of which only IP_RECVERR tells. */
  #receivesErrors(send: Row): boolean {
    const who = text(send, 'who');
    if (/\/[cu]r\b|recverr/i.test(who)) return true;
    const told = this.#rows.filter((row) => row.ev === 'recv-error' && text(row, 'who') === who);
    return told.some(({ t }) =>
      this.#rows.some(
        (row) =>
          row.ev === 'pcap' &&
          t >= row.t &&
          t - row.t < near &&
          /ICMP (host|net) \S+ unreachable,/.test(text(row, 'pkt')),
      ),
    );
  }

  /** A connect that failed before anything was sent. */
  tryConnect(host: Host, row: Row): void {
    const peer = this.#rows.map((one) => parseEndpoint(text(one, 'dst'))).find((one) => one !== undefined);
    const socket = host.udp({ owner: 'client' });
    const failure = isSocketError(socket) || peer === undefined ? undefined : socket.connect(peer);
    if (failure !== undefined) this.#observe('connect-error', { who: text(row, 'who'), errno: errnos[failure.error] });
  }

  #socket(
    host: Host,
    port: number,
    peer: Endpoint | undefined,
    receiveErrors: boolean,
  ): UdpSocket | SocketError | undefined {
    const key = `${host.host} ${port}`;
    const known = this.#sockets.get(key);
    if (known !== undefined) return known;
    const socket = host.udp({ owner: `client ${port}`, bind: { address: 0n, port }, receiveErrors });
    if (isSocketError(socket)) return undefined;
    const failure = peer === undefined ? undefined : socket.connect(peer);
    if (failure !== undefined) return failure;
    this.#sockets.set(key, socket);
    return socket;
  }
}
