import type { ColumnStore } from '../engine/columns.ts';
import type { Micros } from '../engine/time.ts';
import { replyCame } from '../resolver/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { Alias, Truth } from './truth.ts';
import { withoutDot } from './words.ts';

/** Errors that came of a chain of CNAMEs without an end, once for each lookup and name. */
export function* loopingAliases(store: ColumnStore, truth: Pick<Truth, 'aliasOf'>): Generator<Evidence> {
  const found = new Map<string, Evidence>();
  for (const row of store.rows(replyCame)) {
    if (row.rcode !== 'SERVFAIL' || row.cause === 'not-ours') continue;
    const alias = truth.aliasOf(row.name, row.t);
    if (alias?.isLoop !== true) continue;
    const key = `${store.parentOf(row.trace)} ${row.name}`;
    found.set(key, evidenceOf(row, 'end', 'cname-loop', textOf(row.name, alias)));
  }
  yield* found.values();
}

/** Why a name that was denied has no address, where it is an alias: the cause, and that in words. */
export function aliasWithoutEnd(
  name: string,
  at: Micros,
  truth: Pick<Truth, 'aliasOf' | 'thereSince'>,
): readonly [cause: string, text: string] | undefined {
  const alias = truth.thereSince(name, at) === undefined ? truth.aliasOf(name, at) : undefined;
  if (alias === undefined) return undefined;
  return [alias.isLoop ? 'cname-loop-nodata' : 'dangling-cname-nxdomain', textOf(name, alias)];
}

function textOf(name: string, { target, isLoop }: Alias): string {
  const aliased = `${withoutDot(name)} is an alias (CNAME)`;
  if (isLoop) return `${aliased} that leads back to itself, by ${withoutDot(target)}`;
  return `${aliased} for ${withoutDot(target)}, of which no address was found`;
}
