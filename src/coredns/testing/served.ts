import { query } from '../../dns/build.ts';
import type { Edns, Message } from '../../dns/message.ts';
import { formatRecord } from '../../dns/text.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond } from '../../engine/time.ts';
import type { Problem } from '../../problem/problem.ts';
import type { TcpLimits } from '../../transport/serve-tcp.ts';
import type { ClusterView } from '../cluster-view.ts';
import { SetupError } from '../corefile/dispenser.ts';
import { parseCorefile } from '../corefile/parser.ts';
import { findRelease } from '../releases.ts';
import { buildInstance, type Instance } from '../server/instance.ts';
import { loneRuntime } from '../server/lone-runtime.ts';

/** A Corefile set up for a test, without a process and without a network around it. */
export interface Served {
  readonly simulation: Simulation;
  /** Lines of the log so far. */
  readonly log: readonly string[];
  readonly problems: readonly Problem[];
  /** What was left out. */
  readonly remarks: readonly Problem[];
  /** CoreDNS's refusal, if it refuses. */
  readonly failure: string | undefined;
  /** What each server allows a TCP connection. */
  readonly tcpLimits: readonly TcpLimits[];
  /** The reply in words, or undefined when nothing was sent within a minute. */
  ask(name: string, type: string, options?: { readonly edns?: Edns }): Shown | undefined;
}

export interface Shown {
  readonly rcode: string;
  readonly aa: boolean;
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  readonly additional: readonly string[];
  readonly size: number;
}

const client = { address: 0x0a090001, port: 40_000 };
const local = { address: 0x0a09000a, port: 53 };

/** Sets a Corefile up as a release does; 1.15.0 unless said. */
export function served(
  text: string,
  options: { readonly release?: string; readonly files?: Record<string, string>; readonly cluster?: ClusterView } = {},
): Served {
  const release = findRelease(options.release ?? '1.15.0');
  if (release === undefined) throw new Error(`there is no release ${options.release}`);
  const simulation = new Simulation('test', new Recorder(new ColumnStore()));
  const log: string[] = [];
  const problems: Problem[] = [];
  const remarks: Problem[] = [];
  const files = { read: (path: string) => options.files?.[path], names: () => Object.keys(options.files ?? {}) };
  const runtime = loneRuntime({
    simulation,
    owner: 'test',
    release,
    files,
    cluster: options.cluster,
    log: (line) => log.push(line),
    fatal: (line) => log.push(line),
  });
  const corefile = parseCorefile(
    { file: 'Corefile', text },
    { directives: release.plugins, files, environment: {} },
    problems,
  );
  let built: Instance | SetupError | undefined;
  simulation.spawn(
    (function* () {
      built = yield* buildInstance(corefile, runtime, { problems, remarks, stopAtFirst: true });
      if (!(built instanceof SetupError)) yield* built.run('startup');
    })(),
  );
  simulation.run(0);
  const failure = corefile.failure ?? (built instanceof SetupError ? built.message : undefined);
  const ask: Served['ask'] = (name, type, { edns } = {}) => {
    if (built === undefined || built instanceof SetupError) throw new Error(failure);
    const [server] = built.servers;
    const message = query(7, { name, type }, edns === undefined ? {} : { edns });
    let shown: Shown | undefined;
    simulation.spawn(
      (function* () {
        const reply = yield* server?.serve({ message, protocol: 'udp', client, local, trace: 0 }) ?? [];
        if (reply !== undefined) shown = show(reply.message, reply.size);
      })(),
    );
    for (let i = 0; i < 60_000 && shown === undefined; i++) simulation.run(simulation.now + millisecond);
    return shown;
  };
  const servers = built === undefined || built instanceof SetupError ? [] : built.servers;
  const tcpLimits = servers.map((server) => server.tcpLimits);
  return { simulation, log, problems, remarks, failure, tcpLimits, ask };
}

function show(message: Message, size: number): Shown {
  const { rcode, flags, answer, authority, additional } = message;
  const text = (records: Message['answer']) => records.map(formatRecord);
  return { rcode, aa: flags.aa, answer: text(answer), authority: text(authority), additional: text(additional), size };
}
