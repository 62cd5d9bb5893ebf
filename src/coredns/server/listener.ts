import type { Process } from '../../engine/process.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { isSocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { joinEndpoint, parseAddress } from '../../network/address.ts';
import { errnoText } from '../../transport/errno-text.ts';
import { type Answering, type Serving, serveUdp } from '../../transport/serve.ts';
import { serveTcp } from '../../transport/serve-tcp.ts';
import { inRelease, since } from '../history.ts';
import type { Release } from '../releases.ts';
import type { Server } from './server.ts';

/** UDP stops with TCP, not behind it: corefile-signal-term-in-flight. */
const stopsBothAtOnce = since('1.13.0');

/** All its sockets have SO_REUSEPORT: a bound address and all others go together (corefile-start-bind-mixed-zones). */
const sharing = { reusePort: true };

/** Go listens on :: where no address is given, which hears IPv4 too. */
const anyAddress = 0n;

/** Time that queries in flight get when the process ends. */
const grace = 5 * second;
const look = millisecond;

/** The sockets of one address and port; they outlive the server that answers there. */
export class Listener {
  server: Server;
  readonly #simulation: Simulation;
  readonly #release: Release;
  readonly #udp: Serving;
  readonly #tcp: Serving;

  private constructor(server: Server, udp: Serving, tcp: Serving, simulation: Simulation, release: Release) {
    this.server = server;
    this.#udp = udp;
    this.#tcp = tcp;
    this.#simulation = simulation;
    this.#release = release;
  }

  /** Binds both sockets, or says why not, as Go does. */
  static open(
    server: Server,
    simulation: Simulation,
    sockets: Sockets,
    owner: string,
    release: Release,
  ): Listener | { readonly error: string } {
    const where = joinEndpoint(server.address, server.port);
    if (server.port < 0 || server.port > 65_535) return { error: `address ${server.port}: invalid port` };
    const address = server.address === '' ? anyAddress : parseAddress(server.address);
    if (address === undefined) return { error: `Listen: listen tcp ${where}: bind: cannot assign requested address` };
    const site = { simulation, sockets, local: { address, port: server.port }, owner };
    const answering: Answering = (query) => listener.server.serve(query);
    const tcp = serveTcp(site, answering, { ...sharing, limits: () => listener.server.tcpLimits });
    if (isSocketError(tcp)) return { error: `Listen: listen tcp ${where}: bind: ${errnoText(tcp.error)}` };
    const udp = serveUdp(site, answering, sharing);
    if (isSocketError(udp)) return { error: `Listen: listen udp ${where}: bind: ${errnoText(udp.error)}` };
    const listener: Listener = new Listener(server, udp, tcp, simulation, release);
    return listener;
  }

  get address(): string {
    return joinEndpoint(this.server.address, this.server.port);
  }

  /** Takes no more queries and waits for those in flight, as long as the grace time goes. */
  *stop(): Process {
    const deadline = this.#simulation.now + grace;
    this.#tcp.stopListening();
    if (inRelease(stopsBothAtOnce, this.#release.name)) this.#udp.stopListening();
    yield* this.#drained(this.#tcp, deadline);
    this.#udp.stopListening();
    yield* this.#drained(this.#udp, deadline);
  }

  close(): void {
    this.#tcp.kill();
    this.#udp.kill();
  }

  *#drained(serving: Serving, deadline: number): Process {
    while (serving.inFlight > 0 && this.#simulation.now < deadline) yield look;
  }
}
