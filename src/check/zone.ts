import { absolute, lower, parentOf } from '../dns/name.ts';
import { checkZone, type PlacedRecord, parseZoneFile } from '../dns/zone-file.ts';
import type { Problem, Source } from '../problem/problem.ts';

/** A zone file as far as it could be read. */
export interface ZoneView {
  readonly source: Source;
  /** With final dot, lower case. */
  readonly origin: string;
  readonly records: readonly PlacedRecord[];
  /** By owner, in lower case. */
  readonly byName: ReadonlyMap<string, readonly PlacedRecord[]>;
  /** The names above an owner, up to the origin: they exist as well (RFC 4592 §2.2.2). */
  readonly above: ReadonlySet<string>;
  /** What is wrong with it. */
  readonly problems: readonly Problem[];
}

export function viewZone(source: Source, origin: string): ZoneView {
  const problems: Problem[] = [];
  const records = parseZoneFile(source, origin, problems);
  checkZone(source, origin, records, problems);
  const byName = new Map<string, PlacedRecord[]>();
  const above = new Set<string>([lower(origin)]);
  for (const one of records) {
    const name = lower(one.record.name);
    const own = byName.get(name);
    if (own !== undefined) {
      own.push(one);
      continue;
    }
    byName.set(name, [one]);
    for (let parent = parentOf(name); parent !== '.' && !above.has(parent); parent = parentOf(parent))
      above.add(parent);
  }
  return { source, origin: lower(origin), records, byName, above, problems };
}

/**
 * The zone that a file is about: its first `$ORIGIN`, the absolute owner of its SOA, or what its name says
 * (`db.example.org`, `example.org.zone`).
 */
export function originOf({ file, text }: Source): string {
  const origin =
    /^\$ORIGIN[ \t]+(\S+)/im.exec(text)?.[1] ?? /^([^\s;]{1,255}\.)[ \t][^;\n]{0,40}\bSOA\b/im.exec(text)?.[1];
  if (origin !== undefined) return absolute(origin);
  const name = file.split('/').at(-1) ?? '';
  const named = /^db\.(.+)$/.exec(name)?.[1] ?? /^(.+)\.(?:zone|db)$/.exec(name)?.[1] ?? name;
  return /^[a-z0-9_-]+(\.[a-z0-9_-]+)+\.?$/i.test(named) ? absolute(named) : '.';
}
