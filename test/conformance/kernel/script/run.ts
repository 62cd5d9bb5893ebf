import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ColumnStore } from '../../../../src/engine/columns.ts';
import type { Process } from '../../../../src/engine/process.ts';
import { Recorder } from '../../../../src/engine/recorder.ts';
import { Simulation } from '../../../../src/engine/simulation.ts';
import { fromSeconds, second } from '../../../../src/engine/time.ts';
import { recordings } from '../../find.ts';
import { builtins } from '../python/builtins.ts';
import { Interpreter } from '../python/interpreter.ts';
import { modulesFor, objectOf } from '../python/modules.ts';
import { parseScript } from '../python/parse.ts';
import { Class, display, NotUnderstood, native, osError, Scope, timeoutError, type Value } from '../python/values.ts';
import { type Row, text } from '../recording.ts';
import { Experiment } from './experiment.ts';
import { Pace } from './pace.ts';
import { errnoModule, TcpScriptSocket, UdpScriptSocket } from './sockets.ts';
import { Wiring } from './wiring.ts';

/** Where t = 0 of a recording lies: set-up comes before it. */
const start = 30 * second;
/** A script may take so much longer than it took in reality. */
const spare = 60;

/** The script that made a recording, where it stands beside it and is one of krlib.py's. */
export function scriptOf(recording: string): string | undefined {
  const path = recording.replace(/\.jsonl$/, '.py');
  const isOurs = path !== recording && existsSync(path) && /^from krlib import/m.test(readFileSync(path, 'utf8'));
  return isOurs ? path : undefined;
}

/**
 * Runs the script that made a recording, on the simulator instead of a machine: krlib.py as it stands, but for what it
 * does by programs and sockets. The recording's rows say when the script came how far. Throws what is not understood.
 */
export function observeByScript(script: string, rows: readonly Row[], seed: string): unknown[] {
  const meta = rows.find((row) => row.ev === 'meta');
  const kernel = meta === undefined ? '6.18' : text(meta, 'kernel');
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
  const wiring = new Wiring(simulation, kernel);
  const pace = new Pace(rows);
  const experiment = new Experiment({ simulation, store, wiring, pace, start });
  const failures: unknown[] = [];
  const modules: Map<string, ReadonlyMap<string, Value>> = modulesFor({
    simulation,
    kernel,
    calls: () => interpreter,
    failed: (error) => failures.push(error),
  });
  modules.set('socket', socketModule(simulation, experiment, pace));
  modules.set('errno', errnoModule);
  const common = builtins();
  common.set(
    'open',
    native('open', () => file()),
  );
  const interpreter = new Interpreter(common, modules);
  const main = function* (): Process {
    modules.set('krlib', yield* library(interpreter, script, experiment));
    yield* interpreter.run(parseScript(readFileSync(script, 'utf8')));
  };
  const begin = start + fromSeconds(Math.min(0, rows[0]?.t ?? 0));
  simulation.at(Math.max(0, begin), () => simulation.spawn(main()));
  const end = Math.max(0, ...rows.map((row) => row.t));
  simulation.run(start + fromSeconds(end + spare));
  if (failures.length > 0) throw failures[0];
  return experiment.rows();
}

/** krlib.py: the one beside the script, or the project's own. */
function* library(
  interpreter: Interpreter,
  script: string,
  experiment: Experiment,
): Process<ReadonlyMap<string, Value>> {
  const beside = join(dirname(script), 'krlib.py');
  const path = existsSync(beside) ? beside : join(recordings, 'kernel', 'krlib.py');
  const scope = new Scope();
  scope.set('__file__', path);
  scope.set('__name__', 'krlib');
  yield* interpreter.block(parseScript(readFileSync(path, 'utf8')), scope);
  const harness = scope.names.get('Exp');
  if (!(harness instanceof Class)) throw new NotUnderstood(`${path}: no class Exp`);
  for (const [name, method] of experiment.methods()) harness.attributes.set(name, method);
  return scope.names;
}

/** A file that is written for nobody. */
function file(): Value {
  return objectOf('file', [
    ['write', native('write', () => 0)],
    ['close', native('close', () => null)],
  ]);
}

const constants: Readonly<Record<string, number>> = {
  AF_INET: 2,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOL_SOCKET: 1,
  SO_REUSEADDR: 2,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_LINGER: 13,
  SO_REUSEPORT: 15,
  SOL_IP: 0,
  IPPROTO_IP: 0,
  IPPROTO_TCP: 6,
  IPPROTO_UDP: 17,
  IP_RECVERR: 11,
  IP_MTU_DISCOVER: 10,
  TCP_NODELAY: 1,
  MSG_DONTWAIT: 0x40,
  MSG_ERRQUEUE: 0x2000,
  SHUT_RD: 0,
  SHUT_WR: 1,
  SHUT_RDWR: 2,
};

function socketModule(simulation: Simulation, experiment: Experiment, pace: Pace): ReadonlyMap<string, Value> {
  const taken = new Set<number>();
  const world = {
    simulation,
    chosenPort: () => {
      const port = pace.nextPort((simulation.now - start) / second - 0.1, (one) => taken.has(one)) ?? 0;
      taken.add(port);
      return port;
    },
  };
  const open = native('socket', (values, named) => {
    const kind = values[1] ?? named.get('type') ?? 2;
    const { host } = experiment;
    return kind === 1 ? new TcpScriptSocket(world, host) : new UdpScriptSocket(world, host);
  });
  return new Map<string, Value>([
    ...Object.entries(constants),
    ['socket', open],
    ['timeout', timeoutError],
    ['error', osError],
    ['inet_ntoa', native('inet_ntoa', ([octets]) => (octets instanceof Uint8Array ? octets.join('.') : ''))],
    [
      'inet_aton',
      native('inet_aton', ([name]) =>
        Uint8Array.from(
          display(name ?? '')
            .split('.')
            .map(Number),
        ),
      ),
    ],
  ]);
}
