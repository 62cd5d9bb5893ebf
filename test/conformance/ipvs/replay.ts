import { ColumnStore } from '../../../src/engine/columns.ts';
import { type Process, timedOut } from '../../../src/engine/process.ts';
import { Recorder } from '../../../src/engine/recorder.ts';
import { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds, second } from '../../../src/engine/time.ts';
import { entryFields, listLine } from '../../../src/kernel/conntrack/entry.ts';
import { createHost, type Host } from '../../../src/kernel/host.ts';
import { isSocketError, type TcpConnection, type UdpSocket } from '../../../src/kernel/socket/socket.ts';
import { parseEndpoint } from '../../../src/network/address.ts';
import { createNetwork, type Network } from '../../../src/network/network.ts';
import type { Endpoint, Payload } from '../../../src/network/packet.ts';
import type { Recording, Step } from './recording.ts';

interface Text extends Payload {
  readonly text: string;
}

const textOf = (payload: Payload): string =>
  'text' in payload && typeof payload.text === 'string' ? payload.text : '';
const say = (text: string): Text => ({ size: text.length, text });
const endpoint = (text: string): Endpoint => {
  const found = parseEndpoint(text);
  if (found === undefined) throw new Error(`not an end point: ${text}`);
  return found;
};

/** Does what a recording did, and tells what each step of it came to. */
export class Replay {
  readonly #simulation = new Simulation('1', new Recorder(new ColumnStore()));
  readonly #hosts: ReadonlyMap<string, Host>;
  readonly #servers = new Map<string, UdpSocket>();
  readonly #udp = new Map<string, UdpSocket>();
  readonly #tcp = new Map<string, TcpConnection>();
  readonly #got = new Map<Step, string>();

  constructor({ kernel, world }: Recording) {
    const quality = { latency: 0, jitter: 0, loss: 0 };
    const network = createNetwork(
      this.#simulation,
      Object.keys(world.pods).map((name) => ({ name, quality, pairs: [] })),
    );
    this.#hosts = new Map([
      ['node', this.#node(network, kernel, world)],
      ...Object.entries(world.pods).map(([pod, address]) => [pod, this.#pod(network, kernel, pod, address)] as const),
    ]);
    for (const pod of ['b1', 'b2', 'b3']) this.#serve(pod);
  }

  /** What each query, connect and looking command came to, in the order of the steps. */
  run(steps: readonly Step[]): (string | undefined)[] {
    for (const step of steps) this.#simulation.at(fromSeconds(step.t), () => this.#take(step));
    this.#simulation.run(fromSeconds((steps.at(-1)?.t ?? 0) + 10));
    return steps.map((step) => this.#got.get(step));
  }

  #node(network: Network, kernel: string, { vip, pods, rules }: Recording['world']): Host {
    const names = Object.keys(pods);
    const host = createHost(this.#simulation, network, {
      name: 'node',
      kernel,
      forwarding: true,
      interfaces: [
        ...names.map((pod) => ({ name: `v-${pod}`, segment: pod, addresses: ['10.244.0.1/32'] })),
        { name: 'kube-ipvs0', addresses: [`${vip}/32`] },
      ],
      routes: names.map((pod) => ({ to: `${pods[pod]}/32`, kind: 'unicast', device: `v-${pod}` })),
      iptables: `${rules.join('\n')}\n`,
      sysctls: { 'net.ipv4.vs.conntrack': 1 },
    });
    return host;
  }

