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
    const [own, other] = numbered(left.get(workload), right.get(workload));
    for (const call of new Set([...own.keys(), ...other.keys()])) {
      const pair = { a: own.get(call), b: other.get(call) };
      pairs.push({ workload, start: Math.min(...[pair.a, pair.b].flatMap((one) => one?.start ?? [])), ...pair });
    }
  }
  return pairs.sort((one, other) => one.start - other.start);
}

type Calls = ReadonlyMap<string, ReadonlyMap<number, JudgedLookup>>;

/** The calls of one workload in both runs, by host and number. Where each has one host, that is the pod, whatever its host is called: with `hostNetwork` it is its node. */
function numbered(a: Calls = new Map(), b: Calls = new Map()): [Map<string, JudgedLookup>, Map<string, JudgedLookup>] {
  const isOne = a.size === 1 && b.size === 1;
  const flat = (calls: Calls) =>
    new Map(
      [...calls].flatMap(([host, own]) =>
        [...own].map(([number, lookup]) => [isOne ? String(number) : `${host} ${number}`, lookup] as const),
      ),
    );
  return [flat(a), flat(b)];
}

/** By workload; then by the host, which is one of several in a Deployment, and the number of the call. Of one that was made again, the last. */
function lookupsByCall({ store, analysis }: FinishedRun, until: Micros): Map<string, Calls> {
  const numbers = new Map<TraceId, number>();
  for (const { trace, number } of store.rows(lookupEnded)) numbers.set(trace, number);
  for (const { trace, number } of store.rows(replySeen)) numbers.set(trace, number);
  return new Map(
    analysis.workloads.map(({ summary, lookups }) => {
      const calls = new Map<string, Map<number, JudgedLookup>>();
      for (const lookup of lookups) {
        if (lookup.start >= until || lookup.end > until) continue;
        const own = calls.get(lookup.host) ?? new Map<number, JudgedLookup>();
        calls.set(lookup.host, own.set(numbers.get(lookup.trace) ?? -1, lookup));
      }
      return [summary.workload, calls];
    }),
  );
}
