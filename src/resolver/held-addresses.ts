import { Mailbox, type Process, sleep } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, second } from '../engine/time.ts';
import type { Source } from '../problem/problem.ts';
import type { HeldDescription } from './description.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';
import { cacheHit, cacheStored, lookupShared } from './records.ts';

/** How a program that connects again and again keeps the addresses of a name up to date. */
interface Habit {
  readonly holder: string;
  /** Of the setting, as the program calls it, and its default in seconds. */
  readonly setting: string;
  readonly every: number;
  /** Is it looked up again by itself, so long after the last look-up ended? Else only when the program connects anew. */
  readonly byItself: boolean;
  /** Which of the addresses that a new look-up found are held. */
  readonly choose: (held: readonly string[], found: readonly string[]) => readonly string[];
}

const all = (_: readonly string[], found: readonly string[]) => found;
/** One address, kept as long as it is among those found. */
const oneThatStays = (held: readonly string[], found: readonly string[]) =>
  held.some((address) => found.includes(address)) ? held : [...found].sort().slice(0, 1);
const firstOne = (_: readonly string[], found: readonly string[]) => found.slice(0, 1);

const habits: Readonly<Record<HeldDescription['by'], Habit>> = {
  // DNSMonitor.monitorDnsChange of redisson 3.40.2: the timer starts when the last pass has ended.
  redisson: { holder: 'Redisson', setting: 'dnsMonitoringInterval', every: 5, byItself: true, choose: oneThatStays },
  // Envoy's docs, "Service discovery": all addresses; dns_refresh_rate, whatever the TTL unless respect_dns_ttl.
  'envoy-strict-dns': { holder: 'Envoy', setting: 'dns_refresh_rate', every: 5, byItself: true, choose: all },
  'envoy-logical-dns': { holder: 'Envoy', setting: 'dns_refresh_rate', every: 5, byItself: true, choose: firstOne },
  // internal/resolver/dns of grpc-go: MinResolutionInterval; asked for when a connection fails.
  'grpc-go': { holder: 'gRPC', setting: 'MinResolutionInterval', every: 30, byItself: false, choose: all },
};

interface Held {
  addresses: readonly string[];
  storedAt: Micros;
  filledBy: TraceId;
  /** When the next look-up is due, as far as is known. */
  nextAt: Micros;
}

/** What a connect gets: the addresses that the program holds. A look-up that fails changes nothing. */
export class HeldAddresses implements Resolver {
  readonly #simulation: Simulation;
  readonly #host: string;
  readonly #name: string;
  readonly #inner: Resolver;
  readonly #habit: Habit;
  readonly #every: Micros;
  readonly #setting: string;
  readonly #held = new Map<string, Held>();
  /** Names whose first look-up is under way, and who waits for it. */
  readonly #starting = new Map<string, { readonly mailbox: Mailbox<LookupResult>; readonly trace: TraceId }>();
  readonly #due = new Set<string>();

  constructor(simulation: Simulation, host: string, name: string, inner: Resolver, description: HeldDescription) {
    this.#simulation = simulation;
    this.#host = host;
    this.#name = name;
    this.#inner = inner;
    this.#habit = habits[description.by];
    const seconds = description.every ?? this.#habit.every;
    this.#every = seconds * second;
    this.#setting = `${this.#habit.setting}=${seconds}s${description.every === undefined ? ' (default)' : ''}`;
  }

  rewriteResolvConf(source: Source): void {
    this.#inner.rewriteResolvConf(source);
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const held = this.#held.get(lookup.name);
    if (held === undefined) return yield* this.#first(lookup, trace);
    this.#noteHit(lookup.name, held, trace);
    if (!this.#habit.byItself && !this.#due.has(lookup.name)) this.#askFor(lookup, held);
    return { result: 'OK', addresses: held.addresses, printed: '', errno: 0 };
  }

  /** Nothing is held yet: the program waits. */
  *#first(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const waiting = this.#starting.get(lookup.name);
    if (waiting !== undefined) {
      const shared = { resolver: this.#name, name: lookup.name, with: waiting.trace };
      this.#simulation.recorder.write(lookupShared, this.#host, trace, '', shared);
      const result = yield* waiting.mailbox.receive();
      waiting.mailbox.put(result);
      return result;
    }
    const mailbox = new Mailbox<LookupResult>(this.#simulation);
    this.#starting.set(lookup.name, { mailbox, trace });
    const result = yield* this.#inner.lookup(lookup, trace);
    this.#starting.delete(lookup.name);
    if (result.result === 'OK') {
      this.#hold(lookup.name, result, trace);
      if (this.#habit.byItself) this.#simulation.spawn(this.#watch(lookup));
    }
    mailbox.put(result);
    const held = this.#held.get(lookup.name);
    return held === undefined ? result : { ...result, addresses: held.addresses };
  }

  *#watch(lookup: Lookup): Process {
    for (;;) {
      yield* sleep(this.#every);
      yield* this.#again(lookup);
    }
  }

  /** At once, or when enough time has passed since the last look-up. */
  #askFor(lookup: Lookup, held: Held): void {
    const wait = Math.max(0, held.nextAt - this.#simulation.now);
    this.#due.add(lookup.name);
    const again = this.#again.bind(this);
    const due = this.#due;
    this.#simulation.spawn(
      (function* (): Process {
        yield* sleep(wait);
        yield* again(lookup);
        due.delete(lookup.name);
      })(),
    );
  }

  *#again(lookup: Lookup): Process {
    const trace = this.#simulation.recorder.trace(0);
    const result = yield* this.#inner.lookup(lookup, trace);
    const held = this.#held.get(lookup.name);
    if (result.result === 'OK') this.#hold(lookup.name, result, trace);
    else if (held !== undefined) held.nextAt = this.#simulation.now + this.#every;
  }

  #hold(name: string, { addresses }: LookupResult, trace: TraceId): void {
    const { now, recorder } = this.#simulation;
    const chosen = this.#habit.choose(this.#held.get(name)?.addresses ?? [], addresses);
    const nextAt = now + this.#every;
    this.#held.set(name, { addresses: chosen, storedAt: now, filledBy: trace, nextAt });
    recorder.write(cacheStored, this.#host, trace, 'positive', {
      resolver: this.#name,
      holder: this.#habit.holder,
      name,
      addresses: chosen.join(' '),
      runsOut: nextAt,
      setting: this.#setting,
    });
  }

  #noteHit(name: string, { addresses, storedAt, filledBy, nextAt }: Held, trace: TraceId): void {
    this.#simulation.recorder.write(cacheHit, this.#host, trace, 'fresh', {
      resolver: this.#name,
      holder: this.#habit.holder,
      name,
      addresses: addresses.join(' '),
      storedAt,
      runsOut: nextAt,
      filledBy,
      recordTtl: Number.NaN,
      expired: false,
      setting: this.#setting,
    });
  }
}
