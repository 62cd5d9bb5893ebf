import type { Row } from '../recording.ts';

type Fields = ReadonlyMap<string, unknown>;

/** What the script's own calls waited for in reality: each row of the recording paces one call that would write it. */
export class Pace {
  readonly #rows = new Map<string, Row[]>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) this.#rows.set(row.ev, [...(this.#rows.get(row.ev) ?? []), row]);
  }

  /** Takes the first row that says the same; a port that the kernel chose may differ. */
  take(ev: string, fields: Fields): Row | undefined {
    const rows = this.#rows.get(ev) ?? [];
    const row = rows.find((one) => agrees(one, fields, [])) ?? rows.find((one) => agrees(one, fields, ['sport']));
    if (row !== undefined) rows.splice(rows.indexOf(row), 1);
    return row;
  }

  /** The port of the next query or connection that is none of those. */
  nextPort(from: number, isTaken: (port: number) => boolean): number | undefined {
    const coming = ['send', 'connect'].flatMap((ev) => this.#rows.get(ev) ?? []).sort((a, b) => a.t - b.t);
    for (const { t, fields } of coming)
      if (t >= from && typeof fields.sport === 'number' && !isTaken(fields.sport)) return fields.sport;
    return undefined;
  }
}

function agrees(row: Row, fields: Fields, except: readonly string[]): boolean {
  for (const [name, value] of fields) {
    if (except.includes(name)) continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean' && value !== null)
      continue;
    if (row.fields[name] !== value) return false;
  }
  return true;
}
