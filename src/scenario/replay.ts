import { fromSeconds, type Micros } from '../engine/time.ts';
import type { Problems, Source } from '../problem/problem.ts';
import type { Family } from '../resolver/lookup.ts';
import { readCsv } from './csv.ts';
import { parseDuration } from './duration.ts';
import { parseWallTime } from './wall-clock.ts';

/** A lookup that was made somewhere, to be made again. */
export interface ReplayedCall {
  /** After the first of them. */
  readonly at: Micros;
  readonly lookup: string;
  readonly family?: Family;
}

const families: Readonly<Record<string, Family>> = { A: 'ipv4', AAAA: 'ipv6' };

/** Lookups out of a CSV text with the columns time, name and perhaps type, by time from the first on. */
export function readCalls(source: Source, problems: Problems): ReplayedCall[] {
  const [heading, ...rows] = readCsv(source, problems);
  const columns = (heading?.fields ?? []).map((field) => field.toLowerCase());
  const [time, name, type] = ['time', 'name', 'type'].map((column) => columns.indexOf(column));
  const wrong = (code: string, line: number, message: string, hint: string) => {
    problems.push({ code, message, hint, file: source.file, line, column: 1 });
  };
  if (time === undefined || name === undefined || time < 0 || name < 0) {
    const hint = 'begin with a heading such as time,name,type';
    if (problems.length === 0) wrong('no-heading', heading?.line ?? 1, 'has no columns time and name', hint);
    return [];
  }
  const calls: ReplayedCall[] = [];
  for (const { line, fields } of rows) {
    const [at, lookup, asked] = [instant(fields[time] ?? ''), fields[name] ?? '', fields[type ?? -1] ?? ''];
    const family = families[asked.toUpperCase()];
    if (at === undefined)
      wrong(
        'bad-time',
        line,
        `${JSON.stringify(fields[time] ?? '')} is not a time`,
        'write 12.5s, 12.5 or 2026-01-31T12:00:00.5Z',
      );
    else if (!isName(lookup)) wrong('bad-name', line, `${JSON.stringify(lookup)} is not a domain name`, '');
    else if (asked !== '' && family === undefined)
      wrong('bad-type', line, `${JSON.stringify(asked)} cannot be looked up`, 'A or AAAA; leave it empty for both');
    else calls.push({ at, lookup, ...(family !== undefined && { family }) });
  }
  return fromTheFirst(calls);
}

/** A line of the log plugin. */
const logged = /\[INFO\] \[?(?<client>[\da-fA-F.:]+?)\]?:\d+ - \d+ "(?<type>[A-Z\d]+) IN (?<name>\S+) /;
/** What `kubectl logs --timestamps` puts before it. */
const stamped = /\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)/;

/**
 * The queries for addresses of a CoreDNS query log, by time from the first on; `client`: only those of this address.
 * Other lines are passed over; queries of other types are counted in a remark.
 */
export function readQueryLog(
  source: Source,
  client: string | undefined,
  remarks: Problems,
  problems: Problems,
): ReplayedCall[] {
  const calls: ReplayedCall[] = [];
  const left = new Map<string, number>();
  const wrong = (line: number, code: string, message: string, hint: string) =>
    problems.push({ code, message, hint, file: source.file, line, column: 1 });
  for (const [i, line] of source.text.split('\n').entries()) {
    const { client: from, type = '', name = '' } = logged.exec(line)?.groups ?? {};
    if (type === '' || (client !== undefined && client !== from)) continue;
    const family = families[type];
    const at = instant(stamped.exec(line)?.[0] ?? '');
    if (family === undefined) left.set(type, (left.get(type) ?? 0) + 1);
    else if (at !== undefined) calls.push({ at, lookup: name, family });
    else {
      wrong(i + 1, 'no-time', 'a query without its time', 'print the log with kubectl logs --timestamps');
      return [];
    }
  }
  for (const [type, count] of left)
    remarks.push({
      code: 'not-modelled',
      message: `queries of type ${type} are left out (${count}): only A and AAAA are looked up`,
      hint: '',
      file: source.file,
      line: 1,
      column: 1,
    });
  if (calls.length === 0 && problems.length === 0) {
    const hint =
      client === undefined
        ? 'the log plugin writes lines such as [INFO] 10.244.0.5:41522 - 61234 "A IN …"'
        : 'leave client out, or name another';
    wrong(
      1,
      'no-queries',
      client === undefined ? 'holds no query for an address' : `holds no query of ${client}`,
      hint,
    );
  }
  return fromTheFirst(calls);
}

/** A duration, seconds, or a date: in microseconds from whatever it counts from. */
export function instant(text: string): Micros | undefined {
  const span = parseDuration(text);
  if (span !== undefined) return span;
  if (/^\d+(\.\d+)?$/.test(text)) return fromSeconds(Number(text));
  // kubectl prints nanoseconds.
  return parseWallTime(text.replace(/(\.\d{6})\d+/, '$1'))?.epoch;
}

function isName(text: string): boolean {
  return /^(?!\.)[A-Za-z0-9_*.-]{1,254}$/.test(text) && !text.includes('..');
}

function fromTheFirst(calls: readonly ReplayedCall[]): ReplayedCall[] {
  const sorted = calls.toSorted((a, b) => a.at - b.at);
  const first = sorted[0]?.at ?? 0;
  return sorted.map((call) => ({ ...call, at: call.at - first }));
}
