import type { Message } from '../../dns/message.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import { isSocketError } from '../../kernel/socket/socket.ts';
import type { Arrived, Query, UdpChannel } from '../client.ts';
import { type FromServer, isRejection, isReplyTo, type Pair, type Progress } from './progress.ts';
import type { GlibcThread } from './thread.ts';

/** How long the server of an index is waited for, in seconds. */
export function slotSeconds(timeout: number, index: number, servers: number): number {
  const doubled = timeout * 2 ** index;
  return Math.max(1, index > 0 ? Math.floor(doubled / servers) : doubled);
}

/**
 * One server by UDP: `send_dg` of resolv/res_send.c. Both queries at once; when half of the replies stay away, a round with
 * one query after the other, then one with a socket for each. The thread keeps to what it has switched to.
 */
export function* overDatagrams(
  thread: GlibcThread,
  index: number,
  pair: Pair,
  progress: Progress,
  trace: TraceId,
): Process<FromServer> {
  const slot = slotSeconds(thread.conf.timeout, index, thread.conf.nameservers.length) * second;
  const gotSomewhereBefore = progress.gotSomewhere;
  for (;;) {
    const channel = thread.openTo(index, trace);
    if (isSocketError(channel)) return giveUp(thread);
    const round = new Round(thread, index, pair, channel, progress, trace);
    const outcome = yield* round.run(slot);
    if (outcome !== 'half') return outcome;
    if (!switchMode(thread, index, trace)) return { earlier: round.earlier, later: undefined };
    progress.gotSomewhere = gotSomewhereBefore;
  }
}

/** From both at once to one by one, from there to a socket for each. False: nothing is left to switch to. */
function switchMode(thread: GlibcThread, index: number, trace: TraceId): boolean {
  if (thread.singleRequestReopen) return false;
  if (thread.singleRequest) {
    thread.singleRequestReopen = true;
    thread.closeAll();
    thread.client.noteMode(thread.serverAt(index), 'single-request-reopen', trace);
  } else {
    thread.singleRequest = true;
    thread.client.noteMode(thread.serverAt(index), 'single-request', trace);
  }
  return true;
}

function giveUp(thread: GlibcThread): 'next' {
  thread.closeAll();
  return 'next';
}

/** The pair sent once, and what comes back within the server's time. */
class Round {
  /** The first reply; undefined: none, or it was rejected. */
  earlier: Message | undefined;
  readonly #thread: GlibcThread;
  readonly #index: number;
  readonly #pair: Pair;
  readonly #progress: Progress;
  readonly #trace: TraceId;
  /** Is the second query sent only when the first has its reply? */
  readonly #oneByOne: boolean;
  #channel: UdpChannel;
  #gotFirst = false;
  #gotSecond: boolean;

  constructor(thread: GlibcThread, index: number, pair: Pair, channel: UdpChannel, progress: Progress, trace: TraceId) {
    this.#thread = thread;
    this.#index = index;
    this.#pair = pair;
    this.#channel = channel;
    this.#progress = progress;
    this.#trace = trace;
    this.#oneByOne = thread.singleRequest || thread.singleRequestReopen;
    this.#gotSecond = pair.second === undefined;
  }

  *run(slot: Micros): Process<FromServer | 'half'> {
    const thread = this.#thread;
    const deadline = thread.client.simulation.now + slot;
    if (!this.#send(this.#pair.first)) return giveUp(thread);
    if (!this.#oneByOne && !this.#sendSecond()) {
      // sendmmsg hands both over before an error about the first can show (path-reject-no-endpoints).
      this.#sendSecond();
      return giveUp(thread);
    }
    for (;;) {
      const arrived = yield* this.#channel.receive(deadline);
      if (arrived === timedOut) {
        thread.client.noteTimeout(thread.serverAt(this.#index), slot, this.#trace);
        if (this.earlier !== undefined && this.#isHalf()) return 'half';
        this.#progress.gotSomewhere = true;
        return 'next';
      }
      if (isSocketError(arrived)) return giveUp(thread);
      const outcome = this.#take(arrived);
      if (outcome !== undefined) return outcome;
    }
  }

  /** Has one of two replies come? */
  #isHalf(): boolean {
    return this.#gotFirst || (this.#pair.second !== undefined && this.#gotSecond);
  }

  #send(query: Query): boolean {
    return this.#channel.send(query, this.#thread.serverAt(this.#index), this.#trace) === undefined;
  }

  #sendSecond(): boolean {
    return this.#pair.second === undefined || this.#send(this.#pair.second);
  }

  /** A message from the server. Undefined: go on waiting. */
  #take(arrived: Arrived): FromServer | undefined {
    const thread = this.#thread;
    const { message: reply } = arrived;
    const note = (cause: string) => this.#channel.noteReply(arrived, cause);
    this.#progress.gotSomewhere = true;
    if (!this.#isHalf()) thread.firstBuffer = reply.rcode;
    const { takesBareErrors } = thread.process.release;
    const answers = (query: Query | undefined) => isReplyTo(reply, query, takesBareErrors);
    const isToSecond = !this.#gotSecond && answers(this.#pair.second);
    if (!isToSecond && (this.#gotFirst || !answers(this.#pair.first))) {
      note('not-ours');
      return undefined;
    }
    if (isRejection(reply)) {
      note('rejected');
      return this.#reject(isToSecond);
    }
    if (reply.flags.tc) {
      note('truncated');
      thread.closeAll();
      return 'truncated';
    }
    note('used');
    return this.#accept(reply, isToSecond);
  }

  /** The server refused or failed: of a pair, the other reply may still be of use. */
  #reject(isToSecond: boolean): FromServer | undefined {
    const { release } = this.#thread.process;
    if (this.#thread.conf.flags.has('strict-error')) return giveUp(this.#thread);
    if (this.#isHalf()) return this.earlier === undefined ? 'next' : { earlier: this.earlier, later: undefined };
    if (this.#pair.second === undefined) return giveUp(this.#thread);
    if (this.#oneByOne && !release.waitsForUnsentQuery) return giveUp(this.#thread);
    this.#mark(isToSecond);
    return undefined;
  }

  #accept(reply: Message, isToSecond: boolean): FromServer | undefined {
    if (this.#isHalf()) return { earlier: this.earlier, later: reply };
    this.earlier = reply;
    this.#mark(isToSecond);
    if (this.#gotFirst && this.#gotSecond) return { earlier: reply, later: undefined };
    if (!this.#oneByOne) return undefined;
    if (this.#thread.singleRequestReopen) {
      this.#thread.closeAll();
      const reopened = this.#thread.openTo(this.#index, this.#trace);
      if (isSocketError(reopened)) return giveUp(this.#thread);
      this.#channel = reopened;
    }
    return this.#sendSecond() ? undefined : giveUp(this.#thread);
  }

  #mark(isToSecond: boolean): void {
    if (isToSecond) this.#gotSecond = true;
    else this.#gotFirst = true;
  }
}
