import { type Process, sleepUntil, timedOut } from '../../../src/engine/process.ts';
import type { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds } from '../../../src/engine/time.ts';
import type { Host } from '../../../src/kernel/host.ts';
import { type Datagram, isSocketError, type UdpSocket } from '../../../src/kernel/socket/socket.ts';
import { formatAddress, formatEndpoint, parseAddress } from '../../../src/network/address.ts';
import type { Address } from '../../../src/network/packet.ts';
import { answerSize, isMessage, type Message } from './message.ts';
import { number, type Row, type SeenPacket, seenPackets, text } from './recording.ts';

/** How near two records of one packet are, in seconds. */
const near = 0.1;

/** The error of a host on whose port nobody listens. */
const portUnreachable = /^IP6? (\S+) > \S+: ICMP6?,?.* \1 udp port/;

/** What a server did with a query in reality: it is the set-up's own, not the kernel's. */
type Behaviour =
  | { readonly kind: 'answer'; readonly after: number; readonly who: string; readonly size: number }
  | { readonly kind: 'silent' };

/** Servers of the namespaces: who answers, when, and where nobody listens. */
export class Servers {
  readonly #simulation: Simulation;
  readonly #start: number;
  readonly #answered: readonly Row[];
  readonly #sends: readonly Row[];
  readonly #packets: readonly SeenPacket[];
  readonly #refusals: readonly { readonly t: number; readonly address: Address }[];
  readonly #numbers = new Map<string, number>();

  /** `start`: where the recording's t = 0 lies, in microseconds. */
  constructor(simulation: Simulation, start: number, rows: readonly Row[]) {
    this.#simulation = simulation;
    this.#start = start;
    this.#answered = rows.filter((row) => row.ev === 'server-answered');
    this.#sends = rows.filter((row) => row.ev === 'send');
    this.#packets = seenPackets(rows);
    this.#refusals = rows.flatMap((row) => {
      const match = row.ev === 'pcap' ? portUnreachable.exec(text(row, 'pkt')) : null;
      const address = parseAddress(match?.[1] ?? '');
      return address === undefined ? [] : [{ t: row.t, address }];
    });
  }

  /** Serves port 53 of a namespace on UDP, opening and closing it as the recording shows. */
  serve(host: Host): void {
    const own = this.#refusals.filter(({ address }) => host.owns(address));
    const socket = open(host);
    for (const { t } of own) this.#closeAround(host, socket, t);
    if (own.length === 0) this.#simulation.spawn(this.#loop(host, socket.current));
  }

  /** Nobody listens while queries are refused. */
  #closeAround(host: Host, socket: { current: UdpSocket | undefined }, t: number): void {
    const begin = Math.max(this.#simulation.now, this.#start + fromSeconds(t - near / 2));
    this.#simulation.at(begin, () => {
      socket.current?.close();
      socket.current = undefined;
    });
    const reopen = Math.max(this.#simulation.now, this.#start + fromSeconds(t + near / 2));
    this.#simulation.at(reopen, () => {
      if (socket.current !== undefined) return;
      socket.current = open(host).current;
      this.#simulation.spawn(this.#loop(host, socket.current));
    });
  }

  *#loop(host: Host, socket: UdpSocket | undefined): Process {
    if (socket === undefined) return;
    for (;;) {
      const datagram = yield* socket.receive(Number.POSITIVE_INFINITY);
      if (datagram === timedOut || isSocketError(datagram)) return;
      this.#simulation.spawn(this.#handle(host, socket, datagram));
    }
  }

  *#handle(host: Host, socket: UdpSocket, datagram: Datagram): Process {
    if (!isMessage(datagram.payload)) return;
    const { id } = datagram.payload;
    const arrived = this.#simulation.now;
    const behaviour = this.#behaviour(host, id, datagram);
    if (behaviour.kind === 'silent') return;
    yield* sleepUntil(this.#simulation, arrived + fromSeconds(behaviour.after));
    const number = this.#numbers.get(behaviour.who) ?? this.#numbers.size + 1;
    this.#numbers.set(behaviour.who, number);
    const message: Message = { id, answer: `192.0.2.${number}`, size: behaviour.size };
    socket.send(message, datagram.trace, datagram.from, datagram.to);
  }

  /**
   * Answered in the recording: the same, as long after. Seen to arrive and not answered: silent.
   * Never arrived there in reality: a server that answers others answers this too.
   */
  #behaviour(host: Host, id: number, { from, to }: Datagram): Behaviour {
    const peer = formatEndpoint(from);
    const now = (this.#simulation.now - this.#start) / 1e6;
    const sent = this.#sends.filter((row) => number(row, 'id') === id && row.t <= now + near).at(-1)?.t ?? now;
    const answers = this.#answered.filter((row) => number(row, 'id') === id && row.t >= sent - near);
    const answer = answers.find((row) => text(row, 'to') === peer) ?? answers[0];
    if (answer !== undefined) {
      const size = number(answer, 'bytes') ?? answerSize;
      const after = answer.t - sent < near ? 0 : answer.t - sent;
      return { kind: 'answer', after, who: text(answer, 'who'), size };
    }
    const target = formatAddress(to.address);
    const arrived = this.#packets.some(
      (p) => p.destination === target && p.sourcePort === from.port && Math.abs(p.t - now) < near,
    );
    const lively = this.#answered.find((row) => text(row, 'who') === host.host);
    if (arrived || lively === undefined) return { kind: 'silent' };
    return { kind: 'answer', after: 0, who: host.host, size: number(lively, 'bytes') ?? answerSize };
  }
}

function open(host: Host): { current: UdpSocket | undefined } {
  const socket = host.udp({ owner: host.host, bind: { address: 0n, port: 53 } });
  return { current: isSocketError(socket) ? undefined : socket };
}
