import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Process, sleep, type Task } from '../../../../src/engine/process.ts';
import type { Simulation } from '../../../../src/engine/simulation.ts';
import { fromSeconds, toSeconds } from '../../../../src/engine/time.ts';
import { randomModule, structModule } from './builtins.ts';
import type { Evaluator } from './evaluate.ts';
import {
  Class,
  Dictionary,
  display,
  Instance,
  List,
  type Named,
  Native,
  NotUnderstood,
  native,
  PythonError,
  Tuple,
  type Value,
} from './values.ts';

/** What a script's clock shows when the simulation begins: large, as real ones are, and exact to the microsecond. */
const epoch = 1_000_000;

type Module = ReadonlyMap<string, Value>;
type Calls = Pick<Evaluator, 'call'>;

const nothing = (name: string): Native => native(name, () => null);

/** An object whose methods are given. */
export function objectOf(name: string, attributes: Iterable<readonly [string, Value]>): Instance {
  return new Instance(new Class(name), attributes);
}

export function seconds(value: Value | undefined): number {
  if (typeof value !== 'number') throw new NotUnderstood(`${display(value ?? null)} as a time`);
  return value;
}

/** Seconds since the script's own epoch. */
export function clock(simulation: Simulation): number {
  return epoch + toSeconds(simulation.now);
}

function timeModule(simulation: Simulation): Module {
  const now = native('time', () => clock(simulation));
  return new Map<string, Value>([
    ['time', now],
    ['monotonic', now],
    ['perf_counter', now],
    [
      'sleep',
      new Native('sleep', function* ([span]) {
        yield* sleep(fromSeconds(seconds(span)));
        return null;
      }),
    ],
  ]);
}

/** Threads are processes; `failed` hears of what ended one that should not have. */
function threadingModule(simulation: Simulation, calls: () => Calls, failed: (error: unknown) => void): Module {
  const itemsOf = (value: Value | undefined) => (value instanceof Tuple || value instanceof List ? value.items : []);
  const moreOf = (value: Value | undefined): Named =>
    new Map(value instanceof Dictionary ? [...value.entries.values()].map(([key, one]) => [display(key), one]) : []);
  const threadOf = (delay: number, target: Value, args: readonly Value[], more: Named): Value => {
    let task: Task | undefined;
    const run = function* (): Process {
      try {
        if (delay > 0) yield* sleep(delay);
        yield* calls().call(target, args, more);
      } catch (error) {
        // An exception ends a thread, and nothing else.
        if (!(error instanceof PythonError)) failed(error);
      }
    };
    const start = native('start', () => {
      task = simulation.spawn(run());
      return null;
    });
    return objectOf('Thread', [
      ['start', start],
      [
        'join',
        new Native('join', function* ([timeout]) {
          const deadline =
            typeof timeout === 'number' ? simulation.now + fromSeconds(timeout) : Number.POSITIVE_INFINITY;
          if (task !== undefined) yield* task.join(deadline);
          return null;
        }),
      ],
      ['is_alive', native('is_alive', () => task?.ended === false)],
      ['daemon', true],
    ]);
  };
  const thread = native('Thread', (values, named) =>
    threadOf(0, named.get('target') ?? values[1] ?? null, itemsOf(named.get('args')), moreOf(named.get('kwargs'))),
  );
  const timer = native('Timer', ([delay, target, args, kwargs], named) => {
    const [given, more] = [args ?? named.get('args'), kwargs ?? named.get('kwargs')];
    return threadOf(fromSeconds(Number(delay)), target ?? null, itemsOf(given), moreOf(more));
  });
  const lock = native('Lock', () =>
    objectOf(
      'Lock',
      ['__enter__', '__exit__', 'acquire', 'release'].map((name) => [name, nothing(name)]),
    ),
  );
  return new Map<string, Value>([
    ['Thread', thread],
    ['Timer', timer],
    ['Lock', lock],
    ['RLock', lock],
    ['Event', native('Event', () => event(simulation))],
  ]);
}

/** Looked at every millisecond. */
function event(simulation: Simulation): Value {
  let set = false;
  return objectOf('Event', [
    [
      'set',
      native('set', () => {
        set = true;
        return null;
      }),
    ],
    [
      'clear',
      native('clear', () => {
        set = false;
        return null;
      }),
    ],
    ['is_set', native('is_set', () => set)],
    [
      'wait',
      new Native('wait', function* ([timeout]) {
        const deadline = typeof timeout === 'number' ? simulation.now + fromSeconds(timeout) : Number.POSITIVE_INFINITY;
        while (!set && simulation.now < deadline) yield* sleep(1000);
        return set;
      }),
    ],
  ]);
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 §6. */
function base32Of(octets: Uint8Array): string {
  const bits = [...octets].map((octet) => octet.toString(2).padStart(8, '0')).join('');
  const text = [...bits.matchAll(/.{1,5}/g)].map(([five]) => base32[Number.parseInt(five.padEnd(5, '0'), 2)]).join('');
  return text.padEnd(Math.ceil(text.length / 8) * 8, '=');
}

const octets = (value: Value | undefined): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());

function osModule(kernel: string): Module {
  const path = objectOf('path', [
    ['dirname', native('dirname', ([name]) => dirname(display(name ?? '')))],
    ['abspath', native('abspath', ([name]) => name ?? '')],
    ['join', native('join', (parts) => join(...parts.map(display)))],
  ]);
  const uname = native('uname', () => objectOf('uname', [['release', kernel]]));
  return new Map<string, Value>([
    ['path', path],
    ['uname', uname],
    ['unlink', nothing('unlink')],
    ['environ', objectOf('environ', [])],
  ]);
}

export interface ModuleSettings {
  readonly simulation: Simulation;
  readonly kernel: string;
  readonly calls: () => Calls;
  readonly failed: (error: unknown) => void;
}

/** The modules of Python that scripts import, as far as they are known; sockets come from elsewhere. */
export function modulesFor({ simulation, kernel, calls, failed }: ModuleSettings): Map<string, Module> {
  const sha256 = native('sha256', ([data]) => {
    const digest = new Uint8Array(createHash('sha256').update(octets(data)).digest());
    return objectOf('sha256', [['digest', native('digest', () => digest)]]);
  });
  const encode = native('b32encode', ([data]) => new TextEncoder().encode(base32Of(octets(data))));
  return new Map<string, Module>([
    ['time', timeModule(simulation)],
    ['threading', threadingModule(simulation, calls, failed)],
    ['struct', structModule],
    ['random', randomModule(simulation.stream('script/random'))],
    ['os', osModule(kernel)],
    ['sys', new Map<string, Value>([['argv', new List([''])]])],
    ['hashlib', new Map([['sha256', sha256]])],
    ['base64', new Map([['b32encode', encode]])],
    ['ctypes', new Map([['CDLL', native('CDLL', () => objectOf('library', []))]])],
    ['contextlib', new Map()],
    ['subprocess', new Map()],
    ['collections', new Map()],
    ['resource', new Map()],
    ['select', new Map()],
    ['mmap', new Map()],
    ['json', new Map()],
    ['re', new Map()],
  ]);
}
