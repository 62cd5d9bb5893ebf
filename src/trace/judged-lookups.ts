import type { World } from '../cluster/world.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import { type JudgedLookup, judge } from './lookup.ts';
import { readLookups } from './read-lookups.ts';
import { type Truth, truthOf } from './truth.ts';

/** The lookups of each workload, in order of their return, held against what was true in the world; workloads in its order. */
export function judgedLookups(
  store: ColumnStore,
  world: World,
  { staleSince }: Pick<Truth, 'staleSince'> = truthOf(world),
): Map<string, readonly JudgedLookup[]> {
  const byName = grouped(judge(readLookups(store), staleSince), ({ workload }) => workload);
  // The pods of a Deployment share the names of their workloads.
  const names = new Set(world.workloads.flatMap(({ kind, name }) => (kind === 'query' ? [] : [name])));
  return new Map([...names].map((name) => [name, byName.get(name) ?? []]));
}
