import { proxyCommit, worldEvent } from '../../cluster/records.ts';
import { coreDnsExit, coreDnsLife } from '../../coredns/records.ts';
import { type Micros, millisecond } from '../../engine/time.ts';
import { quoteFrom } from '../../trace/quote.ts';
import { recordsBelow, type TraceRecord } from '../../trace/records.ts';
import type { FinishedRun } from '../run.ts';
import { type Clause, clauseOf, mayDecide } from './clauses.ts';
import type { Pair } from './pairs.ts';

/** Where two runs cease to be one and the same. */
export interface Parting {
  readonly t: Micros;
  /** The workload and start of the lookup on whose way it happened; undefined: on the way of none. */
  readonly lookup: { readonly workload: string; readonly start: Micros } | undefined;
  /** What happened in each run; undefined: nothing of that kind. */
  readonly a: PartingStep | undefined;
  readonly b: PartingStep | undefined;
}

interface PartingStep {
  readonly t: Micros;
  /** A sentence without its end. */
  readonly words: string;
}

/** Steps that are this far apart are not the same; less is put down to other draws of a link's jitter. */
const leastShift = millisecond;

/** The first record, in time, that says something else in one run than in the other. */
export function partingOf(a: FinishedRun, b: FinishedRun, pairs: readonly Pair[], until: Micros): Parting | undefined {
  if (a.store.sameAs(b.store)) return undefined;
  let first = partOnTheWay(a, b, undefined, worldSteps(a, until), worldSteps(b, until));
  for (const pair of pairs) {
    if (first !== undefined && pair.start > first.t) break;
    const found = partOnTheWay(a, b, pair, stepsOf(a, pair.a?.trace), stepsOf(b, pair.b?.trace));
    if (found !== undefined && (first === undefined || found.t < first.t)) first = found;
  }
  return first;
}

interface Step {
  readonly t: Micros;
  readonly clause: Clause;
}

function* stepsOf({ store }: FinishedRun, root: number | undefined): Generator<Step> {
  if (root === undefined) return;
  for (const record of recordsBelow(store, root, mayDecide)) {
    const clause = clauseOf(record);
    if (clause !== undefined) yield { t: record.row.t, clause };
  }
}

/** What happens in the cluster by itself. */
function worldSteps({ store }: FinishedRun, until: Micros): Iterable<Step> {
  const records: TraceRecord[] = [
    ...[...store.rows(worldEvent)].map((row) => ({ kind: worldEvent.name, row })),
    ...[...store.rows(coreDnsExit)].map((row) => ({ kind: coreDnsExit.name, row })),
    ...[...store.rows(coreDnsLife)].map((row) => ({ kind: coreDnsLife.name, row })),
    ...[...store.rows(proxyCommit)].map((row) => ({ kind: proxyCommit.name, row })),
  ];
  return records
    .filter(({ row }) => row.t <= until)
    .sort((one, other) => one.row.t - other.row.t)
    .flatMap((record) => {
      const clause = clauseOf(record);
      return clause === undefined ? [] : [{ t: record.row.t, clause }];
    });
}

function partOnTheWay(
  a: FinishedRun,
  b: FinishedRun,
  pair: Pair | undefined,
  stepsA: Iterable<Step>,
  stepsB: Iterable<Step>,
): Parting | undefined {
  const [left, right] = [stepsA[Symbol.iterator](), stepsB[Symbol.iterator]()];
  for (;;) {
    const [one, other] = [left.next(), right.next()];
    const [own, its] = [one.done ? undefined : one.value, other.done ? undefined : other.value];
    if (own === undefined && its === undefined) return undefined;
    if (own !== undefined && its !== undefined && isSame(own, its)) continue;
    // What the cluster does by itself answers to nothing: beside a step stands the same one, at its own time.
    const isLater = (step: Step | undefined, than: Step | undefined) =>
      pair === undefined && step !== undefined && than !== undefined && step.t - than.t >= leastShift;
    const [shownA, shownB] = isLater(its, own)
      ? [own, sameAs(own, [its, ...rest(right)])]
      : isLater(own, its)
        ? [sameAs(its, [own, ...rest(left)]), its]
        : [own, its];
    return {
      t: Math.min(...[own, its].flatMap((step) => step?.t ?? [])),
      lookup: pair && { workload: pair.workload, start: pair.start },
      a: shownA && { t: shownA.t, words: shownA.clause.words(quoteFrom(a.world, a.store)) },
      b: shownB && { t: shownB.t, words: shownB.clause.words(quoteFrom(b.world, b.store)) },
    };
  }
}

function sameAs(step: Step | undefined, later: readonly (Step | undefined)[]): Step | undefined {
  return later.find((one) => one?.clause.key === step?.clause.key);
}

function rest(steps: Iterator<Step>): Step[] {
  const all: Step[] = [];
  for (let next = steps.next(); !next.done; next = steps.next()) all.push(next.value);
  return all;
}

function isSame(a: Step, b: Step): boolean {
  return a.clause.key === b.clause.key && Math.abs(a.t - b.t) < leastShift;
}
