import { query } from '../../src/dns/build.ts';
import type { Edns, Message } from '../../src/dns/message.ts';
import { absolute } from '../../src/dns/name.ts';
import { flagsOf, formatRecord } from '../../src/dns/text.ts';
import { ColumnStore } from '../../src/engine/columns.ts';
import { type Process, sleepUntil, timedOut } from '../../src/engine/process.ts';
import { noTrace, Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { fromSeconds, toSeconds } from '../../src/engine/time.ts';
import { createHost, type Host } from '../../src/kernel/host.ts';
import { isSocketError } from '../../src/kernel/socket/socket.ts';
import { familyOf, parseAddress } from '../../src/network/address.ts';
import { createNetwork } from '../../src/network/network.ts';
import type { Endpoint } from '../../src/network/packet.ts';
import { exchangeTcp, exchangeUdp } from '../../src/transport/exchange.ts';
import type { ServerSite } from '../../src/transport/serve.ts';

/** A question as recordings have it; seconds. */
export interface Asked {
  readonly name: string;
  readonly type?: string;
  readonly edns?: number;
  readonly proto?: string;
  readonly rd?: boolean;
  readonly timeout?: number;
}

/** A reply as recordings have it, or why there was none. */
export type Seen =
  | { readonly timeout: number }
  | { readonly error: string }
  | {
      readonly latency: number;
      readonly rcode: string;
      readonly flags: readonly string[];
      readonly answer: readonly string[];
      readonly authority: readonly string[];
      readonly additional: readonly string[];
      readonly edns: number | null;
      readonly wire: number;
    };

/** One host that holds all addresses, as in the recorders' namespace; the client asks from 10.9.0.1, or fd00:9::1. */
export interface Lab {
  readonly simulation: Simulation;
  readonly store: ColumnStore;
  readonly host: Host;
  /** Asks port 53 of an address at an instant, in seconds; `see` gets what came. */
  ask(at: number, to: string, asked: Asked, see: (seen: Seen) => void): void;
}

const clientAddresses = { ipv4: '10.9.0.1', ipv6: 'fd00:9::1' } as const;

export function startLab(addresses: readonly string[]): Lab {
  const store = new ColumnStore();
  const simulation = new Simulation('lab', new Recorder(store));
  const host = createHost(simulation, createNetwork(simulation, []), {
    name: 'lab',
    kernel: '6.18',
    forwarding: false,
    interfaces: [{ name: 'lo', addresses: [...Object.values(clientAddresses), ...addresses] }],
    routes: [],
    sysctls: {},
  });
  const ask: Lab['ask'] = (at, to, asked, see) => {
    simulation.spawn(client(simulation, host, at, to, asked, see));
  };
  return { simulation, store, host, ask };
}

/** Where a server of that name listens at port 53. */
export function siteIn(
  { simulation, host }: Pick<Lab, 'simulation' | 'host'>,
  address: string,
  owner: string,
): ServerSite {
  return { simulation, sockets: host, local: endpoint(address), owner };
}

export function endpoint(address: string, port = 53): Endpoint {
  return { address: parseAddress(address) ?? 0, port };
}

function* client(
  simulation: Simulation,
  host: Host,
  at: number,
  to: string,
  asked: Asked,
  see: (seen: Seen) => void,
): Process {
  yield* sleepUntil(simulation, fromSeconds(at));
  const timeout = asked.timeout ?? 8;
  const reply = yield* exchange(simulation, host, endpoint(to), asked, simulation.now + fromSeconds(timeout));
  if (reply === timedOut) see({ timeout });
  else if (isSocketError(reply)) see({ error: reply.error });
  else if ('message' in reply) see(shown(reply.message, toSeconds(simulation.now) - at, reply.size));
  else see({ error: 'unpackError' in reply ? reply.unpackError : 'closed' });
}

function* exchange(simulation: Simulation, host: Host, to: Endpoint, asked: Asked, deadline: number) {
  const { name, type = 'A', edns: udpSize, rd = true } = asked;
  const edns: { edns?: Edns } = udpSize === undefined ? {} : { edns: { udpSize, do: false, version: 0, options: [] } };
  const message = query(1, { name: absolute(name), type }, { ...edns, flags: { rd } });
  const trace = simulation.recorder.trace(noTrace);
  const bind = endpoint(clientAddresses[familyOf(to.address)], 0);
  if (asked.proto === 'tcp') {
    const connection = yield* host.connect(to, { owner: 'client', trace, deadline, bind });
    if (connection === timedOut || isSocketError(connection)) return connection;
    const reply = yield* exchangeTcp(connection, message, trace, deadline);
    connection.close();
    return reply;
  }
  const socket = host.udp({ owner: 'client', bind });
  if (isSocketError(socket)) return socket;
  socket.connect(to);
  const reply = yield* exchangeUdp(socket, message, trace, deadline);
  socket.close();
  return reply;
}

function shown(message: Message, latency: number, wire: number): Seen {
  const { rcode, answer, authority, additional, edns } = message;
  return {
    latency,
    rcode,
    flags: flagsOf(message),
    answer: answer.map(formatRecord),
    authority: authority.map(formatRecord),
    additional: additional.map(formatRecord),
    edns: edns?.udpSize ?? null,
    wire,
  };
}
