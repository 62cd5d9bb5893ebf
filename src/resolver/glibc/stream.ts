import type { Message } from '../../dns/message.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Errno, isSocketError } from '../../kernel/socket/socket.ts';
import type { TcpChannel } from '../client.ts';
import type { Pair, Progress, Replies } from './progress.ts';
import type { GlibcThread } from './thread.ts';

/**
 * One server by TCP: `send_vc` of resolv/res_send.c. Both queries on one connection, and no limit to the wait;
 * a connection that is reset is tried once more.
 */
export function* overStream(
  thread: GlibcThread,
  index: number,
  pair: Pair,
  progress: Progress,
  trace: TraceId,
): Process<Replies | 'next'> {
  for (let reset = false; ; reset = true) {
    const connection = yield* thread.connectTo(index, trace);
    if (isSocketError(connection)) {
      progress.streamError = connection.error;
      return 'next';
    }
    const replies = yield* readStream(thread, pair, connection, trace);
    connection.close();
    if ('earlier' in replies) return replies;
    progress.streamError = replies.error;
    if (replies.error !== 'ECONNRESET' || reset) return 'next';
  }
}

function* readStream(
  thread: GlibcThread,
  pair: Pair,
  connection: TcpChannel,
  trace: TraceId,
): Process<Replies | { readonly error: Errno | undefined }> {
  let waitingFor = [pair.first, pair.second].filter((query) => query !== undefined);
  for (const query of waitingFor) {
    const failure = connection.send(query, trace);
    if (failure !== undefined) return { error: failure.error };
  }
  const replies: Message[] = [];
  while (waitingFor.length > 0) {
    const arrived = yield* connection.receive(Number.POSITIVE_INFINITY);
    if (arrived === timedOut || arrived === 'end') return { error: undefined };
    if (isSocketError(arrived)) return arrived;
    const { message: reply } = arrived;
    if (replies.length === 0) thread.firstBuffer = reply.rcode;
    const query = waitingFor.find(({ payload }) => payload.message.id === reply.id);
    connection.noteReply(arrived, query === undefined ? 'not-ours' : 'used');
    if (query === undefined) continue;
    waitingFor = waitingFor.filter((other) => other !== query);
    replies.push(reply);
  }
  return { earlier: replies[0], later: replies[1] };
}
