import { type Process, type TimedOut, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import {
  type Arrival,
  type EndOfStream,
  isSocketError,
  type SocketError,
  type TcpConnection,
} from '../../kernel/socket/socket.ts';
import { WrappedConnection } from '../../kernel/socket/wrapped-connection.ts';
import type { Payload } from '../../network/packet.ts';
import { Alert, closeNotify, ProtectedData, recordOctets, ServerFinished, type TlsVersion } from './messages.ts';

interface TlsState {
  readonly version: TlsVersion;
  /** Told of a ticket for later sessions. */
  readonly onTicket?: (server: object) => void;
  /** Does it end without close_notify? */
  readonly bare?: () => boolean;
}

/** What a handshake has made of a TCP connection: the same calls, each message in a record of its own. */
export class TlsConnection extends WrappedConnection {
  readonly #state: TlsState;
  #trace: TraceId;
  #closed = false;

  constructor(connection: TcpConnection, state: TlsState, trace: TraceId) {
    super(connection);
    this.#state = state;
    this.#trace = trace;
  }

  override send(payload: Payload, trace: TraceId): SocketError | undefined {
    this.#trace = trace;
    return this.connection.send(new ProtectedData(payload, this.#state.version), trace);
  }

  /** Go takes an end without close_notify for one with it (crypto/tls readRecord). */
  override *receive(deadline: Micros): Process<Arrival | EndOfStream | SocketError | TimedOut> {
    for (;;) {
      const got = yield* this.connection.receive(deadline);
      if (got === timedOut || isSocketError(got) || 'end' in got) return got;
      const { payload, trace } = got;
      if (payload instanceof ProtectedData) return { payload: payload.content, trace };
      if (payload instanceof ServerFinished) this.#state.onTicket?.(payload.server);
      if (payload instanceof Alert && payload.closes) return { end: true };
    }
  }

  override shutdown(): void {
    this.#sayGoodbye();
    super.shutdown();
  }

  override close(): void {
    this.#sayGoodbye();
    super.close();
  }

  #sayGoodbye(): void {
    if (this.#closed || this.#state.bare?.() === true) return;
    this.#closed = true;
    if (this.state === 'established')
      this.connection.send(new Alert(closeNotify, 2 + recordOctets[this.#state.version]), this.#trace);
  }
}
