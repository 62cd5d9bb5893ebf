import { type Process, timedOut } from '../../../../src/engine/process.ts';
import type { Simulation } from '../../../../src/engine/simulation.ts';
import { fromSeconds, minute } from '../../../../src/engine/time.ts';
import type { Host } from '../../../../src/kernel/host.ts';
import {
  type Datagram,
  type Errno,
  isSocketError,
  type SocketError,
  type TcpConnection,
  type TcpListener,
  type UdpSocket,
} from '../../../../src/kernel/socket/socket.ts';
import { formatAddress, parseAddress } from '../../../../src/network/address.ts';
import type { Address, Endpoint, Payload } from '../../../../src/network/packet.ts';
import {
  blockingError,
  Class,
  Dictionary,
  display,
  Instance,
  List,
  Native,
  NotUnderstood,
  osFailure,
  type PythonError,
  raised,
  Tuple,
  timeoutError,
  truth,
  type Value,
} from '../python/values.ts';

/** Numbers and texts of `errno` (asm-generic/errno.h, glibc's strerror). */
const errors: Readonly<Record<Errno, readonly [number, string]>> = {
  EPERM: [1, 'Operation not permitted'],
  EACCES: [13, 'Permission denied'],
  EINVAL: [22, 'Invalid argument'],
  EPIPE: [32, 'Broken pipe'],
  EMSGSIZE: [90, 'Message too long'],
  ENOPROTOOPT: [92, 'Protocol not available'],
  EADDRINUSE: [98, 'Address already in use'],
  EADDRNOTAVAIL: [99, 'Cannot assign requested address'],
  ENETUNREACH: [101, 'Network is unreachable'],
  ECONNRESET: [104, 'Connection reset by peer'],
  ETIMEDOUT: [110, 'Connection timed out'],
  ECONNREFUSED: [111, 'Connection refused'],
  EHOSTUNREACH: [113, 'No route to host'],
};

export function failure({ error }: SocketError): PythonError {
  const [number, text] = errors[error];
  return osFailure(number, text);
}

/** The module `errno`. */
export const errnoModule: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...Object.entries(errors).map(([name, [number]]): [string, Value] => [name, number]),
  ['EAGAIN', 11],
  ['errorcode', new Dictionary(Object.entries(errors).map(([name, [number]]) => [number, name]))],
]);

const again = () => osFailure(11, 'Resource temporarily unavailable', blockingError);

/** MSG_ERRQUEUE. */
const errorQueue = 0x2000;

/** Octets on their way. */
interface Octets extends Payload {
  readonly octets: Uint8Array;
}

const isOctets = (payload: Payload): payload is Octets => 'octets' in payload;

const socketClass = new Class('socket');

export interface SocketWorld {
  readonly simulation: Simulation;
  /** The port that the kernel chose in reality for whoever asks next. */
  readonly chosenPort: () => number;
}

/** What sockets of both kinds have: an address, a time-out, options. */
export abstract class ScriptSocket extends Instance {
  readonly world: SocketWorld;
  readonly host: Host;
  readonly isStream: boolean;
  bound: { address: Address; port: number } = { address: 0, port: 0 };
  /** Seconds; null waits for ever. */
  timeout: number | null = null;
  protected lingersNot = false;

  constructor(world: SocketWorld, host: Host, isStream: boolean) {
    super(socketClass);
    this.world = world;
    this.host = host;
    this.isStream = isStream;
    this.define('settimeout', ([span]) => {
      this.timeout = typeof span === 'number' ? span : null;
      return null;
    });
    this.define('setblocking', ([waits]) => {
      this.timeout = truth(waits ?? null) ? null : 0;
      return null;
    });
    this.define('setsockopt', (values) => {
      this.option(values[0], values[1], values[2]);
      return null;
    });
    this.define('getsockopt', () => 0);
    this.define('fileno', () => 3);
    this.define('__enter__', () => this);
    this.define('__exit__', () => {
      this.close();
      return null;
    });
    this.define('close', () => {
      this.close();
      return null;
    });
  }

  abstract close(): void;
  abstract receiveErrors(): void;

  define(name: string, act: (values: readonly Value[]) => Value): void {
    this.attributes.set(
      name,
      // biome-ignore lint/correctness/useYield: some methods wait, this one does not
      new Native(name, function* (values) {
        return act(values);
      }),
    );
  }

  defineWaiting(name: string, act: (values: readonly Value[]) => Process<Value>): void {
    this.attributes.set(name, new Native(name, act));
  }

  get deadline(): number {
    const { now } = this.world.simulation;
    return this.timeout === null ? Number.POSITIVE_INFINITY : now + fromSeconds(this.timeout);
  }

  /** Nothing came in time. */
  late(): PythonError {
    return this.timeout === 0 ? again() : raised(timeoutError, 'timed out');
  }

  trace(): number {
    return this.world.simulation.recorder.trace(0);
  }

