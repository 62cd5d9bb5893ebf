import type { ColumnStore } from '../../../../src/engine/columns.ts';
import { type Process, sleep, sleepUntil } from '../../../../src/engine/process.ts';
import type { Simulation } from '../../../../src/engine/simulation.ts';
import { fromSeconds, millisecond, second, toSeconds } from '../../../../src/engine/time.ts';
import type { Host } from '../../../../src/kernel/host.ts';
import { formatAddress } from '../../../../src/network/address.ts';
import { membershipEntry } from '../igmp.ts';
import { eventRows, listRow, packetRows } from '../observed.ts';
import { clock, objectOf } from '../python/modules.ts';
import {
  Dictionary,
  display,
  Instance,
  List,
  type Named,
  Native,
  NotUnderstood,
  native,
  otherErrors,
  raised,
  Tuple,
  truth,
  type Value,
} from '../python/values.ts';
import type { Row } from '../recording.ts';
import { kept, packetFilter } from './capture.ts';
import type { Pace } from './pace.ts';
import { CommandFailed, Shell } from './shell.ts';
import type { Wiring } from './wiring.ts';

/** What came of a stimulus: it is stamped when it happens, not when it happened in reality. */
const outcomes = ['reply', 'no-reply', 'recv-error', 'send-error', 'connect-error', 'connected'];
const isOutcome = (ev: string) => outcomes.includes(ev) || ev.startsWith('server-');
/** A dump is stamped when it has been read, which takes conntrack about this long. */
const dumpDelay = 8 * millisecond;
const startDelay = 2 * millisecond;
/** Until conntrack -E and tcpdump are at work. */
const watchDelay = 0.8;

/** What was watched from when until when; `packets`: the filter of a capture. */
interface Watch {
  readonly host: string;
  readonly packets: string | undefined;
  readonly from: number;
  until: number;
}

interface ExperimentSettings {
  readonly simulation: Simulation;
  readonly store: ColumnStore;
  readonly wiring: Wiring;
  readonly pace: Pace;
  /** Where t = 0 of the recording lies, in microseconds. */
  readonly start: number;
}

/** What `Exp` of krlib.py does to the machine, done to the simulator; all that it only computes it does itself. */
export class Experiment {
  readonly #settings: ExperimentSettings;
  readonly #watches: Watch[] = [];
  readonly #observed: Record<string, unknown>[] = [];
  readonly #bridges: { readonly host: Host; readonly name: string; readonly since: number }[] = [];
  readonly #shell: Shell;
  /** The namespaces that `with e.inside(…)` has entered. */
  readonly #inside: Host[] = [];

  constructor(settings: ExperimentSettings) {
    this.#settings = settings;
    this.#shell = new Shell(settings.wiring);
  }

  /** The namespace in which sockets are opened. */
  get host(): Host {
    const host = this.#inside.at(-1);
    if (host === undefined) throw new NotUnderstood('a socket outside all namespaces');
    return host;
  }

