import type { TraceId } from '../../engine/recorder.ts';
import { splitEndpoint } from '../../network/address.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { withoutEnds } from '../upstream-queries.ts';
import { counted, inSeconds, listed } from '../words.ts';
import { begunAt } from './coredns-steps.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';

/** Attempts that end alike are told once, and then counted. */
export interface Storms {
  /** Strands that are left out with all that they caused. */
  readonly hidden: ReadonlySet<TraceId>;
  /** Numbers of records that are left out. */
  readonly counted: ReadonlySet<number>;
  readonly steps: readonly Draft[];
}

/** So many attempts that end alike are told one by one. */
const fewEnough = 3;

type Attempt = RowOf<'coredns.forward'>;

export function stormsOf(records: readonly TraceRecord[], strands: Strands, scene: Scene): Storms {
  const hidden = new Set<TraceId>();
  const left = new Set<number>();
  const steps: Draft[] = [];
  for (const run of runsOf(records)) {
    const [, ...again] = run;
    if (run.length <= fewEnough) continue;
    for (const { upstream, seq } of again) {
      hidden.add(upstream);
      left.add(seq);
    }
    steps.push(againStep(again, strands, scene));
  }
  const probes = records.flatMap(({ kind, row }) => (kind === 'coredns.health' ? [row] : []));
  for (const { trace } of probes) hidden.add(trace);
  return { hidden, counted: left, steps: [...steps, ...byQuery(probes, scene).flatMap(probeSteps)] };
}

/** Probes of each query that brought them about; those of which none has ended are told only where there are no others. */
function byQuery(probes: readonly RowOf<'coredns.health'>[], { store }: Scene): RowOf<'coredns.health'>[][] {
  const known = new Map<TraceId, RowOf<'coredns.health'>[]>();
  for (const probe of probes) {
    const query = store.parentOf(probe.trace);
    const own = known.get(query);
    if (own === undefined) known.set(query, [probe]);
    else own.push(probe);
  }
  const all = [...known.values()];
  const ended = all.filter((own) => own.some(({ state }) => state !== 'probing'));
  return ended.length > 0 ? ended : all.slice(0, 1);
}

function probeSteps(probes: readonly RowOf<'coredns.health'>[]): Draft[] {
  const [first] = probes;
  const ended = probes.filter(({ state }) => state !== 'probing');
  if (first === undefined) return [];
  const up = ended.filter(({ state }) => state === 'up').length;
  const down = [...new Set(probes.filter(({ state }) => state === 'down').map(({ to }) => to))];
  const answered = up === ended.length ? 'all answered' : up === 0 ? 'none answered' : `${up} of them answered`;
  const verdict =
    down.length === 0
      ? 'no upstream is marked down'
      : `${listed(down)} ${down.length === 1 ? 'is' : 'are'} marked down`;
  const count =
    ended.length === 0 ? 'none has ended yet' : `${counted(ended.length, 'probe')}, ${answered}, and ${verdict}`;
  return [stepAt(first, 'coredns', `Each failure makes CoreDNS probe that upstream's health: ${count}.`)];
}

/** The attempts of each query in runs that end alike. */
function runsOf(records: readonly TraceRecord[]): Attempt[][] {
  const open = new Map<TraceId, Attempt[]>();
  const runs: Attempt[][] = [];
  for (const { kind, row } of records) {
    if (kind !== 'coredns.forward') continue;
    const run = open.get(row.trace);
    const [first] = run ?? [];
    if (run !== undefined && first !== undefined && isAlike(first, row)) run.push(row);
    else {
      const begun = [row];
      open.set(row.trace, begun);
      runs.push(begun);
    }
  }
  return runs;
}

function isAlike(a: Attempt, b: Attempt): boolean {
  return a.outcome === b.outcome && a.protocol === b.protocol && withoutEnds(a.error) === withoutEnds(b.error);
}

function againStep(again: readonly Attempt[], strands: Strands, scene: Scene): Draft {
  const [first] = again;
  const last = again.at(-1);
  if (first === undefined || last === undefined) throw new Error('a storm without attempts');
  const upstreams = [...new Set(again.map(({ to }) => scene.nameOf(splitEndpoint(to).address)))].sort();
  const begun = begunAt(first, strands);
  const turns = upstreams.length > 1 ? `${listed(upstreams)} in turn` : listed(upstreams);
  const text = `It asks again at once, ${counted(again.length, 'time')} in ${inSeconds(last.t - begun.t)}, ${turns}: each time it ends the same way.`;
  return stepAt(begun, 'coredns', text, { tone: 'bad' });
}