  protected option(level: Value | undefined, name: Value | undefined, value: Value | undefined): void {
    const key = `${display(level ?? null)} ${display(name ?? null)}`;
    if (key === '0 11') {
      if (truth(value ?? null)) this.receiveErrors();
      return;
    }
    if (key === '1 13' && value instanceof Uint8Array) {
      this.lingersNot = value[0] === 1 && value.slice(4).every((octet) => octet === 0);
      return;
    }
    // Sizes of buffers, address reuse, which every socket of the harness asks for, and Nagle's rule.
    if (!['1 2', '1 7', '1 8', '1 15', '6 1'].includes(key)) throw new NotUnderstood(`the socket option ${key}`);
  }
}

export function endpointOf(value: Value | undefined): Endpoint {
  const [address, port] = value instanceof Tuple ? value.items : [];
  const parsed = address === '' ? 0 : parseAddress(display(address ?? null));
  if (parsed === undefined || typeof port !== 'number')
    throw new NotUnderstood(`the address ${display(value ?? null)}`);
  return { address: parsed, port };
}

export function addressValue({ address, port }: Endpoint): Tuple {
  return new Tuple([formatAddress(address), port]);
}

/** A datagram socket. */
export class UdpScriptSocket extends ScriptSocket {
  readonly #options: { owner: string; receiveErrors: boolean; reuseAddress: boolean; bind: Endpoint } = {
    owner: 'script',
    receiveErrors: false,
    reuseAddress: true,
    bind: { address: 0, port: 0 },
  };
  #socket: UdpSocket | undefined;
  /** Errors that a call has told and that still wait in the error queue. */
  readonly #told: SocketError[] = [];
  #closed = false;

  constructor(world: SocketWorld, host: Host) {
    super(world, host, false);
    this.define('bind', ([to]) => {
      this.bound = endpointOf(to);
      if (this.bound.port !== 0) this.#open();
      return null;
    });
    this.define('connect', ([to]) => {
      const failed = this.#open().connect(endpointOf(to));
      if (failed !== undefined) throw failure(failed);
      return null;
    });
    this.define('getsockname', () => addressValue(this.#open().local));
    this.define('sendto', (values) => this.#send(values[0], values.at(-1)));
    this.define('send', ([octets]) => this.#send(octets, undefined));
    this.define('sendall', ([octets]) => this.#send(octets, undefined));
    this.defineWaiting('recvfrom', ([most]) => this.#receive(most));
    this.defineWaiting('recv', (values) => this.#receiveOctets(values[0]));
    this.defineWaiting('recvmsg', (values) => this.#receiveMessage(values));
  }

  receiveErrors(): void {
    this.#options.receiveErrors = true;
  }

  close(): void {
    this.#closed = true;
    this.#socket?.close();
  }

  /** Bound at the first use, where the script leaves the port to the kernel. */
  #open(): UdpSocket {
    if (this.#socket !== undefined) return this.#socket;
    const port = this.bound.port || this.world.chosenPort();
    // The kernel's socket keeps these very options, so that they can be set later.
    this.#options.bind = { address: this.bound.address, port };
    const opened = this.host.udp(this.#options);
    if (isSocketError(opened)) throw failure(opened);
    this.#socket = opened;
    return opened;
  }

  #send(octets: Value | undefined, to: Value | undefined): Value {
    if (!(octets instanceof Uint8Array)) throw new NotUnderstood(`a datagram of ${display(octets ?? null)}`);
    if (this.#closed) throw osFailure(9, 'Bad file descriptor');
    const message: Octets = { size: octets.length, octets };
    const failed = this.#open().send(message, this.trace(), to === undefined ? undefined : endpointOf(to));
    if (failed !== undefined) throw failure(failed);
    return octets.length;
  }

  *#take(): Process<Datagram> {
    if (this.#closed) throw osFailure(9, 'Bad file descriptor');
    const got = yield* this.#open().receive(this.deadline);
    if (got === timedOut) throw this.late();
    if (isSocketError(got)) {
      if (this.#options.receiveErrors) this.#told.push(got);
      throw failure(got);
    }
    return got;
  }

  *#receive(most: Value | undefined): Process<Value> {
    const { payload, from } = yield* this.#take();
    const octets = isOctets(payload) ? payload.octets.slice(0, Number(most)) : new Uint8Array();
    return new Tuple([octets, addressValue(from)]);
  }

  /** With MSG_ERRQUEUE what IP_RECVERR has kept: `struct sock_extended_err`, of which the errno is filled in. */
  *#receiveMessage([most, , flags]: readonly Value[]): Process<Value> {
    if (typeof flags !== 'number' || (flags & errorQueue) === 0) {
      const got = yield* this.#receive(most);
      const [octets = null, from = null] = got instanceof Tuple ? got.items : [];
      return new Tuple([octets, new List([]), 0, from]);
    }
    const deadline = this.timeout === null ? this.world.simulation.now : this.deadline;
    const told = this.#told.shift() ?? (yield* this.#open().receive(deadline));
    if (told === timedOut || !isSocketError(told)) throw this.timeout === null ? again() : this.late();
    const kept = Uint8Array.from([errors[told.error][0], 0, 0, 0, 2, 3, 0, 0, ...new Uint8Array(24)]);
    return new Tuple([new Uint8Array(), new List([new Tuple([0, 11, kept])]), errorQueue, new Tuple(['0.0.0.0', 0])]);
  }

  *#receiveOctets(most: Value | undefined): Process<Value> {
    const got = yield* this.#receive(most);
    return got instanceof Tuple ? (got.items[0] ?? null) : null;
  }
}

/** A stream socket: a connection, or a listener. */
export class TcpScriptSocket extends ScriptSocket {
  #connection: TcpConnection | undefined;
  #listener: TcpListener | undefined;
  #opening: { kill(): void } | undefined;
  /** What came and was not read yet. */
  #buffer: Uint8Array = new Uint8Array();
  #ended = false;
  #closed = false;

  constructor(world: SocketWorld, host: Host, connection?: TcpConnection) {
    super(world, host, true);
    this.#connection = connection;
    this.define('bind', ([to]) => {
      this.bound = endpointOf(to);
      return null;
    });
    this.defineWaiting('connect', ([to]) => this.#connect(endpointOf(to)));
    this.defineWaiting('connect_ex', ([to]) => this.#tryConnect(endpointOf(to)));
    this.define('listen', () => this.#listen());
    this.defineWaiting('accept', () => this.#accept());
    this.define('getsockname', () => addressValue(this.#connection?.local ?? this.bound));
    this.define('getpeername', () => addressValue(this.#connection?.remote ?? this.bound));
    this.define('send', ([octets]) => this.#send(octets));
    this.define('sendall', ([octets]) => this.#send(octets));
    this.defineWaiting('recv', ([most]) => this.#receive(Number(most)));
    this.define('shutdown', ([how]) => this.#shutdown(how));
  }

  receiveErrors(): void {
    throw new NotUnderstood('IP_RECVERR of a stream');
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#opening?.kill();
    this.#listener?.close();
    if (this.lingersNot || this.#buffer.length > 0) this.#connection?.abort();
    else this.#connection?.close();
  }

  /** A connection goes on opening after its script has stopped waiting, until the socket is closed. */
  *#connect(remote: Endpoint): Process<Value> {
    const bind = { address: this.bound.address, port: this.bound.port || this.world.chosenPort() };
    this.bound = bind;
    const deadline = this.timeout === null ? Number.POSITIVE_INFINITY : this.world.simulation.now + 60 * minute;
    const options = { owner: 'script', trace: this.trace(), deadline, bind };
    const opening = this.world.simulation.spawn(this.host.connect(remote, options));
    this.#opening = opening;
    const connection = yield* opening.join(this.deadline);
    if (connection === timedOut) throw this.late();
    if (isSocketError(connection)) throw failure(connection);
    this.#connection = connection;
    return null;
  }

  *#tryConnect(remote: Endpoint): Process<Value> {
    try {
      yield* this.#connect(remote);
      return 0;
    } catch (error) {
      if (!(error instanceof Error && 'value' in error && error.value instanceof Instance)) throw error;
      return error.value.attributes.get('errno') ?? 11;
    }
  }

  #listen(): Value {
    const listener = this.host.listen(this.bound, this.host.host);
    if (isSocketError(listener)) throw failure(listener);
    this.#listener = listener;
    return null;
  }

  *#accept(): Process<Value> {
    if (this.#listener === undefined || this.#closed) throw osFailure(22, 'Invalid argument');
    const connection = yield* this.#listener.accept(this.deadline);
    if (connection === timedOut) throw this.late();
    const accepted = new TcpScriptSocket(this.world, this.host, connection);
    return new Tuple([accepted, addressValue(connection.remote)]);
  }

  #send(octets: Value | undefined): Value {
    if (!(octets instanceof Uint8Array)) throw new NotUnderstood(`data of ${display(octets ?? null)}`);
    if (this.#connection === undefined || this.#closed) throw osFailure(32, 'Broken pipe');
    const message: Octets = { size: octets.length, octets };
    const failed = this.#connection.send(message, this.trace());
    if (failed !== undefined) throw failure(failed);
    return octets.length;
  }

  *#receive(most: number): Process<Value> {
    const deadline = this.deadline;
    if (this.#connection === undefined || this.#closed) throw osFailure(9, 'Bad file descriptor');
    while (this.#buffer.length === 0 && !this.#ended) {
      const got = yield* this.#connection.receive(deadline);
      if (got === timedOut) throw this.late();
      if (isSocketError(got)) {
        this.#ended = true;
        throw failure(got);
      }
      if ('end' in got) this.#ended = true;
      else if (isOctets(got.payload)) this.#buffer = Uint8Array.from([...this.#buffer, ...got.payload.octets]);
    }
    const part = this.#buffer.slice(0, most);
    this.#buffer = this.#buffer.slice(part.length);
    return part;
  }

  #shutdown(how: Value | undefined): Value {
    if (this.#listener !== undefined) this.#listener.close();
    else if (how !== 0) this.#connection?.shutdown();
    return null;
  }
}