  /** The methods that take the place of krlib's. */
  methods(): Map<string, Native> {
    const method = (name: string, act: (self: Value, values: readonly Value[], named: Named) => Process<Value>) =>
      [name, new Native(name, ([self = null, ...values], named) => act.call(this, self, values, named), true)] as const;
    return new Map([
      method('rec', (_, values, named) => this.#record(values, named)),
      method('rebase', (self) => this.#rebase(self)),
      method('sh', (_, values, named) => this.#command(values, named)),
      method('ns', (_, values) => this.#namespace(values)),
      method('inside', (_, values) => this.#enter(values)),
      method('watch', (self, values, named) => this.#watch(self, values, named)),
      method('snap', (_, values, named) => this.#list(values, named)),
      method('stats', (_, values, named) => this.#counters(values, named)),
      method('close', (self) => this.#close(self)),
    ]);
  }

  /** All that was observed, in the shape of a recording. */
  rows(): unknown[] {
    const { store } = this.#settings;
    const time = (t: number) => this.#time(t);
    const rows: unknown[] = [...this.#observed];
    for (const { host, packets, from, until } of this.#watches) {
      const within = ({ t }: { readonly t: number }) => t >= from && t <= until;
      if (packets === undefined) {
        rows.push(...eventRows(store, host, time).filter(within));
        continue;
      }
      const portOf = (device: string, other: string) => this.#settings.wiring.portOf(host, device, other);
      const seen = packetRows(store, host, portOf, time).filter(within).filter(packetFilter(packets));
      rows.push(...(/\barp\b/.test(packets) ? kept(seen, store, time) : seen));
    }
    return rows;
  }

  get #now(): number {
    return this.#time(this.#settings.simulation.now);
  }

  #time(t: number): number {
    return toSeconds(t - this.#settings.start);
  }

  /** Waits until the recording has come as far as a row. */
  *#until(row: Row | undefined, before = 0): Process {
    const { simulation, start } = this.#settings;
    if (row !== undefined) yield* sleepUntil(simulation, start + fromSeconds(row.t) - before);
  }

  *#record([ev, t]: readonly Value[], named: Named): Process<Value> {
    const fields = new Map<string, unknown>();
    for (const [name, value] of named) if (name !== 't') fields.set(name, plain(value));
    const kind = display(ev ?? null);
    if (t === undefined && !isOutcome(kind)) yield* this.#until(this.#settings.pace.take(kind, fields));
    this.#observed.push({ t: this.#now, ev: kind, ...Object.fromEntries(fields) });
    return this.#now;
  }

  *#rebase(self: Value): Process<Value> {
    const { simulation, start } = this.#settings;
    yield* sleepUntil(simulation, start);
    if (self instanceof Instance) self.attributes.set('t0', clock(simulation));
    return null;
  }

  *#command([ns, cmd, ...rest]: readonly Value[], named: Named): Process<Value> {
    const given = (name: string, at: number): Value => rest[at] ?? named.get(name) ?? null;
    const checks = truth(rest[1] ?? named.get('check') ?? true);
    const [name, line] = [display(ns ?? null), display(cmd ?? null)];
    const host = this.#hostOf(ns);
    // A program has to be started first; where it left a record, it was done shortly before that.
    yield* sleep(startDelay);
    const logs = truth(given('log', 0));
    const row = logs
      ? this.#settings.pace.take('cmd', new Map<string, unknown>(Object.entries({ ns: name, cmd: line })))
      : undefined;
    yield* this.#until(row, startDelay);
    const input = given('inp', 2);
    const known = this.#settings.wiring.bridges.get(name)?.size ?? 0;
    let rc = 0;
    let out = '';
    try {
      out = this.#shell.run(host, line, typeof input === 'string' ? input : undefined);
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const failed = otherErrors.find((one) => one.name === 'RuntimeError');
      if (checks && failed !== undefined) throw raised(failed, `${name}: ${line}: ${error.message}`);
      rc = 1;
    }
    for (const bridge of [...(this.#settings.wiring.bridges.get(name)?.keys() ?? [])].slice(known))
      this.#bridges.push({ host, name: bridge, since: this.#now });
    if (logs) {
      yield* this.#until(row);
      this.#observed.push({ t: this.#now, ev: 'cmd', ns: name, cmd: line, rc, out });
    }
    return out;
  }

  *#namespace([name]: readonly Value[]): Process<Value> {
    this.#settings.wiring.addHost(display(name ?? null));
    yield* sleep(0);
    return null;
  }

  *#enter([ns]: readonly Value[]): Process<Value> {
    const host = this.#hostOf(ns);
    yield* sleep(0);
    return objectOf('inside', [
      ['__enter__', native('__enter__', () => this.#inside.push(host))],
      [
        '__exit__',
        native('__exit__', () => {
          this.#inside.pop();
          return null;
        }),
      ],
    ]);
  }

  *#watch(self: Value, values: readonly Value[], named: Named): Process<Value> {
    const host = display(values[0] ?? named.get('ns') ?? 'node');
    const given = values.length > 1 ? values[1] : named.get('pcap');
    const packets = given === undefined ? 'udp or icmp or tcp' : given;
    this.#observe(self, host, undefined);
    if (typeof packets === 'string' && packets !== '') this.#observe(self, host, packets);
    yield* sleep(fromSeconds(watchDelay));
    return null;
  }

  #observe(self: Value, host: string, packets: string | undefined): void {
    const watch: Watch = { host, packets, from: this.#now, until: Number.POSITIVE_INFINITY };
    this.#watches.push(watch);
    const end = native('terminate', () => {
      watch.until = Math.min(watch.until, this.#now);
      return null;
    });
    const process = objectOf('Popen', [
      ['terminate', end],
      ['kill', end],
      ['wait', native('wait', () => 0)],
      ['poll', native('poll', () => null)],
    ]);
    const processes = self instanceof Instance ? self.attributes.get('procs') : undefined;
    if (processes instanceof List) processes.items.push(process);
  }

  *#list(values: readonly Value[], named: Named): Process<Value> {
    const ns = display(values[0] ?? named.get('ns') ?? 'node');
    const why = plain(values[1] ?? named.get('why') ?? '');
    const row = this.#settings.pace.take('ct-list', new Map<string, unknown>(Object.entries({ ns, why })));
    yield* this.#until(row, dumpDelay);
    const host = this.#hostOf(ns);
    const entries = [
      ...listRow(host.conntrack.list(), this.#settings.simulation.now),
      ...this.#bridges
        .filter(({ name }) => this.#shell.snooping.has(name))
        .flatMap((bridge) => (bridge.host === host ? this.#membership(bridge) : [])),
    ];
    yield* this.#until(row);
    this.#observed.push({ t: this.#now, ev: 'ct-list', ns, why, entries });
    return new List(entries.map((entry) => fromJson(entry)));
  }

  #membership({ host, name, since }: { host: Host; name: string; since: number }): Readonly<Record<string, unknown>>[] {
    const address = host.stack.devices.get(name)?.addresses[0]?.address;
    return address === undefined ? [] : [membershipEntry(formatAddress(address), since, this.#now)];
  }

  *#counters(values: readonly Value[], named: Named): Process<Value> {
    const ns = display(values[0] ?? named.get('ns') ?? 'node');
    const why = plain(values[1] ?? named.get('why') ?? '');
    const row = this.#settings.pace.take('ct-stats', new Map<string, unknown>(Object.entries({ ns, why })));
    yield* this.#until(row);
    const counters = this.#hostOf(ns).conntrack.counters;
    this.#observed.push({ t: this.#now, ev: 'ct-stats', ns, why, ...counters });
    return fromJson({ ...counters });
  }

  *#close(self: Value): Process<Value> {
    if (self instanceof Instance) self.attributes.set('stop', true);
    yield* sleep(second / 2);
    for (const watch of this.#watches) watch.until = Math.min(watch.until, this.#now);
    return null;
  }

  #hostOf(ns: Value | undefined): Host {
    const host = typeof ns === 'string' ? this.#settings.wiring.hosts.get(ns) : undefined;
    if (host === undefined) throw new NotUnderstood(`the namespace ${display(ns ?? null)}`);
    return host;
  }
}

/** A value as JSON has it. */
function plain(value: Value): unknown {
  if (value instanceof List || value instanceof Tuple) return value.items.map(plain);
  if (value instanceof Dictionary)
    return Object.fromEntries([...value.entries.values()].map(([key, one]) => [display(key), plain(one)]));
  if (value instanceof Uint8Array) return [...value];
  return typeof value === 'object' && value !== null ? display(value) : value;
}

/** What JSON has as a value. */
function fromJson(json: unknown): Value {
  if (Array.isArray(json)) return new List(json.map(fromJson));
  if (typeof json === 'object' && json !== null)
    return new Dictionary(Object.entries(json).map(([key, value]) => [key, fromJson(value)]));
  return typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean' ? json : null;
}
