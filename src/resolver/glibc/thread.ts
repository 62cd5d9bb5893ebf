import type { Message, Rcode } from '../../dns/message.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import {
  type Arrival,
  type EndOfStream,
  type Errno,
  isSocketError,
  type SocketError,
  type UdpSocket,
} from '../../kernel/socket/socket.ts';
import { parseAddress } from '../../network/address.ts';
import { type DnsPayload, FramedDns } from '../../transport/payload.ts';
import { makeQuery } from '../query-message.ts';
import { callFailed, modeChanged, queryMade, replyCame, waitEnded } from '../records.ts';
import type { ResolvConf } from '../resolv-conf.ts';
import type { GlibcProcess } from './process.ts';

const dnsPort = 53;
/** RESOLV_EDNS_BUFFER_SIZE: what `options edns0` offers. */
const offeredSize = 1200;

/** A query of the pair: its id stays the same in every try, at every server. */
export interface Query {
  readonly payload: DnsPayload;
  sent: number;
}

/** An open socket with its number in records. */
export interface Channel {
  readonly number: number;
  readonly localPort: number;
  readonly protocol: 'udp' | 'tcp';
  readonly send: (payload: DnsPayload, trace: TraceId) => SocketError | undefined;
}

/** A connected datagram socket to one server. */
export interface Datagrams extends Channel {
  readonly socket: UdpSocket;
}

/** A TCP connection to one server; reads wait for ever. */
export interface Stream extends Channel {
  readonly receive: () => Process<Arrival | EndOfStream | SocketError>;
  readonly close: () => void;
}

/** What one thread keeps between its calls: `_res` with the sockets of the running exchange. */
export class GlibcThread {
  readonly process: GlibcProcess;
  /** RES_SNGLKUP and RES_SNGLKUPREOP: from resolv.conf, or switched on by a pair half of which stayed away. */
  singleRequest = false;
  singleRequestReopen = false;
  /** errno of the exchange that ended last; undefined: 0. */
  errno: Errno | undefined;
  /** The rcode in the buffer for the first reply, wherever that reply came from. */
  firstBuffer: Rcode = 'NOERROR';
  #conf: ResolvConf | undefined;
  readonly #open = new Map<number, Datagrams>();

  constructor(process: GlibcProcess) {
    this.process = process;
  }

  get conf(): ResolvConf {
    return this.process.conf;
  }

