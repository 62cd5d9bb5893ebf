// CoreDNS's cache in front of forward, whose upstream answers at once: no network between.

import { SetupError } from '../src/coredns/corefile/dispenser.ts';
import { parseCorefile } from '../src/coredns/corefile/parser.ts';
import { findRelease } from '../src/coredns/releases.ts';
import { buildInstance } from '../src/coredns/server/instance.ts';
import { loneRuntime, noSockets } from '../src/coredns/server/lone-runtime.ts';
import type { Server } from '../src/coredns/server/server.ts';
import { query, replyTo } from '../src/dns/build.ts';
import { Recorder } from '../src/engine/recorder.ts';
import { Simulation } from '../src/engine/simulation.ts';
import { SocketError, type Sockets, type UdpSocket } from '../src/kernel/socket/socket.ts';
import type { Payload } from '../src/network/packet.ts';
import { decode, encode } from '../src/transport/decode.ts';

const client = { address: 0x0a090001, port: 40_000 };
const local = { address: 0x0a09000a, port: 53 };
const upstream = { address: 0x0a090015, port: 53 };
const corefile = '. {\n  cache {\n    success 8000000\n  }\n  forward . 10.9.0.21\n}\n';
const nothing = { read: () => undefined, names: () => [] };

/** A server of one block, and how many names it is asked for in turn. */
export class CachedNames {
  readonly #simulation = new Simulation('bench', new Recorder({ trace: () => {}, write: () => {} }));
  readonly #server: Server;
  readonly #names: number;

  constructor(names: number) {
    this.#names = names;
    this.#server = start(this.#simulation);
  }

  /** So many queries, name after name; the first round fills the cache. */
  ask(count: number): void {
    for (let i = 0; i < count; i++) {
      const message = query(i & 0xffff, { name: `host-${i % this.#names}.example.test.`, type: 'A' });
      this.#simulation.spawn(this.#server.serve({ message, protocol: 'udp', client, local, trace: 0 }));
      if (i % 1000 === 999) this.#simulation.run(this.#simulation.now);
    }
    this.#simulation.run(this.#simulation.now);
  }
}

function start(simulation: Simulation): Server {
  const release = findRelease('1.11.1');
  if (release === undefined) throw new Error('a release is gone');
  const runtime = loneRuntime({ simulation, sockets: answering, owner: 'bench', release, files: nothing });
  const context = { directives: release.plugins, files: nothing, environment: {} };
  const parsed = parseCorefile({ file: 'Corefile', text: corefile }, context, []);
  const built = buildInstance(parsed, runtime, { problems: [], remarks: [], stopAtFirst: true }).next();
  if (built.done !== true || built.value instanceof SetupError) throw new Error('the Corefile does not start');
  const [server] = built.value.servers;
  if (server === undefined) throw new Error('a Corefile without a server');
  return server;
}

/** Sockets whose peer is an upstream that answers each query with one address. */
const answering: Sockets = { ...noSockets, udp: () => new Answering() };

class Answering implements UdpSocket {
  readonly local = local;
  #asked: Payload | undefined;

  connect(): undefined {}

  send(payload: Payload): undefined {
    this.#asked = payload;
  }

  // biome-ignore lint/correctness/useYield: the answer is there at once
  *receive() {
    const asked = this.#asked === undefined ? undefined : decode(this.#asked);
    if (asked === undefined || !('message' in asked)) return new SocketError('EINVAL');
    const name = asked.message.question[0]?.name ?? '.';
    const answer = [{ name, ttl: 3600, class: 'IN', data: { type: 'A', address: '192.0.2.1' } }] as const;
    const payload = encode({ ...replyTo(asked.message), answer }, { compress: true });
    return { from: upstream, to: local, payload, trace: 0 };
  }

  close(): void {}
}

/** A Corefile of so many lines. */
export function longCorefile(lines: number): string {
  const block = (i: number) =>
    `zone-${i}.test:53 {\n    errors\n    cache 30 {\n        success 9984 30\n    }\n    forward . 10.0.0.1 {\n        max_concurrent 1000\n    }\n    loadbalance\n}\n`;
  return Array.from({ length: Math.ceil(lines / 10) }, (_, i) => block(i)).join('');
}

export function parse(text: string): number {
  const context = { directives: findRelease('1.11.1')?.plugins, files: nothing, environment: {} };
  return parseCorefile({ file: 'Corefile', text }, context, []).blocks.length;
}
