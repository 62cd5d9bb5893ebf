import type { ColumnStore, Row } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { Micros } from '../engine/time.ts';
import { queryMade, replyCame } from '../resolver/records.ts';

/** What a resolver asked about one name, and what came. */
export interface Asked {
  readonly halves: Halves;
  readonly queries: number;
  readonly servers: ReadonlySet<string>;
  readonly byTcp: boolean;
}

/** What came last to each question about a name, by its type. */
export type Halves = ReadonlyMap<string, Half>;

export interface Half {
  /** Empty: no reply came. */
  readonly rcode: string;
  /** Records, aliases among them. */
  readonly answers: number;
  /** With TC: what more there is, nobody has seen. */
  readonly isCut: boolean;
  readonly protocol: string;
}

/** Was nothing learned of that half? */
export function isOpen({ rcode, isCut }: Half): boolean {
  return isCut || (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN');
}

function unanswered({ protocol }: Row<typeof queryMade.columns>): Half {
  return { rcode: '', answers: 0, isCut: false, protocol };
}

function halfOf({ rcode, answers, cause, protocol }: Row<typeof replyCame.columns>): Half {
  return { rcode, answers, isCut: cause === 'truncated', protocol };
}

/** By lookup and name, as of an instant; read when first asked for. */
export function askedIn(store: ColumnStore): (key: string, until: Micros) => Asked {
  type Said = Row<typeof queryMade.columns> | Row<typeof replyCame.columns>;
  let found: ReadonlyMap<string, readonly Said[]> | undefined;
  const read = () => {
    // What came when its query was over was left unread.
    const replies = [...store.rows(replyCame)].filter(({ cause }) => cause !== 'not-ours');
    return grouped<Said, string>(
      [...store.rows(queryMade), ...replies],
      ({ trace, name }) => `${store.parentOf(trace)} ${name}`,
    );
  };
  return (key, until) => {
    found ??= read();
    const own = (found.get(key) ?? []).filter(({ t }) => t <= until);
    const made = own.filter((row) => !('rcode' in row));
    return {
      halves: new Map(own.map((row) => [row.type, 'rcode' in row ? halfOf(row) : unanswered(row)])),
      queries: made.length,
      servers: new Set(made.map(({ server }) => server)),
      byTcp: made.some(({ protocol }) => protocol === 'tcp'),
    };
  };
}
