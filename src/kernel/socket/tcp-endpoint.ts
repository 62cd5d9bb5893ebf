import type { Process, TimedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { formatEndpoint } from '../../network/address.ts';
import type { Endpoint, Packet, Payload } from '../../network/packet.ts';
import { ipHeader } from '../../network/size.ts';
import { deliveredFields } from '../ip/describe.ts';
import { defaultTtl } from '../ip/ttl.ts';
import { timerExpiry } from '../jiffies.ts';
import { packetDelivered, socketError } from '../records.ts';
import { Inbox } from './inbox.ts';
import { type Arrival, type EndOfStream, type Errno, SocketError, type TcpConnection } from './socket.ts';
import type { TcpSettings } from './tcp.ts';
import { Acknowledgements } from './tcp-acknowledgement.ts';
import { finWait, tcpHeader, timestamps, timeWait } from './tcp-constants.ts';
import { type Segment, span } from './tcp-segment.ts';
import { SendQueue } from './tcp-send-queue.ts';

type TcpPacket = Packet & { protocol: 'tcp' };

/** A packet and what comes back of it, as long as they do not leave the machine. */
const insideTheMachine: Micros = 100;

type State =
  | 'SYN_SENT'
  | 'SYN_RECV'
  | 'ESTABLISHED'
  | 'FIN_WAIT1'
  | 'FIN_WAIT2'
  | 'CLOSING'
  | 'CLOSE_WAIT'
  | 'LAST_ACK'
  | 'TIME_WAIT'
  | 'CLOSED';

/** One end of a TCP connection: handshake, data in order, retransmission, close. Windows never fill. */
export class TcpEndpoint implements TcpConnection {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Tells the opener how the handshake went. */
  readonly established: Inbox<'established' | SocketError>;
  readonly #settings: TcpSettings;
  readonly owner: string;
  readonly #gone: () => void;
  readonly #inbox: Inbox<Arrival | EndOfStream | SocketError>;
  #state: State = 'CLOSED';
  #trace: TraceId;
  #listener: { established(connection: TcpEndpoint): void } | undefined;
  /** What the peer takes in one segment: its SYN says so. */
  #peerMss = Number.POSITIVE_INFINITY;
  #sendNext: number;
  #receiveNext = 0;
  readonly #queue: SendQueue;
  readonly #acknowledgements: Acknowledgements;
  #peerClosed = false;
  #failure: SocketError | undefined;
  /** The application has closed: nobody will read. */
  #orphan = false;
  /** A blocking connect(2) lets go of the socket. */
  #heldUntil: Micros = 0;

  constructor(
    settings: TcpSettings,
    local: Endpoint,
    remote: Endpoint,
    owner: string,
    trace: TraceId,
    gone: () => void,
  ) {
    this.#settings = settings;
    this.local = local;
    this.remote = remote;
    this.owner = owner;
    this.#trace = trace;
    this.#gone = gone;
    this.#inbox = new Inbox(settings.simulation);
    this.established = new Inbox(settings.simulation);
    this.#sendNext = settings.ports.integer(0x7fffffff);
    const now = () => settings.simulation.now;
    const after = (delay: Micros, action: () => void) =>
      settings.simulation.at(timerExpiry(settings.simulation.now, delay), action);
    this.#queue = new SendQueue({
      sysctls: settings.sysctls,
      now,
      after,
      phase: () => this.#phase(),
      largest: () => this.#segmentSize(),
      emit: (segment) => this.#emit(segment, false),
      gaveUp: (about) => this.#fail('ETIMEDOUT', about),
    });
    const dialogueAfter = settings.rules.tcpDialogueAfter;
    this.#acknowledgements = new Acknowledgements({ now, after, send: () => this.#acknowledge(), dialogueAfter });
  }

  get state(): 'established' | 'closed' {
    return this.#state === 'ESTABLISHED' || this.#state === 'CLOSE_WAIT' ? 'established' : 'closed';
  }

  get inTimeWait(): boolean {
    return this.#state === 'TIME_WAIT';
  }

  /** `blocking`: the call waits without end, and holds the socket while its SYN is on the way. */
  connect(blocking: boolean): void {
    this.#state = 'SYN_SENT';
    if (blocking) this.#heldUntil = this.#settings.simulation.now + insideTheMachine;
    this.#push({ length: 0, payloads: [], syn: true, fin: false, trace: this.#trace });
  }

  /** Answers a SYN that came in for a listener. */
  accept(syn: TcpPacket, listener: { established(connection: TcpEndpoint): void }): void {
    this.#listener = listener;
    this.#state = 'SYN_RECV';
    this.#receiveNext = syn.sequence + 1;
    this.#peerMss = syn.mss ?? this.#peerMss;
    this.#push({ length: 0, payloads: [], syn: true, fin: false, trace: this.#trace });
  }

  send(payload: Payload, trace: TraceId): SocketError | undefined {
    if (this.#failure !== undefined) return this.#failure;
    if (this.state === 'closed') return new SocketError('ECONNRESET', this.#trace);
    this.#trace = trace;
    const segmentSize = this.#segmentSize();
    this.#settings.together(() => {
      for (let left = payload.size; left > 0; left -= segmentSize) {
        const length = Math.min(left, segmentSize);
        this.#push({ length, payloads: left === length ? [payload] : [], syn: false, fin: false, trace });
      }
    });
    return undefined;
  }

  *receive(deadline: Micros): Process<Arrival | EndOfStream | SocketError | TimedOut> {
    if (this.#inbox.length === 0) {
      if (this.#failure !== undefined) return this.#failure;
      if (this.#peerClosed) return { end: true };
    }
    return yield* this.#inbox.receive(deadline);
  }

  close(): void {
    if (this.#orphan) return;
    this.#orphan = true;
    const opening = this.#state === 'SYN_RECV' || this.#state === 'SYN_SENT';
    if (opening || (this.#inbox.length > 0 && !this.#onlyEnd())) this.abort();
    else this.shutdown();
  }

  shutdown(): void {
    if (this.#state === 'ESTABLISHED') this.#state = 'FIN_WAIT1';
    else if (this.#state === 'CLOSE_WAIT') this.#state = 'LAST_ACK';
    else return;
    this.#push({ length: 0, payloads: [], syn: false, fin: true, trace: this.#trace });
  }

  abort(): void {
    this.#orphan = true;
    const speaking = this.#state !== 'CLOSED' && this.#state !== 'SYN_SENT' && this.#state !== 'TIME_WAIT';
    this.#end();
    if (speaking)
      this.#emit(
        { sequence: this.#sendNext, length: 0, payloads: [], syn: false, fin: false, trace: this.#trace },
        true,
      );
  }

  /** Goes without a word, as a socket closed during its handshake does. */
  forget(): void {
    this.#end();
  }

  /**
   * An error of the way ends a handshake; later it is only remembered, but for what fits into a packet. So it is when it
   * is back before connect(2) has let go of the socket: the next SYN brings another (tcp_v4_err; path-tcp-reset-by-rule).
   */
  icmp(error: Errno, about: TraceId): void {
    if (error === 'EMSGSIZE') this.#queue.cut(this.#segmentSize());
    else if (this.#state === 'SYN_SENT' && this.#settings.simulation.now >= this.#heldUntil) this.#fail(error, about);
  }

  arrive(packet: TcpPacket): void {
    if (packet.rst) {
      this.#reset(packet);
      return;
    }
    if (packet.length > 0) this.#record(packet);
    if (this.#state === 'SYN_SENT') {
      this.#answered(packet);
      return;
    }
    if (packet.syn) {
      // Before the handshake is over a SYN that comes again gets the same answer (tcp_check_req), later an ACK.
      if (this.#state === 'SYN_RECV') this.#queue.again();
      else this.#acknowledge();
      return;
    }
    if (packet.ack) this.#acknowledged(packet.acknowledgement);
    if (this.#state === 'SYN_RECV' && packet.ack) this.#opened();
    this.#take(packet);
    this.#queue.release();
    this.#acknowledgements.settle();
  }

  /** SYN-ACK for our SYN. */
  #answered(packet: TcpPacket): void {
    if (!packet.syn || !packet.ack) return;
    this.#receiveNext = packet.sequence + 1;
    this.#peerMss = packet.mss ?? this.#peerMss;
    this.#acknowledged(packet.acknowledgement);
    this.#state = 'ESTABLISHED';
    this.#acknowledge();
    this.established.put('established');
  }

  #opened(): void {
    this.#state = 'ESTABLISHED';
    this.#listener?.established(this);
    this.#listener = undefined;
  }

  #reset(packet: TcpPacket): void {
    if (this.#state === 'SYN_SENT' && !packet.ack) return;
    this.#fail(this.#state === 'SYN_SENT' ? 'ECONNREFUSED' : 'ECONNRESET', packet.trace);
  }

  #acknowledged(upTo: number): void {
    if (!this.#queue.acknowledge(upTo).ended) return;
    if (this.#state === 'FIN_WAIT1') this.#waitForEnd();
    else if (this.#state === 'CLOSING') this.#rest();
    else if (this.#state === 'LAST_ACK') this.#end();
  }

  #waitForEnd(): void {
    this.#state = 'FIN_WAIT2';
    if (this.#orphan)
      this.#settings.simulation.after(finWait, () => {
        if (this.#state === 'FIN_WAIT2') this.#end();
      });
  }

  /** Data and FIN, if they come in order; what is out of order is answered with where we are. */
  #take(packet: TcpPacket): void {
    const length = span(packet);
    if (length === 0 || this.#state === 'CLOSED') return;
    if (packet.sequence !== this.#receiveNext) {
      this.#acknowledgements.disturbed();
      return;
    }
    this.#receiveNext += length;
    if (packet.length > 0 && this.#orphan) {
      this.abort();
      return;
    }
    for (const payload of packet.payloads) this.#inbox.put({ payload, trace: packet.trace });
    if (packet.length > 0) this.#acknowledgements.received();
    if (packet.fin) this.#finished();
  }

  #finished(): void {
    this.#peerClosed = true;
    this.#inbox.put({ end: true });
    if (this.#state === 'ESTABLISHED') {
      this.#state = 'CLOSE_WAIT';
      this.#acknowledgements.receivedEnd();
      return;
    }
    this.#acknowledge();
    if (this.#state === 'FIN_WAIT1') this.#state = 'CLOSING';
    else if (this.#state === 'FIN_WAIT2') this.#rest();
  }

  #rest(): void {
    this.#state = 'TIME_WAIT';
    this.#settings.simulation.after(timeWait, () => this.#end());
  }

  #fail(error: Errno, about: TraceId): void {
    const handshake = this.#state === 'SYN_SENT';
    this.#failure = new SocketError(error, about);
    this.#settings.simulation.recorder.write(socketError, this.#settings.host, about, error, {
      owner: this.owner,
      local: formatEndpoint(this.local),
      peer: formatEndpoint(this.remote),
      seen: true,
    });
    this.#end();
    if (handshake) this.established.put(this.#failure);
    else this.#inbox.put(this.#failure);
  }

  #end(): void {
    this.#state = 'CLOSED';
    this.#queue.clear();
    this.#acknowledgements.cancel();
    this.#gone();
  }

  #push(part: Omit<Segment, 'sequence'>): void {
    const segment = { ...part, sequence: this.#sendNext };
    this.#sendNext += span(segment);
    this.#queue.push(segment);
  }

  #phase(): 'opening' | 'accepting' | 'open' | 'orphan' {
    if (this.#state === 'SYN_SENT') return 'opening';
    if (this.#state === 'SYN_RECV') return 'accepting';
    return this.#orphan ? 'orphan' : 'open';
  }

  #acknowledge(): void {
    this.#emit(
      { sequence: this.#sendNext, length: 0, payloads: [], syn: false, fin: false, trace: this.#trace },
      false,
    );
  }

  #emit(segment: Segment, rst: boolean): void {
    this.#acknowledgements.sent(segment.length > 0);
    this.#settings.stack.send({
      protocol: 'tcp',
      source: this.local.address,
      sourcePort: this.local.port,
      destination: this.remote.address,
      destinationPort: this.remote.port,
      ttl: defaultTtl,
      trace: segment.trace,
      syn: segment.syn,
      ack: this.#receiveNext !== 0,
      fin: segment.fin,
      rst,
      length: segment.length,
      sequence: segment.sequence,
      acknowledgement: this.#receiveNext,
      mss: segment.syn ? this.#mss() : undefined,
      payloads: segment.payloads,
    });
  }

  /** Octets of data in a segment. */
  #segmentSize(): number {
    return Math.min(this.#mss(), this.#peerMss) - timestamps;
  }

  #mss(): number {
    const { address } = this.remote;
    return this.#settings.stack.mtuTowards(address) - ipHeader(address) - tcpHeader;
  }

  #onlyEnd(): boolean {
    return this.#inbox.length === 1 && this.#peerClosed;
  }

  #record(packet: TcpPacket): void {
    const { simulation, host } = this.#settings;
    simulation.recorder.write(packetDelivered, host, packet.trace, '', deliveredFields(this.owner, packet));
  }
}
