import { lower } from '../../dns/name.ts';
import type { Entry } from './entry.ts';

/** Who asks, and how. */
export interface Asker {
  readonly rd: boolean;
  readonly from: string;
  /** Does it wait for those alone that ask with CD too? */
  readonly isApart: boolean;
}

/** What is asked of others. */
export interface Wanted {
  readonly name: string;
  readonly type: string;
  readonly isApart?: boolean;
  /** Is it asked ahead of time, or behind an answer that has run out? */
  readonly isAhead?: boolean;
}

/** Who waits for a question: all who ask the same, those with CD alone, or nobody. */
export type Kinship = 'joined' | 'apart' | 'ahead';

export interface Known {
  readonly entry: Entry;
  readonly isStale: boolean;
  /** Is it time to ask for it anew? */
  readonly isDue?: boolean;
}

export function keyOf(name: string, type: string, kind: Kinship): string {
  return `${lower(name)} ${type}${kind === 'joined' ? '' : ` ${kind}`}`;
}
