import type { Message } from '../../dns/message.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Errno, isSocketError } from '../../kernel/socket/socket.ts';
import { decode } from '../../transport/decode.ts';
import type { Pair, Progress, Replies } from './progress.ts';
import type { GlibcThread, Stream } from './thread.ts';

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
    const replies = yield* readStream(thread, index, pair, connection, trace);
    connection.close();
    if ('earlier' in replies) return replies;
    progress.streamError = replies.error;
    if (replies.error !== 'ECONNRESET' || reset) return 'next';
  }
}

function* readStream(
  thread: GlibcThread,
  index: number,
  pair: Pair,
  connection: Stream,
  trace: TraceId,
): Process<Replies | { readonly error: Errno | undefined }> {
  let waitingFor = [pair.first, pair.second].filter((query) => query !== undefined);
  for (const query of waitingFor) {
    const failure = thread.send(connection, index, query, trace);
    if (failure !== undefined) return { error: failure.error };
  }
  const replies: Message[] = [];
  while (waitingFor.length > 0) {
    const arrived = yield* connection.receive();
    if (isSocketError(arrived)) return { error: thread.noteFailure(index, 'tcp', arrived, trace).error };
    if ('end' in arrived) return { error: undefined };
    const decoded = decode(arrived.payload);
    if (decoded === undefined || !('message' in decoded)) continue;
    const reply = decoded.message;
    if (replies.length === 0) thread.firstBuffer = reply.rcode;
    const query = waitingFor.find(({ payload }) => payload.message.id === reply.id);
    thread.noteReply(connection, index, reply, arrived.trace, query === undefined ? 'not-ours' : 'used');
    if (query === undefined) continue;
    waitingFor = waitingFor.filter((other) => other !== query);
    replies.push(reply);
  }
  return { earlier: replies[0], later: replies[1] };
}
