import { absolute } from '../../dns/name.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { WorkloadDescription } from '../../workload/description.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

type Workload = ScenarioFile['workloads'][string];

/** How long Netty's resolver waits for an answer (queryTimeoutMillis). */
const defaultQueryTimeout = 5 * second;

/** When lookups start, up to the end of the run, pauses left out. */
function timesOf({ at = 0, every, count = Number.POSITIVE_INFINITY, pauses }: Workload, end: Micros): Micros[] {
  const times: Micros[] = [];
  for (let i = 0; i < count && at + i * every <= end; i++) {
    const time = at + i * every;
    if (!pauses.some(({ from, until }) => time >= from && time < until)) times.push(time);
  }
  return times;
}

export function callsOf(workload: Workload, end: Micros): { readonly at: Micros; readonly lookup: string }[] {
  return timesOf(workload, end).map((at, i) => ({ at, lookup: workload.lookup.replaceAll('%n', String(i + 1)) }));
}

/** A program that sends all its questions from one port. */
export function fixedPort(
  name: string,
  workload: Workload,
  { to, sourcePort, until }: { readonly to: string; readonly sourcePort: number; readonly until: Micros },
): WorkloadDescription {
  return {
    kind: 'fixed-port',
    name,
    host: workload.pod,
    sourcePort,
    connected: false,
    to,
    port: 53,
    times: timesOf(workload, until),
    send: {
      kind: 'question',
      name: absolute(workload.lookup),
      type: workload.family === 'ipv6' ? 'AAAA' : 'A',
      timeout: workload.timeout ?? defaultQueryTimeout,
    },
  };
}
