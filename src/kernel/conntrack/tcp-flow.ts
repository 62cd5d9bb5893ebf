/** What conntrack follows of what one side of a TCP connection sends; sequence numbers, 0: nothing seen. */
export interface TcpSide {
  /** The end of what it has sent. */
  end: number;
  /** The highest acknowledgement that it has sent. */
  acknowledged: number;
  /** Has the other side not acknowledged all of it yet? */
  waits: boolean;
}

/** What conntrack remembers of a TCP connection beside its state (struct ip_ct_tcp). */
export interface TcpFlow {
  readonly original: TcpSide;
  readonly reply: TcpSide;
  /** The last segment, with which the next is compared: is it the same again? */
  lastEnd: number;
  lastAcknowledgement: number;
  lastWasReply: boolean;
  lastWasAck: boolean;
  /** Was the last segment a SYN of the original direction that did not fit the state, and so counted for nothing? */
  ignoredSyn: boolean;
  /** How often it came again. */
  retransmissions: number;
}

/** A flow of which no segment has been seen. */
export function newTcpFlow(): TcpFlow {
  return {
    original: { end: 0, acknowledged: 0, waits: false },
    reply: { end: 0, acknowledged: 0, waits: false },
    lastEnd: 0,
    lastAcknowledgement: 0,
    lastWasReply: false,
    lastWasAck: false,
    ignoredSyn: false,
    retransmissions: 0,
  };
}

const width = 7;
const flags = { originalWaits: 1, replyWaits: 2, lastWasReply: 4, lastWasAck: 8, ignoredSyn: 16 } as const;
const retransmissionShift = 8;
const mostRetransmissions = 255;

/** TCP flows by slot of the conntrack table, in one typed array that is there only once there is a first of them. */
export class TcpFlows {
  #words = new Uint32Array(0);

  load(slot: number): TcpFlow {
    const words = this.#words.subarray(slot * width, (slot + 1) * width);
    const [originalEnd = 0, originalAck = 0, replyEnd = 0, replyAck = 0, lastEnd = 0, lastAck = 0, rest = 0] = words;
    return {
      original: { end: originalEnd, acknowledged: originalAck, waits: (rest & flags.originalWaits) !== 0 },
      reply: { end: replyEnd, acknowledged: replyAck, waits: (rest & flags.replyWaits) !== 0 },
      lastEnd,
      lastAcknowledgement: lastAck,
      lastWasReply: (rest & flags.lastWasReply) !== 0,
      lastWasAck: (rest & flags.lastWasAck) !== 0,
      ignoredSyn: (rest & flags.ignoredSyn) !== 0,
      retransmissions: rest >>> retransmissionShift,
    };
  }

  /** `capacity`: of the table, in slots. */
  store(slot: number, flow: TcpFlow, capacity: number): void {
    if (this.#words.length < capacity * width) {
      const grown = new Uint32Array(capacity * width);
      grown.set(this.#words);
      this.#words = grown;
    }
    const rest =
      (flow.original.waits ? flags.originalWaits : 0) |
      (flow.reply.waits ? flags.replyWaits : 0) |
      (flow.lastWasReply ? flags.lastWasReply : 0) |
      (flow.lastWasAck ? flags.lastWasAck : 0) |
      (flow.ignoredSyn ? flags.ignoredSyn : 0) |
      (Math.min(flow.retransmissions, mostRetransmissions) << retransmissionShift);
    const { original, reply, lastEnd, lastAcknowledgement } = flow;
    const words = [original.end, original.acknowledged, reply.end, reply.acknowledged];
    this.#words.set([...words, lastEnd, lastAcknowledgement, rest], slot * width);
  }
}