  /** Takes up a resolv.conf that changed since this thread's last call; what a timed-out pair had switched on is forgotten. */
  refresh(): void {
    if (this.#conf === this.conf) return;
    this.#conf = this.conf;
    this.singleRequest = this.conf.flags.has('single-request');
    this.singleRequestReopen = this.conf.flags.has('single-request-reopen');
  }

  newQuery(name: string, type: string): Query {
    const payload = makeQuery({
      id: this.process.random.integer(65_536),
      name,
      type,
      ad: this.conf.flags.has('trust-ad'),
      ...(this.conf.flags.has('edns0') && { udpSize: offeredSize }),
    });
    return { payload, sent: 0 };
  }

  serverAt(index: number): { readonly address: number; readonly port: number } | undefined {
    const address = parseAddress(this.conf.nameservers[index] ?? '');
    return address === undefined ? undefined : { address, port: dnsPort };
  }

  /** The socket to a server: `reopen` of res_send.c. It is connected and told of every ICMP error. */
  openTo(index: number, trace: TraceId): Datagrams | SocketError {
    const open = this.#open.get(index);
    if (open !== undefined) return open;
    const peer = this.serverAt(index);
    const socket = this.process.sockets.udp({ owner: this.process.name, receiveErrors: true });
    if (isSocketError(socket)) return this.noteFailure(index, 'udp', socket, trace);
    const failure = peer === undefined ? unreachable : socket.connect(peer);
    if (failure !== undefined) {
      socket.close();
      return this.noteFailure(index, 'udp', failure, trace);
    }
    const send: Channel['send'] = (payload, sendTrace) => socket.send(payload, sendTrace);
    const channel: Datagrams = {
      number: this.process.numberSocket(),
      localPort: socket.local.port,
      protocol: 'udp',
      send,
      socket,
    };
    this.#open.set(index, channel);
    return channel;
  }

  *connectTo(index: number, trace: TraceId): Process<Stream | SocketError> {
    const peer = this.serverAt(index);
    const options = { owner: this.process.name, trace, deadline: Number.POSITIVE_INFINITY };
    const connected = peer === undefined ? unreachable : yield* this.process.sockets.connect(peer, options);
    if (connected === timedOut) return this.noteFailure(index, 'tcp', { error: 'ETIMEDOUT', about: trace }, trace);
    if (isSocketError(connected)) return this.noteFailure(index, 'tcp', connected, trace);
    return {
      number: this.process.numberSocket(),
      localPort: connected.local.port,
      protocol: 'tcp',
      send: (payload, sendTrace) => connected.send(new FramedDns(payload), sendTrace),
      *receive() {
        const arrived = yield* connected.receive(Number.POSITIVE_INFINITY);
        return arrived === timedOut ? { error: 'ETIMEDOUT', about: trace } : arrived;
      },
      close: () => connected.close(),
    };
  }

  /** `__res_iclose`: the sockets to all servers. */
  closeAll(): void {
    for (const { socket } of this.#open.values()) socket.close();
    this.#open.clear();
  }

  /** Sends, on a strand of its own below the lookup's. */
  send(channel: Channel, index: number, query: Query, lookup: TraceId): SocketError | undefined {
    const { simulation, sockets, name } = this.process;
    const trace = simulation.recorder.trace(lookup);
    simulation.recorder.write(queryMade, sockets.host, trace, '', {
      resolver: name,
      ...this.#columns(channel, index, query.payload.message),
      localPort: channel.localPort,
      edns: query.payload.message.edns?.udpSize ?? Number.NaN,
      retransmission: query.sent++ > 0,
    });
    const failure = channel.send(query.payload, trace);
    return failure === undefined ? undefined : this.noteFailure(index, channel.protocol, failure, trace);
  }

  noteReply(channel: Channel, index: number, message: Message, trace: TraceId, cause: string): void {
    const { simulation, sockets, name } = this.process;
    simulation.recorder.write(replyCame, sockets.host, trace, cause, {
      resolver: name,
      ...this.#columns(channel, index, message),
      rcode: message.rcode,
      answers: message.answer.length,
    });
  }

  noteTimeout(index: number, waited: number, trace: TraceId): void {
    const { simulation, sockets, name } = this.process;
    const server = this.conf.nameservers[index] ?? '';
    simulation.recorder.write(waitEnded, sockets.host, trace, '', { resolver: name, server, waited });
  }

  noteMode(index: number, mode: string, trace: TraceId): void {
    const { simulation, sockets, name } = this.process;
    const server = this.conf.nameservers[index] ?? '';
    simulation.recorder.write(modeChanged, sockets.host, trace, mode, { resolver: name, server });
  }

  noteFailure(index: number, protocol: string, failure: SocketError, trace: TraceId): SocketError {
    const { simulation, sockets, name } = this.process;
    const server = this.conf.nameservers[index] ?? '';
    simulation.recorder.write(callFailed, sockets.host, trace, failure.error, { resolver: name, server, protocol });
    return failure;
  }

  #columns(channel: Channel, index: number, message: Message) {
    return {
      server: this.conf.nameservers[index] ?? '',
      protocol: channel.protocol,
      name: message.question[0]?.name ?? '',
      type: message.question[0]?.type ?? '',
      id: message.id,
      socket: channel.number,
    };
  }
}

/** An IPv6 server on a host without IPv6. */
const unreachable: SocketError = { error: 'ENETUNREACH', about: 0 };
