import type { Rcode } from '../../dns/message.ts';
import { type Process, timedOut } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Errno, isSocketError, SocketError } from '../../kernel/socket/socket.ts';
import type { Client, Query, TcpChannel, UdpChannel } from '../client.ts';
import type { ResolvConf } from '../resolv-conf.ts';
import type { GlibcProcess } from './process.ts';

/** RESOLV_EDNS_BUFFER_SIZE: what `options edns0` offers. */
const offeredSize = 1200;

/** What one thread keeps between its calls: `_res`, with the sockets of the running exchange. */
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
  /** By the server's index in resolv.conf. */
  readonly #open: (UdpChannel | undefined)[] = [];

  constructor(process: GlibcProcess) {
    this.process = process;
  }

  /** The file as this thread has read it. */
  get conf(): ResolvConf {
    return this.#conf ?? this.process.conf;
  }

  get client(): Client {
    return this.process.client;
  }

  /** Takes up a resolv.conf that changed since this thread's last call (`maybe_init`); what a timed-out pair had switched on is forgotten. */
  refresh(): void {
    if (this.#conf === this.process.conf || (this.#conf !== undefined && !this.#mayReload(this.#conf))) return;
    this.#conf = this.process.conf;
    this.singleRequest = this.conf.flags.has('single-request');
    this.singleRequestReopen = this.conf.flags.has('single-request-reopen');
  }

  #mayReload({ flags }: ResolvConf): boolean {
    const { reloads, fallbackStopsReload } = this.process.release;
    const hasFallen =
      this.singleRequest !== flags.has('single-request') ||
      this.singleRequestReopen !== flags.has('single-request-reopen');
    return reloads && !flags.has('no-reload') && !(hasFallen && fallbackStopsReload);
  }

  newQuery(name: string, type: string): Query {
    const { flags } = this.conf;
    const ad = flags.has('trust-ad');
    return this.client.query(flags.has('edns0') ? { name, type, ad, udpSize: offeredSize } : { name, type, ad });
  }

  /** Without EDNS, whatever the options say. */
  newPlainQuery(name: string, type: string): Query {
    return this.client.query({ name, type, ad: this.conf.flags.has('trust-ad') });
  }

  serverAt(index: number): string {
    return this.conf.nameservers[index] ?? '';
  }

  /** The socket to a server: `reopen` of res_send.c. It is connected and told of every ICMP error. */
  openTo(index: number, trace: TraceId): UdpChannel | SocketError {
    const open = this.#open[index];
    if (open !== undefined) return open;
    const channel = this.client.udp({ receiveErrors: true });
    if (isSocketError(channel)) return channel;
    const failure = channel.connect(this.serverAt(index), trace);
    if (failure !== undefined) return failure;
    this.#open[index] = channel;
    return channel;
  }

  /** A TCP connection, for which nobody but the kernel gives up. */
  *connectTo(index: number, trace: TraceId): Process<TcpChannel | SocketError> {
    const connected = yield* this.client.tcp(this.serverAt(index), trace, Number.POSITIVE_INFINITY);
    return connected === timedOut ? new SocketError('ETIMEDOUT', trace) : connected;
  }

  /** `__res_iclose`: the sockets to all servers. */
  closeAll(): void {
    for (const channel of this.#open) channel?.close();
    this.#open.length = 0;
  }
}
