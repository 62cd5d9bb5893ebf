import { query } from '../../../dns/build.ts';
import { type Process, sleep, timedOut } from '../../../engine/process.ts';
import type { RandomStream } from '../../../engine/random.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { Simulation } from '../../../engine/simulation.ts';
import { type Micros, microsecond, millisecond, minute, second, toSeconds } from '../../../engine/time.ts';
import { isSocketError, type Sockets } from '../../../kernel/socket/socket.ts';
import type { Endpoint, Payload } from '../../../network/packet.ts';
import { decode, encode, frame } from '../../../transport/decode.ts';
import { isTlsFailure, openTls, type TlsClient } from '../../../transport/tls/client.ts';
import type { HealthOptions } from './options.ts';
import { healthRecord } from './records.ts';
import type { ForwardBehaviour } from './releases.ts';

/** How one upstream's health is probed. `maxFails`: more failed probes in a row than this mark it down; 0: none does. */
export interface HealthSettings {
  readonly simulation: Simulation;
  readonly sockets: Sockets;
  readonly owner: string;
  readonly to: Endpoint;
  /** Of the upstream, in records. */
  readonly name: string;
  /** Is there anything that a probe could be sent to? */
  readonly isDialled: boolean;
  readonly options: HealthOptions;
  readonly maxFails: number;
  readonly behaviour: ForwardBehaviour;
  readonly protocol: 'udp' | 'tcp';
  /** Probes go over TLS, each by a connection of its own. */
  readonly tls: TlsClient | undefined;
  readonly draws: RandomStream;
  readonly spawn: (process: Process) => unknown;
  readonly onFailure: () => void;
}

/** For reading and for writing. */
const probeTimeout = second;
/** Even `health_check 0s` takes a real process some time. */
const shortestPause = millisecond;
/** How late Go's timers fire: probes of a silent upstream come 1.5012 s apart (forward-blackhole-one-default). */
const timerLateness = 600 * microsecond;
/** From a query's error to the first probe, which a goroutine of its own sends: 240 to 530 us (path-upstream-port-closed). */
const probeStart = 300 * microsecond;
/** dns.Client's own limit for a connection. */
const probeDialTimeout = 2 * second;
/** Less than a header came. */
const shortRead = 'dns: short read';
/** `pkg/up` of 1.6.7: the interval grows to four times the configured one. */
const mostDoubling = 4;

/** Probes of one upstream: begun by a query's error, ended by the first probe that is answered (`pkg/up` Probe). */
export class Health {
  readonly #settings: HealthSettings;
  readonly #interval: () => Micros;
  #doubled: Micros;
  #probing = false;
  #stopped = false;
  #fails = 0;

  constructor(settings: HealthSettings) {
    this.#settings = settings;
    this.#doubled = settings.options.interval;
    this.#interval = this.#intervals();
  }

  get isDown(): boolean {
    return this.#settings.maxFails > 0 && this.#fails > this.#settings.maxFails;
  }

