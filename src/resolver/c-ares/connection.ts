import { type Process, type Task, timedOut } from '../../engine/process.ts';
import { isSocketError, type SocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Client, Query, UdpChannel } from '../client.ts';
import { sameQuestion } from '../query-message.ts';
import type { Server } from './server.ts';

type Wake = (outcome: Arrived | SocketError) => void;

/** A UDP socket to a server, shared by the queries that are under way. */
export class Connection {
  readonly server: Server;
  readonly channel: UdpChannel;
  /** Takes new queries: until one of its queries has timed out. */
  usable = true;
  readonly #waiting = new Map<Query, Wake>();
  readonly #reader: Task;

  constructor(client: Client, server: Server, channel: UdpChannel) {
    this.server = server;
    this.channel = channel;
    this.#reader = client.simulation.spawn(this.#read());
  }

  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  expect(query: Query, wake: Wake): void {
    this.#waiting.set(query, wake);
  }

  forget(query: Query): void {
    this.#waiting.delete(query);
  }

  close(): void {
    this.usable = false;
    this.#reader.kill();
    this.channel.close();
  }

  *#read(): Process {
    for (;;) {
      const arrived = yield* this.channel.receive(Number.POSITIVE_INFINITY);
      if (arrived === timedOut) continue;
      if (isSocketError(arrived)) {
        this.usable = false;
        for (const wake of this.#waiting.values()) wake(arrived);
        continue;
      }
      const { message } = arrived;
      const query = [...this.#waiting.keys()].find(({ payload }) => {
        return payload.message.id === message.id && sameQuestion(payload.message.question, message.question);
      });
      this.channel.noteReply(arrived, query === undefined ? 'not-ours' : message.flags.tc ? 'truncated' : 'used');
      if (query !== undefined) this.#waiting.get(query)?.(arrived);
    }
  }
}
