import type { ColumnStore } from '../../engine/columns.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { rootOf } from '../evidence.ts';
import { asideFrom, type Question } from '../questions.ts';
import { recordsBelow, type TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import type { AccountStep } from './account.ts';
import { corednsSteps } from './coredns-steps.ts';
import { placed, type Strands, strandsOf } from './draft.ts';
import { serverSteps } from './server-steps.ts';

/** An entry that answered, and the strand whose reply was in it. */
interface Filled {
  readonly by: TraceId;
  readonly until: number;
}

/** What servers had done for the strands that filled the caches on a lookup's way, each once; what is behind them, too. */
export function earlierSteps(
  records: readonly TraceRecord[],
  root: TraceId,
  asked: Question | undefined,
  scene: Scene,
): AccountStep[] {
  const { store } = scene;
  const read = new Map<TraceId, ReturnType<typeof readBelow>>();
  const told = new Set<TraceId>();
  const steps: AccountStep[] = [];
  const waiting = fillersIn(records);
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const { by, until } = next;
    const filler = rootOf(store, by);
    if (told.has(by) || filler === root) continue;
    told.add(by);
    const { all, strands } = read.get(filler) ?? readBelow(store, filler);
    read.set(filler, { all, strands });
    const isAside = asideFrom(asked, strands.questions, store);
    const own = all.filter(({ row }) => row.seq <= until && store.descends(row.trace, by) && !isAside(row.trace));
    for (const record of own) {
      for (const draft of [...corednsSteps(record, strands, scene), ...serverSteps(record, strands, scene)]) {
        steps.push(placed(draft, { depth: 0, aside: false, earlier: true }));
      }
    }
    waiting.push(...fillersIn(own));
  }
  return steps;
}

function readBelow(store: ColumnStore, root: TraceId): { all: readonly TraceRecord[]; strands: Strands } {
  const all = [...recordsBelow(store, root)];
  return { all, strands: strandsOf(all) };
}

/** The strands that had filled what answered. */
export function fillersIn(records: readonly TraceRecord[]): Filled[] {
  return records.flatMap(({ kind, row }): Filled[] => {
    switch (kind) {
      case 'coredns.cache':
      case 'recursor.cache':
        return (row.outcome === 'hit' || row.outcome === 'stale') && row.filledBy > 0
          ? [{ by: row.filledBy, until: row.seq }]
          : [];
      case 'resolver.cache-hit':
        return row.filledBy > 0 ? [{ by: row.filledBy, until: row.seq }] : [];
      default:
        return [];
    }
  });
}
