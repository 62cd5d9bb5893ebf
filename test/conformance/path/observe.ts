import { buildWorld, type RunningWorld } from '../../../src/cluster/build.ts';
import { coreDnsLog } from '../../../src/coredns/records.ts';
import type { ColumnStore } from '../../../src/engine/columns.ts';
import { Kept } from '../../../src/engine/kept.ts';
import { Recorder } from '../../../src/engine/recorder.ts';
import { Simulation } from '../../../src/engine/simulation.ts';
import { fromSeconds, type Micros, toSeconds } from '../../../src/engine/time.ts';
import { conntrackEvent, packetDelivered } from '../../../src/kernel/records.ts';
import { serverQuery } from '../../../src/servers/records.ts';
import { datagramSent, lookupEnded, replySeen } from '../../../src/workload/records.ts';
import { observedCalls } from './calls.ts';
import { questionsAsked } from './clients.ts';
import { conntrackEvents, conntrackTable } from './conntrack.ts';
import { receive } from './receivers.ts';
import type { PathRecording } from './recording.ts';
import { instant, recordedWorld, recordingStart } from './world.ts';

const afterLastCall = fromSeconds(0.4);
const lookAgain = fromSeconds(0.05);
/** What is read of a run. */
const kindsRead = [coreDnsLog, lookupEnded, replySeen, datagramSent, packetDelivered, serverQuery, conntrackEvent];

/** Seconds of the recording's clock, to the millisecond. */
export function onClock(t: Micros): number {
  return Math.round(toSeconds(t - recordingStart) * 1000) / 1000;
}

/** What the simulator does in a recording's world, in the recording's own shape. */
export function observeRelease(recording: PathRecording, release: string, seed = '1') {
  const store = new Kept(...kindsRead);
  const simulation = new Simulation(seed, new Recorder(store));
  const running = buildWorld(recordedWorld(recording, release, seed), simulation);
  const received = receive(recording, running, simulation);
  const snapshots = runToEnd(recording, running, simulation, store);
  // The table is read first: a dump ends what has run out, and the recorder still hears of that.
  const conntrack_end = conntrackTable(recording, running, simulation.now);
  const tracked = recording.conntrack === 'none' ? {} : { conntrack: conntrackEvents(recording, store), conntrack_end };
  return {
    release,
    calls: observedCalls(recording, store),
    ...upstream(recording, store),
    ...(recording.log ? { log: logs(recording, store) } : {}),
    ...tracked,
    ...(snapshots.length === 0 ? {} : { snapshots }),
    ...(received.size === 0 ? {} : { received: Object.fromEntries(received) }),
  };
}

/** Runs until the clients are done, taking the snapshots on the way; the clock then stands where the last tables were read. */
function runToEnd(recording: PathRecording, running: RunningWorld, simulation: Simulation, store: ColumnStore) {
  const snapshots: { t: number; table: unknown }[] = [];
  for (const step of recording.steps) {
    if (!('snapshot' in step)) continue;
    simulation.run(instant(step.at));
    snapshots.push({ t: step.at, table: conntrackTable(recording, running, simulation.now) });
  }
  const lastStep = Math.max(0, ...recording.steps.map(({ at }) => at));
  simulation.run(Math.max(simulation.now, instant(recording.until), instant(lastStep)));
  const questions = questionsAsked(recording);
  const isBusy = () =>
    store.count(replySeen) < questions || [...running.workloads.values()].some((task) => !task.ended);
  while (isBusy() && simulation.now < instant(recording.limit)) simulation.run(simulation.now + lookAgain);
  simulation.run(simulation.now + afterLastCall);
  return snapshots;
}

/** Lines that the recorder leaves out. */
const uninteresting = /^(CoreDNS-|linux\/|\.:|\S+:\d+( on .*)?$|.*plugin\/reload: Running configuration|maxprocs)/;

function logs(recording: PathRecording, store: ColumnStore): Record<string, readonly [number, string][]> {
  const lines: Record<string, [number, string][]> = {};
  for (const name of Object.keys(recording.coredns)) lines[name] = [];
  for (const { t, at, line } of store.rows(coreDnsLog)) {
    if (t >= recordingStart && !uninteresting.test(line)) lines[at]?.push([onClock(t), line]);
  }
  const { max_log: most } = recording;
  return Object.fromEntries(Object.entries(lines).map(([name, list]) => [name, firstAndLast(list, most)]));
}

interface UpstreamQuery extends Partial<ScriptedFields> {
  readonly t: number;
  readonly server: string;
  readonly name: string;
  readonly type: string;
}

/** What the logs of named and unbound do not tell. */
interface ScriptedFields {
  readonly proto: string;
  readonly edns: number | null;
  readonly do: boolean;
  readonly rd: boolean;
  readonly did: string;
}

function scriptedFields(row: Omit<ScriptedFields, 'proto'> & { readonly protocol: string }): ScriptedFields {
  const { protocol: proto, edns, do: dnssec, rd } = row;
  // The recorder calls a reply with another id an answer.
  const did = row.did === 'wrongid' ? 'answer' : row.did;
  return { proto, edns: edns === null || Number.isNaN(edns) ? null : edns, do: dnssec, rd, did };
}

function upstream(
  recording: PathRecording,
  store: ColumnStore,
): { upstream: readonly UpstreamQuery[]; upstream_count?: number } {
  const queries: UpstreamQuery[] = [];
  const arrivals = arrivalsAtRecursors(recording, store);
  for (const row of store.rows(serverQuery)) {
    if (row.t < recordingStart || isUnseen(row, recording)) continue;
    const { server, name, type } = row;
    const query = { t: onClock(arrivals.get(row.trace) ?? row.t), server, name, type };
    queries.push(server in recording.servers ? { ...query, ...scriptedFields(row) } : query);
  }
  const { max_upstream: most } = recording;
  if (most === undefined || queries.length <= most) return { upstream: queries };
  return { upstream: firstAndLast(queries, most), upstream_count: queries.length };
}

/** When each query reached a recursor, which logs it then; ours tells of it when it has an answer. By trace. */
function arrivalsAtRecursors({ unbound }: PathRecording, store: ColumnStore): Map<number, Micros> {
  const arrivals = new Map<number, Micros>();
  if (Object.keys(unbound).length === 0) return arrivals;
  for (const { owner, trace, t } of store.rows(packetDelivered)) {
    if (owner in unbound && !arrivals.has(trace)) arrivals.set(trace, t);
  }
  return arrivals;
}

/** Health probes are left out of the recorder's list, and unbound's log of questions for name servers. */
function isUnseen(
  { server, name, type }: { server: string; name: string; type: string },
  recording: PathRecording,
): boolean {
  if (server in recording.unbound) return type === 'NS';
  return !recording.health_log && name === '.' && type === 'NS';
}

function firstAndLast<T>(list: readonly T[], most: number | undefined): readonly T[] {
  if (most === undefined || list.length <= most) return list;
  const half = Math.floor(most / 2);
  return [...list.slice(0, half), ...list.slice(-half)];
}
