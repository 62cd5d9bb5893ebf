import { Recorder, type Sink } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { Problem, Source } from '../problem/problem.ts';
import { parseCorefile } from './corefile/parser.ts';
import { Metrics } from './metrics.ts';
import type { Release } from './releases.ts';
import { buildInstance, type Runtime } from './server/instance.ts';

/** What a Corefile is read with. */
export interface CheckContext {
  readonly release: Release;
  /** The plugins that were built into the program; absent: all of CoreDNS's own. */
  readonly builtIn?: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  /** Plugins that are left out though they are not modelled. */
  readonly ignore?: readonly string[];
}

/** Finds every mistake in a Corefile and everything in it that is not modelled (remarked on where it changes no answer), without running it. */
export function checkCorefile(
  source: Source,
  { release, builtIn, files, environment, ignore = [] }: CheckContext,
  remarks: Problem[],
  problems: Problem[],
): void {
  const directory = { read: (path: string) => files[path.replace(/^\.\//, '')], names: () => Object.keys(files) };
  const mistakes: Problem[] = [];
  const corefile = parseCorefile(source, { directives: release.plugins, files: directory, environment }, mistakes);
  problems.push(...mistakes);
  // Beside an unknown directive the rest of the file can still be read.
  if (mistakes.some(({ code }) => code !== 'unknown-directive')) return;
  const runtime: Runtime = {
    simulation: new Simulation('check', new Recorder(nowhere)),
    sockets: noSockets,
    owner: 'check',
    release,
    ...(builtIn && { builtIn }),
    files: directory,
    environment,
    ignore,
    port: 53,
    cluster: nothingThere,
    metrics: new Metrics(),
    supervision: {
      configuration: () => undefined,
      restart: stay,
      uses: () => false,
      spawn: () => notRunning('a process'),
    },
    log: () => {},
    fatal: () => {},
    serveHttp: () => ({ close: () => {} }),
  };
  // Nothing in a set-up waits unless it uses the network, which a check leaves out.
  buildInstance(corefile, runtime, { problems, remarks, stopAtFirst: false }).next();
}

const nowhere: Sink = { trace: () => {}, write: () => {} };

const noSockets: Sockets = {
  host: 'check',
  udp: () => ({ error: 'EINVAL', about: 0 }),
  listen: () => ({ error: 'EINVAL', about: 0 }),
  connect: () => notRunning('a connection'),
  owns: () => true,
  closeSockets: () => {},
};

const nothingThere: Runtime['cluster'] = {
  *sync() {},
  namespaces: () => [],
  services: () => [],
  endpoints: () => [],
  pods: () => [],
};

// biome-ignore lint/correctness/useYield: nothing is there to restart
function* stay() {
  return undefined;
}

function notRunning(what: string): never {
  throw new Error(`${what} was wanted while a Corefile was only checked`);
}
