import type { Simulation } from '../../engine/simulation.ts';
import { isSocketError, type Sockets } from '../../kernel/socket/socket.ts';
import { isLoopback, isUnspecified, parseAddress } from '../../network/address.ts';
import { errnoText } from '../../transport/errno-text.ts';
import { type HttpReply, serveHttp } from '../../transport/http.ts';
import type { HttpServing } from '../plugin.ts';

type Respond = (path: string) => HttpReply | undefined;

const notFound: HttpReply = { status: 404, body: '404 page not found\n' };

interface Listening {
  readonly port: number;
  readonly respond: (path: string) => HttpReply;
  close(): void;
}

/** The HTTP listeners of a process (health, ready, prometheus). */
export class HttpListeners {
  readonly #simulation: Simulation;
  readonly #sockets: Sockets;
  readonly #owner: string;
  #listening: readonly Listening[] = [];

  constructor(simulation: Simulation, sockets: Sockets, owner: string) {
    this.#simulation = simulation;
    this.#sockets = sockets;
    this.#owner = owner;
  }

  /** Listens at `host:port`; SO_REUSEPORT: several may. The error is Go's text. */
  listen(address: string, respond: Respond): HttpServing | { readonly error: string } {
    const [, host = '', word = ''] = /^(.*):([^:]*)$/.exec(address) ?? [];
    const port = word === 'http' ? 80 : Number(word);
    if (port > 65_535) return { error: `listen tcp: address ${word}: invalid port` };
    if (!Number.isInteger(port) || word === '') return { error: `listen tcp: lookup tcp/${word}: unknown port` };
    const ip = parseAddress(host.replace(/^\[(.*)\]$/, '$1'));
    if (ip !== undefined && !isUnspecified(ip) && !isLoopback(ip) && !this.#sockets.owns(ip)) {
      return { error: `listen tcp ${address}: bind: cannot assign requested address` };
    }
    const answer = (path: string) => respond(path) ?? notFound;
    const local = { address: ip ?? 0n, port };
    const site = { simulation: this.#simulation, sockets: this.#sockets, local, owner: this.#owner };
    const serving = serveHttp(site, answer);
    if (isSocketError(serving)) return { error: `listen tcp ${address}: bind: ${errnoText(serving.error)}` };
    const listening: Listening = {
      port,
      respond: answer,
      close: () => {
        serving.close();
        this.#listening = this.#listening.filter((one) => one !== listening);
      },
    };
    this.#listening = [...this.#listening, listening];
    return listening;
  }

  /** What a GET would bring, without packets; undefined: nobody listens there (connection refused). */
  get(path: string, port: number): HttpReply | undefined {
    const listening = this.#listening.find((one) => one.port === port);
    if (listening === undefined) return undefined;
    return listening.respond(path);
  }

  closeAll(): void {
    for (const listening of this.#listening) listening.close();
  }
}
