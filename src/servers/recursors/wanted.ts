import type { Question } from '../../dns/message.ts';
import { lower } from '../../dns/name.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import type { TraceId } from '../../engine/recorder.ts';
import type { Entry } from './entry.ts';
import type { StaleReason } from './extended-error.ts';

/** Who asks, and how. */
export interface Asker {
  readonly rd: boolean;
  readonly from: string;
  /** Does it wait for those alone that ask with CD too? */
  readonly isApart: boolean;
}

/** A question on its way along aliases. */
export interface Answering {
  readonly question: Question;
  readonly trace: TraceId;
  /** The links so far. */
  readonly answer: ResourceRecord[];
  /** Of the first old answer in it. */
  staleBecause?: StaleReason | undefined;
  /** Has one of its sets been asked for ahead of time? */
  asksAhead?: boolean;
}

/** What is asked of others. */
export interface Wanted {
  readonly name: string;
  readonly type: string;
  readonly isApart?: boolean;
  /** The name in the question, where an alias led here. */
  readonly question?: string;
  /** Is it asked ahead of time, or behind an answer that has run out? */
  readonly isAhead?: boolean;
}

/** Who waits for a question: all who ask the same, those with CD alone, or nobody. */
export type Kinship = 'joined' | 'apart' | 'ahead';

export interface Known {
  readonly entry: Entry;
  readonly isStale: boolean;
  readonly staleBecause?: StaleReason;
  /** Is it time to ask for it anew? */
  readonly isDue?: boolean;
}

export function keyOf(name: string, type: string, kind: Kinship): string {
  return `${lower(name)} ${type}${kind === 'joined' ? '' : ` ${kind}`}`;
}
