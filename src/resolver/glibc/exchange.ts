import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { overDatagrams } from './datagrams.ts';
import type { Pair, Progress, Replies } from './progress.ts';
import { overStream } from './stream.ts';
import type { GlibcThread } from './thread.ts';

/**
 * Asks the servers in turn until one gives something of use: `__res_context_send` of resolv/res_send.c.
 * Undefined: none did; the thread's errno tells why.
 */
export function* exchange(thread: GlibcThread, pair: Pair, trace: TraceId): Process<Replies | undefined> {
  const { nameservers, attempts, flags } = thread.conf;
  const progress: Progress = { gotSomewhere: false, streamError: 'ETIMEDOUT' };
  let overTcp = flags.has('use-vc');
  const offset = thread.process.firstServer(thread.conf);
  for (let attempt = 0; attempt < attempts; attempt++) {
    for (let turn = 0; turn < nameservers.length; turn++) {
      const index = (turn + offset) % nameservers.length;
      let outcome = overTcp ? 'truncated' : yield* overDatagrams(thread, index, pair, progress, trace);
      if (outcome === 'truncated') {
        // Over TCP each server that is left is tried once.
        overTcp = true;
        attempt = attempts;
        outcome = yield* overStream(thread, index, pair, progress, trace);
      }
      if (outcome === 'next') continue;
      thread.closeAll();
      thread.errno = undefined;
      return outcome;
    }
  }
  thread.closeAll();
  if (overTcp) thread.errno = progress.streamError;
  else thread.errno = progress.gotSomewhere ? 'ETIMEDOUT' : 'ECONNREFUSED';
  return undefined;
}
