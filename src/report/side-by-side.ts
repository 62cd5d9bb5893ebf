import type { Micros } from '../engine/time.ts';
import type { FinishedRun } from '../study/run.ts';
import type { WorkloadAnalysis } from '../trace/analysis.ts';
import { inMilliseconds, instant } from '../trace/words.ts';

/** The same lookups made by clients that differ: what each of them made of the same moment. */
export interface SideBySide {
  readonly name: string;
  /** When the lookups of each column began. */
  readonly times: readonly Micros[];
  readonly rows: readonly SideRow[];
}

interface SideRow {
  readonly workload: string;
  /** `glibc 2.36`, `Java 17, glibc 2.36` */
  readonly resolver: string;
  readonly cells: readonly SideCell[];
}

export interface SideCell {
  readonly took: Micros;
  readonly queries: number;
  /** `OK` or the error. */
  readonly result: string;
}

const fewest = 3;
const mostLookups = 6;
/** Of which so many stand beside each other in 80 columns. */
const mostColumns = 3;

/** Three clients or more that look up one name, a few times each, in different ways; undefined where a run has no such clients. */
export function sideBySide(run: FinishedRun): SideBySide | undefined {
  const groups = new Map<string, WorkloadAnalysis[]>();
  for (const workload of run.analysis.workloads) {
    const [first] = workload.lookups;
    const count = workload.lookups.length;
    if (first === undefined || count > mostLookups || clientOf(run, workload) === undefined) continue;
    const key = `${first.name.replace(/\.$/, '')} ${count}`;
    groups.set(key, [...(groups.get(key) ?? []), workload]);
  }
  const group = [...groups.values()].find((own) => {
    return own.length >= fewest && new Set(own.map((one) => clientOf(run, one))).size > 1;
  });
  const [one] = group ?? [];
  if (group === undefined || one === undefined) return undefined;
  return {
    name: one.lookups[0]?.name ?? '',
    times: one.lookups.map(({ start }) => start),
    rows: group.map((workload) => rowOf(run, workload)),
  };
}

/** What tells clients apart: the resolver and what it reads. */
function clientOf({ world }: FinishedRun, { summary }: WorkloadAnalysis): string | undefined {
  const workload = world.workloads.find(({ name }) => name === summary.workload);
  if (workload?.kind !== 'lookups') return undefined;
  const { kind, release, resolvConf, cache } = workload.resolver;
  return [kind, release, resolvConf.text, JSON.stringify(cache ?? {})].join('\n');
}

function rowOf(run: FinishedRun, { summary, lookups }: WorkloadAnalysis): SideRow {
  const workload = run.world.workloads.find(({ name }) => name === summary.workload);
  const resolver = workload?.kind === 'lookups' ? workload.resolver : undefined;
  const own = resolver === undefined ? '' : `${resolver.kind} ${resolver.release}`;
  return {
    workload: summary.workload,
    resolver: resolver?.cache === undefined ? own : `Java ${resolver.cache.release}, ${own}`,
    cells: [...lookups]
      .sort((a, b) => a.start - b.start)
      .map((lookup) => ({
        took: lookup.end - lookup.start,
        queries: run.analysis.namesTried(lookup).reduce((sum, { queries }) => sum + queries.length, 0),
        result: lookup.result,
      })),
  };
}

/** A row a client: how long each lookup took, `!` where it failed, and in brackets how many queries it sent. */
export function sideTables({ name, times, rows }: SideBySide): string[][][] {
  const cell = ({ took, queries, result }: SideCell) =>
    `${inMilliseconds(took)}${result === 'OK' ? '' : '!'} (${queries})`;
  const tables = Array.from({ length: Math.ceil(times.length / mostColumns) }, (_, i) => i * mostColumns);
  return tables.map((first) => {
    const shown = <T>(all: readonly T[]) => all.slice(first, first + mostColumns);
    return [
      [name, 'resolver', ...shown(times).map((t) => `at ${instant(t)}`)],
      ...rows.map(({ workload, resolver, cells }) => [workload, resolver, ...shown(cells).map(cell)]),
    ];
  });
}
