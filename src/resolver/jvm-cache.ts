import { Mailbox, type Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import { type Micros, second } from '../engine/time.ts';
import type { Source } from '../problem/problem.ts';
import type { JvmCacheDescription } from './description.ts';
import type { Family, Lookup, LookupResult, Resolver } from './lookup.ts';
import { cacheHit, cacheStored, lookupShared, turnCame } from './records.ts';
import { javaRelease } from './releases.ts';

interface Entry {
  /** Undefined: a failure is kept. */
  result: LookupResult | undefined;
  filledBy: TraceId;
  storedAt: Micros;
  /** From here on the next caller looks up anew. */
  refreshAt: Micros;
  /** From here on the entry is gone. */
  runsOut: Micros;
}

/** How long something is kept, in seconds (-1: for ever), and which property says so. */
interface Setting {
  readonly seconds: number;
  readonly text: string;
}

/** java.net.InetAddress on top of libc: keeps what getaddrinfo said for times of its own; TTLs of records never reach it. */
export class JvmCache implements Resolver {
  readonly #simulation: Simulation;
  readonly #host: string;
  readonly #name: string;
  readonly #libc: Resolver;
  /** The one family that there is. */
  readonly #only: Family | undefined;
  readonly #ttl: Setting;
  readonly #negativeTtl: Setting;
  /** 0: stale addresses are not kept. */
  readonly #staleTtl: number;
  readonly #entries = new Map<string, Entry>();
  /** Names that a thread is looking up: the others wait for it (the lock of InetAddress.NameServiceAddresses). */
  readonly #busy = new Map<string, Mailbox<'free'>>();

  constructor(
    simulation: Simulation,
    host: string,
    name: string,
    libc: Resolver,
    description: JvmCacheDescription,
    only?: Family,
  ) {
    const defaults = javaRelease(description.release);
    this.#simulation = simulation;
    this.#host = host;
    this.#name = name;
    this.#libc = libc;
    this.#only = only;
    this.#ttl = setting('networkaddress.cache.ttl', description.ttl, defaults.ttl);
    this.#negativeTtl = setting('networkaddress.cache.negative.ttl', description.negativeTtl, defaults.negativeTtl);
    this.#staleTtl = defaults.keepsStale ? Math.max(0, description.staleTtl ?? 0) : 0;
  }

  rewriteResolvConf(source: Source): void {
    this.#libc.rewriteResolvConf(source);
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const entry = this.#entries.get(lookup.name);
    if (entry === undefined || entry.runsOut < this.#simulation.now) return yield* this.#inTurn(lookup, trace);
    // Whoever comes first refreshes; the others take what is stale.
    if (entry.refreshAt < this.#simulation.now && !this.#busy.has(lookup.name)) {
      this.#busy.set(lookup.name, new Mailbox(this.#simulation));
      yield* this.#refresh(entry, lookup, trace);
      this.#release(lookup.name);
    }
    return this.#hit(entry, lookup.name, trace);
  }

  /** One thread at a time: the next one finds what the one before has put into the cache, if that keeps anything. */
  *#inTurn(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const busy = this.#busy.get(lookup.name);
    if (busy !== undefined) {
      const asked = this.#simulation.now;
      yield* busy.receive();
      const entry = this.#entries.get(lookup.name);
      if (entry !== undefined && entry.runsOut >= this.#simulation.now) {
        busy.put('free');
        this.#simulation.recorder.write(lookupShared, this.#host, trace, '', {
          resolver: this.#name,
          name: lookup.name,
          with: entry.filledBy,
        });
        return this.#hit(entry, lookup.name, trace);
      }
      const waited = this.#simulation.now - asked;
      this.#simulation.recorder.write(turnCame, this.#host, trace, '', { resolver: this.#name, waited });
    }
    const turn = busy ?? new Mailbox<'free'>(this.#simulation);
    this.#busy.set(lookup.name, turn);
    const result = yield* this.#fill(lookup, trace);
    this.#release(lookup.name);
    return result;
  }

  #release(name: string): void {
    this.#busy.get(name)?.put('free');
    this.#busy.delete(name);
  }

  /** A name of which nothing is known. */
  *#fill(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const result = yield* this.#ask(lookup, trace);
    const isPositive = result.result === 'OK';
    const { seconds, text } = isPositive ? this.#ttl : this.#negativeTtl;
    if (seconds === 0) {
      this.#entries.delete(lookup.name);
      return result;
    }
    const { now } = this.#simulation;
    const refreshAt = expiry(now, seconds);
    const stays = isPositive && seconds > 0 ? this.#staleTtl * second : 0;
    const kept = isPositive ? result : undefined;
    this.#entries.set(lookup.name, {
      result: kept,
      filledBy: trace,
      storedAt: now,
      refreshAt,
      runsOut: refreshAt + stays,
    });
    this.#noteStored(lookup.name, result, isPositive ? 'positive' : 'negative', refreshAt, text, trace);
    return result;
  }

  /** Past its time, but kept as stale: the caller looks up anew, and on failure leaves the old addresses for another period. */
  *#refresh(entry: Entry, lookup: Lookup, trace: TraceId): Process {
    const asked = this.#simulation.now;
    const result = yield* this.#ask(lookup, trace);
    entry.refreshAt = expiry(asked, this.#ttl.seconds);
    if (result.result !== 'OK') return;
    entry.result = result;
    entry.filledBy = trace;
    entry.storedAt = this.#simulation.now;
    entry.runsOut = entry.refreshAt + this.#staleTtl * second;
    this.#noteStored(lookup.name, result, 'positive', entry.refreshAt, this.#ttl.text, trace);
  }

  *#ask(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const family = this.#only ?? lookup.family;
    const result = yield* this.#libc.lookup({ ...lookup, family, canonicalName: true }, trace);
    if (result.result === 'OK') return { ...result, addresses: ipv4First(result.addresses) };
    return unknownHost(`${lookup.name}: ${result.printed}`);
  }

  #hit(entry: Entry, name: string, trace: TraceId): LookupResult {
    const isStale =
      entry.storedAt + this.#ttl.seconds * second < this.#simulation.now &&
      this.#ttl.seconds > 0 &&
      entry.result !== undefined;
    if (entry.filledBy !== trace) {
      this.#simulation.recorder.write(
        cacheHit,
        this.#host,
        trace,
        entry.result === undefined ? 'negative' : isStale ? 'stale' : 'fresh',
        {
          resolver: this.#name,
          holder: 'the JVM',
          name,
          addresses: (entry.result?.addresses ?? []).join(' '),
          storedAt: entry.storedAt,
          runsOut: entry.refreshAt,
          filledBy: entry.filledBy,
          recordTtl: Number.NaN,
          expired: isStale,
          setting: entry.result === undefined ? this.#negativeTtl.text : this.#ttl.text,
        },
      );
    }
    // What is kept of a failure is that it failed.
    return entry.result ?? unknownHost(name);
  }

  #noteStored(name: string, result: LookupResult, cause: string, runsOut: Micros, text: string, trace: TraceId): void {
    const addresses = result.addresses.join(' ');
    this.#simulation.recorder.write(cacheStored, this.#host, trace, cause, {
      resolver: this.#name,
      holder: 'the JVM',
      name,
      addresses,
      runsOut,
      setting: text,
    });
  }
}

/** As a stack trace begins. */
function unknownHost(message: string): LookupResult {
  const printed = `java.net.UnknownHostException: ${message}`;
  return { result: 'UnknownHostException', addresses: [], printed, errno: 0 };
}

function expiry(now: Micros, seconds: number): Micros {
  return seconds < 0 ? Number.POSITIVE_INFINITY : now + seconds * second;
}

function setting(property: string, given: number | undefined, byDefault: number): Setting {
  return {
    seconds: given ?? byDefault,
    text: `${property}=${given ?? byDefault}${given === undefined ? ' (default)' : ''}`,
  };
}

/** java.net.preferIPv6Addresses is false. */
function ipv4First(addresses: readonly string[]): readonly string[] {
  const isIpv6 = (address: string) => address.includes(':');
  return addresses.some(isIpv6) ? [...addresses].sort((a, b) => Number(isIpv6(a)) - Number(isIpv6(b))) : addresses;
}
