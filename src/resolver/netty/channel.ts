import { type Process, type Task, type TimedOut, timedOut, waitUntil } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { isSocketError, type SocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client, Query, UdpChannel } from '../client.ts';

type Wake = (arrived: Arrived) => void;

/** Netty's datagram channel: one socket, never connected, so that no ICMP error reaches it. Sender and id say whose reply it is. */
export class NettyChannel {
  readonly #client: Client;
  readonly #socket: UdpChannel;
  readonly #waiting = new Map<string, Wake>();
  readonly #reader: Task;

  private constructor(client: Client, socket: UdpChannel) {
    this.#client = client;
    this.#socket = socket;
    this.#reader = client.simulation.spawn(this.#read());
  }

  static open(client: Client): NettyChannel | SocketError {
    const socket = client.udp({ receiveErrors: false, bound: true });
    return isSocketError(socket) ? socket : new NettyChannel(client, socket);
  }

  *ask(server: string, query: Query, deadline: Micros, trace: TraceId): Process<Arrived | TimedOut> {
    const key = `${server} ${query.payload.message.id}`;
    this.#socket.send(query, server, trace);
    return yield* waitUntil<Arrived>(this.#client.simulation, deadline, (wake) => {
      this.#waiting.set(key, wake);
      return () => this.#waiting.delete(key);
    });
  }

  close(): void {
    this.#reader.kill();
    this.#socket.close();
  }

  *#read(): Process {
    for (;;) {
      const arrived = yield* this.#socket.receive(Number.POSITIVE_INFINITY);
      if (arrived === timedOut || isSocketError(arrived)) continue;
      const wake = this.#waiting.get(`${arrived.from} ${arrived.message.id}`);
      this.#socket.noteReply(
        arrived,
        wake === undefined ? 'not-ours' : arrived.message.flags.tc ? 'truncated' : 'used',
      );
      wake?.(arrived);
    }
  }
}