  /** A query has failed: starts the probes, unless they run or are switched off. */
  suspect(cause: TraceId): void {
    if (this.#settings.maxFails === 0 || this.#probing || this.#stopped) return;
    this.#probing = true;
    const trace = this.#settings.simulation.recorder.trace(cause);
    this.#write('probing', trace, Number.NaN);
    this.#settings.spawn(this.#probe(trace));
  }

  stop(): void {
    this.#stopped = true;
  }

  *#probe(trace: TraceId): Process {
    const { behaviour, options, maxFails, simulation } = this.#settings;
    const interval = this.#interval();
    yield* sleep(probeStart);
    if (this.#stopped) return;
    let sentAt = simulation.now;
    for (let failed = 1; !(yield* this.#ask(trace)); failed++) {
      this.#fails++;
      this.#settings.onFailure();
      this.#write(this.#fails === maxFails + 1 ? 'down' : 'failed', trace, simulation.now - sentAt);
      yield* sleep(Math.max(interval, shortestPause) + timerLateness);
      if (this.#stopped) return;
      if (behaviour.probeInterval === 'doubling' && failed === 2) {
        this.#doubled = Math.min(this.#doubled * 2, options.interval * mostDoubling);
      }
      sentAt = simulation.now;
    }
    this.#fails = 0;
    this.#probing = false;
    this.#write('up', trace, simulation.now - sentAt);
  }

  /** Pauses of one outage after the other. */
  #intervals(): () => Micros {
    const { behaviour, options } = this.#settings;
    switch (behaviour.probeInterval) {
      case 'fixed':
        return () => options.interval;
      case 'doubling':
        return () => this.#doubled;
      case 'backoff':
        return backOff(options.interval, this.#settings);
    }
  }

  /** Any reply is good, one that cannot be unpacked behind its header too. */
  *#ask(trace: TraceId): Process<boolean> {
    const { behaviour, isDialled, options, protocol, simulation } = this.#settings;
    if (!isDialled) return false;
    if (behaviour.probeNeedsFinalDot && !options.domain.endsWith('.')) return false;
    const id = this.#settings.draws.integer(65_536);
    const question = { name: options.domain, type: 'NS' };
    const message = query(id, question, { flags: { rd: options.recursionDesired } });
    const payload = protocol === 'tcp' ? frame(message, { compress: false }) : encode(message, { compress: false });
    const own = simulation.recorder.trace(trace);
    const socket = protocol === 'udp' ? this.#openUdp() : yield* this.#openTcp(own);
    if (socket === undefined) return false;
    const deadline = simulation.now + probeTimeout + timerLateness;
    const refused = socket.send(payload, own);
    let good: boolean | undefined;
    while (good === undefined) {
      const got = refused ?? (yield* socket.receive(deadline));
      if (got === timedOut || isSocketError(got) || 'end' in got) good = false;
      else good = this.#isReply(got.payload, id);
    }
    socket.close();
    return good;
  }

  /** Is it a sign of health? undefined: it is passed over. */
  #isReply(payload: Payload, id: number): boolean | undefined {
    const { behaviour, protocol } = this.#settings;
    const decoded = decode(payload);
    if (decoded === undefined) return false;
    if ('unpackError' in decoded) return decoded.head !== undefined || decoded.unpackError !== shortRead;
    const passedOver = behaviour.probeIgnoresOtherIds && protocol === 'udp' && decoded.message.id !== id;
    return passedOver ? undefined : true;
  }

  #openUdp() {
    const { sockets, owner, to, behaviour } = this.#settings;
    const socket = sockets.udp({ owner, receiveErrors: behaviour.seesUnreachable });
    if (isSocketError(socket)) return undefined;
    if (socket.connect(to) === undefined) return socket;
    socket.close();
    return undefined;
  }

  *#openTcp(trace: TraceId) {
    const { sockets, owner, to, simulation, tls } = this.#settings;
    const begun = simulation.now;
    const deadline = begun + probeDialTimeout;
    const socket = yield* sockets.connect(to, { owner, trace, deadline });
    if (socket === timedOut || isSocketError(socket)) return undefined;
    if (tls === undefined) return socket;
    const open = yield* openTls(socket, tls, { simulation, owner, trace, deadline, begun });
    return open === timedOut || isSocketError(open) || isTlsFailure(open) ? undefined : open;
  }

  #write(state: string, trace: TraceId, took: Micros): void {
    const { simulation, owner, name: to, options } = this.#settings;
    const fields = {
      to,
      state,
      fails: this.#fails,
      name: options.domain,
      seconds: toSeconds(took),
    };
    simulation.recorder.write(healthRecord, owner, trace, state, fields);
  }
}

/** cenkalti/backoff as `pkg/up` sets it: half as long again each time, plus or minus half; anew after two minutes. */
function backOff(initial: Micros, { simulation, draws }: HealthSettings): () => Micros {
  const longest = 15 * second;
  const startOver = 2 * minute;
  let base = initial;
  let since = simulation.now;
  return () => {
    if (simulation.now - since > startOver) {
      base = initial;
      since = simulation.now;
    }
    const interval = draws.span(Math.round(base / 2), Math.round(base * 1.5));
    base = Math.min(Math.round(base * 1.5), longest);
    return interval;
  };
}
