import { type Process, timedOut } from '../../../src/engine/process.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds, minute, second } from '../../../src/engine/time.ts';
import type { Host } from '../../../src/kernel/host.ts';
import { type Errno, isSocketError, type TcpConnection } from '../../../src/kernel/socket/socket.ts';
import { parseEndpoint } from '../../../src/network/address.ts';
import { answerSize, isMessage, type Message, querySize } from './message.ts';
import { number, type Row, type SeenPacket, seenPackets, text } from './recording.ts';

/** DNS over TCP puts two octets in front of a message. */
const prefix = 2;
/** An empty segment that comes so long after any other of its flow is a FIN; a delayed ACK takes 40 ms. */
const quiet = 0.06;

const errorTexts: Readonly<Partial<Record<Errno, string>>> = {
  ECONNREFUSED: '[Errno 111] Connection refused',
  ECONNRESET: '[Errno 104] Connection reset by peer',
  EHOSTUNREACH: '[Errno 113] No route to host',
  ENETUNREACH: '[Errno 101] Network is unreachable',
  ETIMEDOUT: '[Errno 110] Connection timed out',
};

type Observe = (ev: string, fields: Readonly<Record<string, unknown>>) => void;

/** Connections of a recording: opened, used and closed by the client and its servers when the recording says so. */
export class Streams {
  readonly #simulation: Simulation;
  readonly #start: number;
  readonly #rows: readonly Row[];
  readonly #observe: Observe;
  readonly #clients = new Map<number, TcpConnection>();

  constructor(simulation: Simulation, start: number, rows: readonly Row[], observe: Observe) {
    this.#simulation = simulation;
    this.#start = start;
    this.#rows = rows;
    this.#observe = observe;
  }

  *connect(host: Host, row: Row): Process {
    const sport = number(row, 'sport') ?? 0;
    const remote = parseEndpoint(text(row, 'dst'));
    if (remote === undefined) return;
    const by = text(row, 'who') === '' ? {} : { who: text(row, 'who') };
    const options = {
      owner: `client ${sport}`,
      trace: this.#simulation.recorder.trace(0),
      // The harness gives up in Python, whose socket does not block; it goes on trying.
      deadline: this.#simulation.now + 60 * minute,
      bind: { address: 0n, port: sport },
    };
    const attempt = this.#simulation.spawn(host.connect(remote, options));
    const connection = yield* attempt.join(this.#deadline(row, 'connect-error'));
    if (connection === timedOut || isSocketError(connection)) {
      const err = connection === timedOut ? 'timed out' : errorTexts[connection.error];
      this.#observe('connect-error', { ...by, sport, err });
      if (!this.#goesOn(sport)) attempt.kill();
      return;
    }
    this.#clients.set(sport, connection);
    this.#observe('connected', { ...by, sport });
    for (const t of this.#closes(sport, false)) this.#at(t, () => connection.close());
  }

  /** Does the kernel go on trying when the client has given up, as its socket is still open? */
  #goesOn(sport: number): boolean {
    const now = (this.#simulation.now - this.#start) / second;
    return seenPackets(this.#rows).some((p) => p.sourcePort === sport && p.protocol === 'tcp' && p.t > now + quiet);
  }

  *query(row: Row): Process {
    const id = number(row, 'id') ?? 0;
    const sport = number(row, 'sport') ?? 0;
    const connection = this.#clients.get(sport);
    if (connection === undefined) return;
    const message: Message = { id, answer: '', size: prefix + querySize };
    connection.send(message, this.#simulation.recorder.trace(0));
    const got = yield* connection.receive(this.#deadline(row, 'no-reply'));
    if (got === timedOut) this.#observe('no-reply', { id, err: 'timed out' });
    else if (isSocketError(got)) this.#observe('no-reply', { id, err: errorTexts[got.error] });
    else if ('payload' in got) this.#observe('reply', { id, sport, bytes: got.payload.size - prefix });
  }

  /** An RST, as a socket with SO_LINGER 0 sends it. */
  abort(row: Row): void {
    this.#clients.get(number(row, 'sport') ?? 0)?.abort();
  }

  /** Answers on port 53 of a namespace; closes when the recording's server did, or when the client has. */
  serve(host: Host): void {
    const listener = host.listen({ address: 0n, port: 53 }, host.host);
    if (isSocketError(listener)) return;
    const accept = function* (this: Streams): Process {
      for (;;) {
        const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
        if (connection !== timedOut) this.#simulation.spawn(this.#converse(connection));
      }
    };
    this.#simulation.spawn(accept.call(this));
  }

  *#converse(connection: TcpConnection): Process {
    const closes = this.#closes(connection.remote.port, true);
    for (const t of closes) this.#at(t, () => connection.close());
    for (;;) {
      const got = yield* connection.receive(Number.POSITIVE_INFINITY);
      if (got === timedOut || isSocketError(got)) return;
      if ('end' in got) {
        if (closes.length === 0) connection.close();
        return;
      }
      if (!isMessage(got.payload)) continue;
      const message: Message = { id: got.payload.id, answer: '192.0.2.1', size: prefix + answerSize };
      connection.send(message, got.trace);
    }
  }

  /** When one side of a connection sent its FIN: an empty segment out of silence. */
  #closes(sport: number, server: boolean): number[] {
    const flow = seenPackets(this.#rows).filter(
      (p) => p.protocol === 'tcp' && (p.sourcePort === sport || p.destinationPort === sport),
    );
    const fromSide = (p: SeenPacket) => p.direction === 'In' && (p.sourcePort === sport) !== server;
    return flow
      .filter((p, i) => i > 0 && p.size === 0 && fromSide(p) && p.t - (flow[i - 1]?.t ?? 0) > quiet)
      .map((p) => p.t);
  }

  #at(t: number, action: () => void): void {
    this.#simulation.at(Math.max(this.#simulation.now, this.#start + fromSeconds(t)), action);
  }

  /** When the recording's client gave up; without that, it would have waited as long as need be. */
  #deadline(row: Row, outcome: string): number {
    const key = outcome === 'connect-error' ? 'sport' : 'id';
    const end = this.#rows.find((r) => r.ev === outcome && r.t >= row.t && number(r, key) === number(row, key));
    return end === undefined ? Number.POSITIVE_INFINITY : this.#start + fromSeconds(end.t);
  }
}
