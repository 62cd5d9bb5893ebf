import type { TraceId } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { lookupEnded, replySeen } from '../../workload/records.ts';
import type { FinishedRun } from '../run.ts';

/** The same call of a workload in both runs; one of them may not have come to it, or not to its end. */
export interface Pair {
  readonly workload: string;
  readonly start: Micros;
  readonly a: JudgedLookup | undefined;
  readonly b: JudgedLookup | undefined;
}

/** The calls of the workloads that both runs have, in order of time. */
export function pairsOf(a: FinishedRun, b: FinishedRun, workloads: readonly string[], until: Micros): Pair[] {
  const [left, right] = [lookupsByCall(a, until), lookupsByCall(b, until)];
  const pairs: Pair[] = [];
  for (const workload of workloads) {
    const [own, other] = [left.get(workload), right.get(workload)];
    for (const number of new Set([...(own?.keys() ?? []), ...(other?.keys() ?? [])])) {
      const pair = { a: own?.get(number), b: other?.get(number) };
      pairs.push({ workload, start: Math.min(...[pair.a, pair.b].flatMap((one) => one?.start ?? [])), ...pair });
    }
  }
  return pairs.sort((one, other) => one.start - other.start);
}

/** By workload; then by the host, which is one of several in a Deployment, and the number of the call. Of one that was made again, the last. */
function lookupsByCall({ store, analysis }: FinishedRun, until: Micros): Map<string, Map<string, JudgedLookup>> {
  const numbers = new Map<TraceId, number>();
  for (const { trace, number } of store.rows(lookupEnded)) numbers.set(trace, number);
  for (const { trace, number } of store.rows(replySeen)) numbers.set(trace, number);
  const callOf = ({ host, trace }: JudgedLookup) => `${host} ${numbers.get(trace) ?? -1}`;
  return new Map(
    analysis.workloads.map(({ summary, lookups }) => {
      const calls = lookups.filter(({ start, end }) => start < until && end <= until);
      return [summary.workload, new Map(calls.map((lookup) => [callOf(lookup), lookup]))];
    }),
  );
}
