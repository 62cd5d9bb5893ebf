import { query as makeQuery } from '../../../src/dns/build.ts';
import type { Edns, Message } from '../../../src/dns/message.ts';
import { sameName } from '../../../src/dns/name.ts';
import { type ResourceRecord, typeOf } from '../../../src/dns/record.ts';
import { flagsOf, formatData } from '../../../src/dns/text.ts';
import { nothingToDisarm, type Process, sleepUntil, timedOut, waitFor } from '../../../src/engine/process.ts';
import { noTrace } from '../../../src/engine/recorder.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds, type Micros, toSeconds } from '../../../src/engine/time.ts';
import { type Errno, isSocketError, type Sockets, type TcpConnection } from '../../../src/kernel/socket/socket.ts';
import { parseAddress } from '../../../src/network/address.ts';
import type { Address, Endpoint } from '../../../src/network/packet.ts';
import { encode, frame } from '../../../src/transport/decode.ts';
import { receiveTcp, receiveUdp } from '../../../src/transport/exchange.ts';
import type { Query, Session } from './recording.ts';

/** The recorder's client: asks as dnspython does, and shows what came in the recording's words. */
export class Client {
  readonly #simulation: Simulation;
  readonly #sockets: Sockets;
  readonly #brief: boolean;
  readonly #errorName: (errno: Errno) => string;
  #id = 0;

  constructor(
    simulation: Simulation,
    sockets: Sockets,
    brief: boolean,
    errorName: (errno: Errno) => string = pythonError,
  ) {
    this.#simulation = simulation;
    this.#sockets = sockets;
    this.#brief = brief;
    this.#errorName = errorName;
  }

