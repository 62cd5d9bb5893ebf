import { absolute } from '../../dns/name.ts';
import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { WorkloadDescription } from '../../workload/description.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Workload = ScenarioFile['workloads'][string];

/** How long Netty's resolver waits for an answer (queryTimeoutMillis). */
const defaultQueryTimeout = 5 * second;

/** When lookups start, up to the end of the run, pauses left out. `random`: of the workload's arrivals. */
function timesOf(workload: Workload, end: Micros, random: RandomStream): Micros[] {
  const { count = Number.POSITIVE_INFINITY, pauses, burst } = workload;
  const times: Micros[] = [];
  let due = 0;
  for (const time of arrivals(workload, end, random)) {
    const isPaused = pauses.some(({ from, until }) => time >= from && time < until);
    for (let i = 0; i < burst && due < count; i++, due++) if (!isPaused) times.push(time);
    if (due >= count) break;
  }
  return times;
}

/** One after the other in equal steps, or with gaps of a Poisson process, whose mean `every` is. */
function* arrivals({ at = 0, every, arrivals: kind }: Workload, end: Micros, random: RandomStream): Generator<Micros> {
  if (kind === 'regular') for (let i = 0; at + i * every <= end; i++) yield at + i * every;
  else
    for (let time = at; time <= end; ) {
      yield time;
      time += Math.round(-Math.log(1 - random.fraction()) * every);
    }
}

export function callsOf(
  workload: Workload,
  end: Micros,
  random: RandomStream,
): { readonly at: Micros; readonly lookup: string }[] {
  return timesOf(workload, end, random).map((at, i) => ({
    at,
    lookup: workload.lookup.replaceAll('%n', String(i + 1)),
  }));
}

/** A program that sends all its questions from one port. */
export function fixedPort(
  name: string,
  workload: Workload,
  {
    to,
    sourcePort,
    until,
    random,
  }: { readonly to: string; readonly sourcePort: number; readonly until: Micros; readonly random: RandomStream },
): WorkloadDescription {
  return {
    kind: 'fixed-port',
    name,
    host: workload.pod,
    sourcePort,
    connected: false,
    to,
    port: 53,
    times: timesOf(workload, until, random),
    send: {
      kind: 'question',
      name: absolute(workload.lookup),
      type: workload.family === 'ipv6' ? 'AAAA' : 'A',
      timeout: workload.timeout ?? defaultQueryTimeout,
    },
  };
}
