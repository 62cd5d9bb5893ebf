import type { Micros } from '../engine/time.ts';
import type { Problems, Source } from '../problem/problem.ts';
import { readCsv } from './csv.ts';
import { instant } from './replay.ts';

/** From a time on, so many lookups a second. */
export interface RateStep {
  readonly at: Micros;
  readonly perSecond: number;
}

const highest = 100_000;

/** A rate over time out of a CSV text with the columns time and per_second, by time from the first row on. */
export function readRates(source: Source, problems: Problems): RateStep[] {
  const [heading, ...rows] = readCsv(source, problems);
  const columns = (heading?.fields ?? []).map((field) => field.toLowerCase());
  const [time = -1, rate = -1] = ['time', 'per_second'].map((column) => columns.indexOf(column));
  const wrong = (code: string, line: number, message: string, hint: string) => {
    problems.push({ code, message, hint, file: source.file, line, column: 1 });
  };
  if (time < 0 || rate < 0) {
    const hint = 'begin with a heading: time,per_second';
    if (problems.length === 0) wrong('no-heading', heading?.line ?? 1, 'has no columns time and per_second', hint);
    return [];
  }
  const steps: RateStep[] = [];
  for (const { line, fields } of rows) {
    const [at, text = ''] = [instant(fields[time] ?? ''), fields[rate]];
    const perSecond = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (at === undefined) {
      const what = `${JSON.stringify(fields[time] ?? '')} is not a time`;
      wrong('bad-time', line, what, 'write 12.5s, 12.5 or 2026-01-31T12:00:00.5Z');
    } else if (!(perSecond <= highest))
      wrong(
        'bad-rate',
        line,
        `${JSON.stringify(text)} is not a rate`,
        `write a number from 0 to ${highest}, such as 12.5`,
      );
    else steps.push({ at, perSecond });
  }
  if (steps.length === 0 && problems.length === 0) wrong('no-rates', 1, 'holds no rate', 'write a row for each change');
  const sorted = steps.toSorted((a, b) => a.at - b.at);
  const first = sorted[0]?.at ?? 0;
  return sorted.map(({ at, perSecond }) => ({ at: at - first, perSecond }));
}
