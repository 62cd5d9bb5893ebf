import { type Process, sleepUntil, timedOut } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import { isSocketError, type Sockets } from '../kernel/socket/socket.ts';
import { formatEndpoint, parseAddress } from '../network/address.ts';
import type { Endpoint } from '../network/packet.ts';
import type { Resolver } from '../resolver/lookup.ts';
import { cacheHit, cacheStored } from '../resolver/records.ts';
import { createResolver } from '../resolver/resolver.ts';
import { type Call, callsOf, makeCall, type Outcome } from './calls.ts';
import { ownName, type WorkloadDescription } from './description.ts';
import { TextPayload } from './text-payload.ts';

type ConnectionsDescription = WorkloadDescription & { readonly kind: 'connections' };

/** A way to the server, whatever carries it. Both return what went wrong, or nothing. */
interface Connection {
  request(trace: TraceId): Process<string | undefined>;
  close(): void;
}

interface Held {
  readonly connection: Connection;
  readonly address: string;
  readonly since: Micros;
  /** The call that looked the address up. */
  readonly filledBy: TraceId;
}

/** Sends a request at each of its times; a name is looked up only where there is no connection to use. */
export function* connections(simulation: Simulation, sockets: Sockets, description: ConnectionsDescription): Process {
  const client = new Client(simulation, sockets, description);
  for (const call of callsOf(simulation, description)) {
    yield* sleepUntil(simulation, call.at);
    yield* makeCall(simulation, sockets.host, description.name, call, (trace) => client.use(call, trace));
  }
}

class Client {
  readonly #simulation: Simulation;
  readonly #sockets: Sockets;
  readonly #description: ConnectionsDescription;
  readonly #resolver: Resolver;
  #held: Held | undefined;

  constructor(simulation: Simulation, sockets: Sockets, description: ConnectionsDescription) {
    this.#simulation = simulation;
    this.#sockets = sockets;
    this.#description = description;
    this.#resolver = createResolver(simulation, sockets, ownName(description), description.resolver);
  }

  *use(call: Call, trace: TraceId): Process<Outcome> {
    this.#retire();
    if (this.#held === undefined) {
      const failed = yield* this.#open(call, trace);
      if (failed !== undefined) return failed;
    } else this.#noteKept(this.#held, call.lookup, trace);
    const held: Held | undefined = this.#held;
    if (held === undefined) throw new Error('a connection was opened and is not there');
    const error = yield* held.connection.request(trace);
    if (error === undefined) return { result: 'OK', addresses: [held.address], printed: '' };
    held.connection.close();
    this.#held = undefined;
    return { result: error, addresses: [held.address], printed: `${error} ${this.#to(held.address)}` };
  }

  /** A connection that is too old is given up before its next use. */
  #retire(): void {
    const { maxAge = Number.POSITIVE_INFINITY } = this.#description;
    if (this.#held === undefined || this.#simulation.now - this.#held.since < maxAge) return;
    this.#held.connection.close();
    this.#held = undefined;
  }

  /** Looks the name up and connects to its first address; how that failed, where it did. */
  *#open({ lookup: name, family }: Call, trace: TraceId): Process<Outcome | undefined> {
    const found = yield* this.#resolver.lookup({ name, family }, trace);
    const [address] = found.addresses;
    if (found.result !== 'OK' || address === undefined) return found;
    const remote = { address: parseAddress(address) ?? 0, port: this.#description.port };
    const connection = yield* this.#connect(remote, trace);
    if (typeof connection === 'string')
      return { result: connection, addresses: [address], printed: `connect ${connection} ${this.#to(address)}` };
    const since = this.#simulation.now;
    this.#held = { connection, address, since, filledBy: trace };
    this.#simulation.recorder.write(cacheStored, this.#sockets.host, trace, 'positive', {
      ...this.#holding(name, address),
      runsOut: since + (this.#description.maxAge ?? Number.POSITIVE_INFINITY),
    });
    return undefined;
  }

  *#connect(remote: Endpoint, trace: TraceId): Process<Connection | string> {
    const owner = ownName(this.#description);
    const { protocol, timeout } = this.#description;
    if (protocol === 'udp') return udpConnection(this.#sockets, owner, remote);
    const deadline = this.#simulation.now + timeout;
    const connection = yield* this.#sockets.connect(remote, { owner, trace, deadline });
    if (connection === timedOut) return 'ETIMEDOUT';
    if (isSocketError(connection)) return connection.error;
    const simulation = this.#simulation;
    return {
      close: () => connection.close(),
      *request(asked) {
        const failed = connection.send(new TextPayload('request'), asked);
        if (failed !== undefined) return failed.error;
        const reply = yield* connection.receive(simulation.now + timeout);
        if (reply === timedOut) return 'ETIMEDOUT';
        if (isSocketError(reply)) return reply.error;
        return 'end' in reply ? 'ECONNRESET' : undefined;
      },
    };
  }

  #noteKept({ address, since, filledBy }: Held, name: string, trace: TraceId): void {
    this.#simulation.recorder.write(cacheHit, this.#sockets.host, trace, 'fresh', {
      ...this.#holding(name, address),
      storedAt: since,
      runsOut: since + (this.#description.maxAge ?? Number.POSITIVE_INFINITY),
      filledBy,
      recordTtl: Number.NaN,
      expired: false,
    });
  }

  #holding(name: string, addresses: string) {
    const { name: resolver, maxAge } = this.#description;
    const setting =
      maxAge === undefined ? 'a connection that is kept until a request fails' : 'the age that a connection may reach';
    return { resolver, holder: 'the connection', name, addresses, setting };
  }

  #to(address: string): string {
    return formatEndpoint({ address: parseAddress(address) ?? 0, port: this.#description.port });
  }
}

/** A connected socket: what is sent has no answer, an ICMP error comes back with the next call. */
function udpConnection(sockets: Sockets, owner: string, remote: Endpoint): Connection | string {
  const socket = sockets.udp({ owner });
  if (isSocketError(socket)) return socket.error;
  const failed = socket.connect(remote);
  if (failed !== undefined) return failed.error;
  return {
    close: () => socket.close(),
    // biome-ignore lint/correctness/useYield: nothing is waited for
    *request(trace) {
      return socket.send(new TextPayload('message'), trace)?.error;
    },
  };
}