  /** One query; the reply as a recording has it, without its step and time. */
  *ask(query: Query, to: Endpoint): Process<Record<string, unknown>> {
    const start = this.#simulation.now;
    const deadline = start + fromSeconds(query.timeout);
    const got = yield* query.proto === 'tcp' ? this.#askTcp(query, to, deadline) : this.#askUdp(query, to, deadline);
    if (got === timedOut) return { timeout: query.timeout };
    const latency = toSeconds(this.#simulation.now - start);
    if (typeof got === 'string') return { error: got, latency };
    const shown = { latency, ...this.#show(got.message), wire: got.size };
    const repeats = query.on_tc === 'tcp' && got.message.flags.tc && query.proto === 'udp';
    return repeats ? { ...shown, tcp: yield* this.ask({ ...query, proto: 'tcp' }, to) } : shown;
  }

  *#askUdp(query: Query, to: Endpoint, deadline: Micros) {
    const socket = this.#sockets.udp({ owner: 'client', bind: { address: address(query.from), port: query.sport } });
    if (isSocketError(socket)) return this.#errorName(socket.error);
    const failed = socket.connect(to) ?? socket.send(encode(this.#message(query), plain), this.#trace());
    const got = failed ?? (yield* receiveUdp(socket, deadline));
    socket.close();
    if (got === timedOut) return timedOut;
    if (isSocketError(got)) return this.#errorName(got.error);
    return 'message' in got ? got : 'DNSException';
  }

  *#askTcp(query: Query, to: Endpoint, deadline: Micros) {
    const connection = yield* this.#connect(query.from, to, deadline);
    if (connection === timedOut || typeof connection === 'string') return connection;
    const failed = connection.send(frame(this.#message(query), plain), this.#trace());
    const got = failed ?? (yield* receiveTcp(connection, deadline));
    connection.close();
    if (got === timedOut) return timedOut;
    if (isSocketError(got)) return this.#errorName(got.error);
    if ('closed' in got) return 'IncompleteReadError';
    return 'message' in got ? got : 'DNSException';
  }

  *#connect(from: string, to: Endpoint, deadline: Micros) {
    const bind = { address: address(from), port: 0 };
    const connection = yield* this.#sockets.connect(to, { owner: 'client', trace: this.#trace(), deadline, bind });
    return connection !== timedOut && isSocketError(connection) ? this.#errorName(connection.error) : connection;
  }

  /** One TCP connection: queries at their times, and when the server closes it. */
  *converse(session: Session, to: Endpoint): Process<Record<string, unknown>> {
    const start = this.#simulation.now;
    const end = start + fromSeconds(session.wait);
    const connection = yield* this.#connect('10.9.0.1', to, end);
    if (connection === timedOut || typeof connection === 'string') return { error: connection };
    const heard = new Heard(this.#simulation, connection, start);
    const reader = this.#simulation.spawn(heard.listen(end));
    let sent = 0;
    for (const { at, query, count } of session.send) {
      yield* sleepUntil(this.#simulation, start + fromSeconds(at));
      for (let k = 0; k < count && heard.closed === undefined; k++) {
        const message = { ...this.#message(query), id: 1000 + sent };
        if (connection.send(frame(message, plain), this.#trace()) !== undefined) break;
        sent++;
        while (session.lockstep && heard.replies.length < sent && heard.closed === undefined) {
          yield* heard.next();
        }
      }
    }
    yield* reader.join(end);
    connection.close();
    const { replies, closed, how } = heard;
    const kept = session.keep / 2;
    const few = replies.length <= session.keep ? replies : [...replies.slice(0, kept), ...replies.slice(-kept)];
    const ending = closed === undefined ? { open_at: toSeconds(this.#simulation.now - start) } : { closed, how };
    return { ...ending, sent, replied: replies.length, replies: few };
  }

  #trace() {
    return this.#simulation.recorder.trace(noTrace);
  }

  #message(query: Query): Message {
    const { name, type, rd, ad, cd } = query;
    const edns = ednsOf(query);
    const question = { name: name.endsWith('.') ? name : `${name}.`, type, class: query.class };
    this.#id = (this.#id + 1) & 0xffff;
    return makeQuery(this.#id, question, { flags: { rd, ad, cd }, ...(edns !== undefined && { edns }) });
  }

  #show(message: Message): Record<string, unknown> {
    const [question] = message.question;
    const asked = question !== undefined && question.name !== question.name.toLowerCase();
    const { answer, authority, additional } = message;
    return {
      rcode: message.rcode,
      ...(asked && { question: question.name }),
      flags: flagsOf(message),
      ...(this.#brief
        ? { answers: answer.length, authorities: authority.length, additionals: additional.length }
        : { answer: shownRecords(answer), authority: shownRecords(authority), additional: shownRecords(additional) }),
      edns: message.edns?.udpSize ?? null,
    };
  }
}

/** What comes over a session's connection. */
class Heard {
  readonly replies: Record<string, unknown>[] = [];
  closed: number | undefined;
  how: string | undefined;
  readonly #simulation: Simulation;
  readonly #connection: TcpConnection;
  readonly #start: Micros;
  #wake: (() => void)[] = [];

  constructor(simulation: Simulation, connection: TcpConnection, start: Micros) {
    this.#simulation = simulation;
    this.#connection = connection;
    this.#start = start;
  }

  *listen(end: Micros): Process {
    for (;;) {
      const got = yield* receiveTcp(this.#connection, end);
      if (got === timedOut) return;
      const t = toSeconds(this.#simulation.now - this.#start);
      if (isSocketError(got) || 'closed' in got) {
        this.closed = t;
        this.how = isSocketError(got) ? pythonError(got.error) : 'eof';
      } else if ('message' in got) {
        const { message, size } = got;
        const name = message.question[0]?.name ?? '';
        const answers = message.answer.length;
        this.replies.push({ n: message.id - 1000, t, name, rcode: message.rcode, answers, wire: size });
      }
      for (const wake of this.#wake.splice(0)) wake();
      if (this.closed !== undefined) return;
    }
  }

  /** Until something more has come. */
  *next(): Process {
    yield* waitFor<void>((wake) => {
      this.#wake.push(wake);
      return nothingToDisarm;
    });
  }
}

const plain = { compress: false };

function ednsOf(query: Query): Edns | undefined {
  const wanted = query.edns !== undefined || query.do === true || query.edns_version !== undefined;
  if (!wanted && query.options.length === 0) return undefined;
  const options = query.options.map(([code, hex]) => ({ code, octets: Uint8Array.from(Buffer.from(hex, 'hex')) }));
  return { udpSize: query.edns ?? 1232, do: query.do === true, version: query.edns_version ?? 0, options };
}

/** Records as dnspython lists them: those of one RRset together, with its lowest TTL, none twice. */
const single: readonly string[] = ['SOA', 'CNAME', 'DNAME'];

export function shownRecords(records: readonly ResourceRecord[]): string[] {
  const sets: { first: ResourceRecord; ttl: number; data: Set<string> }[] = [];
  for (const record of records) {
    const same = ({ first }: { first: ResourceRecord }) =>
      sameName(first.name, record.name) && first.class === record.class && typeOf(first) === typeOf(record);
    const set = sets.find(same);
    const data = formatData(record.data);
    if (set === undefined) sets.push({ first: record, ttl: record.ttl, data: new Set([data]) });
    else {
      set.ttl = Math.min(set.ttl, record.ttl);
      if (single.includes(typeOf(record))) set.data.clear();
      set.data.add(data);
    }
  }
  return sets.flatMap(({ first, ttl, data }) =>
    [...data].map((text) => `${first.name} ${ttl} ${first.class} ${typeOf(first)} ${text}`),
  );
}

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new Error(`the client's address ${text} is not modelled`);
  return parsed;
}

/** The exception's name in Python. */
export function pythonError(errno: string): string {
  if (errno === 'ECONNREFUSED') return 'ConnectionRefusedError';
  return errno === 'ECONNRESET' ? 'ConnectionResetError' : 'OSError';
}
