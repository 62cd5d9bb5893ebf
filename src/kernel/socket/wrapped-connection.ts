import type { Process, TimedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { Endpoint, Payload } from '../../network/packet.ts';
import type { Arrival, EndOfStream, SocketError, TcpConnection } from './socket.ts';

/** A connection in front of another, whose calls it passes on as far as they mean the same. */
export abstract class WrappedConnection implements TcpConnection {
  protected readonly connection: TcpConnection;

  constructor(connection: TcpConnection) {
    this.connection = connection;
  }

  abstract send(payload: Payload, trace: TraceId): SocketError | undefined;
  abstract receive(deadline: Micros): Process<Arrival | EndOfStream | SocketError | TimedOut>;

  get local(): Endpoint {
    return this.connection.local;
  }

  get remote(): Endpoint {
    return this.connection.remote;
  }

  get state(): 'established' | 'closed' {
    return this.connection.state;
  }

  shutdown(): void {
    this.connection.shutdown();
  }

  close(): void {
    this.connection.close();
  }

  abort(): void {
    this.connection.abort();
  }
}