  #pod(network: Network, kernel: string, name: string, address: string): Host {
    return createHost(this.#simulation, network, {
      name,
      kernel,
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: name, addresses: [`${address}/32`] }],
      routes: [
        { to: '10.244.0.1/32', kind: 'unicast', device: 'eth0' },
        { to: 'default', kind: 'unicast', via: '10.244.0.1', device: 'eth0' },
      ],
      sysctls: {},
    });
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name);
    if (host === undefined) throw new Error(`no namespace ${name}`);
    return host;
  }

  #serve(pod: string): void {
    const simulation = this.#simulation;
    const any = { address: 0, port: 53 };
    const udp = this.#host(pod).udp({ owner: pod, bind: any });
    const listener = this.#host(pod).listen(any, pod);
    if (isSocketError(udp) || isSocketError(listener)) throw new Error(`${pod} cannot listen`);
    this.#servers.set(pod, udp);
    simulation.spawn(
      (function* (): Process {
        for (;;) {
          const got = yield* udp.receive(Number.POSITIVE_INFINITY);
          if (got === timedOut || isSocketError(got)) continue;
          const asked = textOf(got.payload);
          const delay = asked.startsWith('late') ? Number(asked.slice(4)) * second : 0;
          if (asked !== 'silent') simulation.after(delay, () => udp.send(say(pod), got.trace, got.from));
        }
      })(),
    );
    simulation.spawn(
      (function* (): Process {
        for (;;) {
          const connection = yield* listener.accept(Number.POSITIVE_INFINITY);
          if (connection !== timedOut) simulation.spawn(answers(connection, pod));
        }
      })(),
    );
  }

  #take(step: Step): void {
    switch (step.do) {
      case 'command':
        this.#command(step);
        return;
      case 'query':
        this.#simulation.spawn(this.#query(step));
        return;
      case 'connect':
        this.#simulation.spawn(this.#connect(step));
        return;
      case 'close-port':
        this.#servers.get(step.on)?.close();
        return;
      case 'tcp': {
        const connection = this.#tcp.get(`${step.from} ${step.port}`);
        if (step.what === 'close') connection?.close();
        else if (step.what === 'reset') connection?.abort();
        else connection?.send(say(step.what === 'server-closes' ? 'close' : 'q'), 0);
      }
    }
  }

  #command(step: Step & { do: 'command' }): void {
    const host = this.#host(step.on);
    const { ipvs, conntrack } = host;
    const { now } = this.#simulation;
    if (step.command === 'ipvsadm -Ln') this.#got.set(step, ipvs.printServers().join('\n'));
    else if (step.command === 'ipvsadm -Lnc') this.#got.set(step, ipvs.printConnections().join('\n'));
    else if (step.command.startsWith('conntrack -L')) {
      const entries = conntrack
        .list()
        .filter(({ original }) => !step.command.includes('-p udp') || original.protocol === 'udp');
      this.#got.set(step, entries.map((entry) => listLine(entryFields(entry, now))).join('\n'));
    } else if (step.command !== 'ipvsadm -L --timeout') host.command(step.command.replace('sysctl -qw', 'sysctl -w'));
  }

  *#query(step: Step & { do: 'query' }): Process {
    const key = `${step.from} ${step.port} ${step.to}`;
    const socket =
      this.#udp.get(key) ?? this.#host(step.from).udp({ owner: key, bind: { address: 0, port: step.port } });
    if (isSocketError(socket)) throw new Error(`${key}: ${socket.error}`);
    if (!this.#udp.has(key)) socket.connect(endpoint(step.to));
    this.#udp.set(key, socket);
    const failure = socket.send(say(step.say), this.#simulation.recorder.trace(0));
    const got = failure ?? (yield* socket.receive(this.#simulation.now + fromSeconds(step.wait)));
    this.#got.set(step, got === timedOut ? 'nothing' : isSocketError(got) ? got.error : textOf(got.payload));
  }

  *#connect(step: Step & { do: 'connect' }): Process {
    const deadline = this.#simulation.now + fromSeconds(step.wait);
    const connection = yield* this.#host(step.from).connect(endpoint(step.to), {
      owner: `${step.from} ${step.port}`,
      trace: this.#simulation.recorder.trace(0),
      deadline,
      bind: { address: 0, port: step.port },
    });
    if (connection === timedOut || isSocketError(connection)) {
      this.#got.set(step, connection === timedOut ? 'nothing' : connection.error);
      return;
    }
    this.#tcp.set(`${step.from} ${step.port}`, connection);
    connection.send(say('q'), 0);
    const got = yield* connection.receive(deadline);
    this.#got.set(step, got === timedOut ? 'nothing' : 'payload' in got ? textOf(got.payload) : 'closed');
  }
}

function* answers(connection: TcpConnection, pod: string): Process {
  for (;;) {
    const got = yield* connection.receive(Number.POSITIVE_INFINITY);
    if (got === timedOut) continue;
    if (!('payload' in got) || textOf(got.payload) === 'close') {
      connection.close();
      return;
    }
    connection.send(say(pod), got.trace);
  }
}
