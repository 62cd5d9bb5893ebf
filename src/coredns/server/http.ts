import type { Sockets } from '../../kernel/socket/socket.ts';
import { isLoopback, isUnspecified, parseAddress } from '../../network/address.ts';
import type { HttpReply, HttpServing } from '../plugin.ts';

type Respond = (path: string) => HttpReply | undefined;

interface Listening {
  readonly port: number;
  readonly respond: Respond;
}

/** The HTTP listeners of a process (health, ready, prometheus). They are asked directly, not through packets. */
export class HttpListeners {
  readonly #sockets: Sockets;
  #listening: readonly Listening[] = [];

  constructor(sockets: Sockets) {
    this.#sockets = sockets;
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
    const listening = { port, respond };
    this.#listening = [...this.#listening, listening];
    return {
      close: () => {
        this.#listening = this.#listening.filter((one) => one !== listening);
      },
    };
  }

  /** GET; undefined: nobody listens there (connection refused). */
  get(path: string, port: number): HttpReply | undefined {
    const listening = this.#listening.find((one) => one.port === port);
    if (listening === undefined) return undefined;
    return listening.respond(path) ?? { status: 404, body: '404 page not found\n' };
  }

  closeAll(): void {
    this.#listening = [];
  }
}
