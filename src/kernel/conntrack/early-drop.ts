import type { EarlyDropRule } from '../releases.ts';
import type { Tuple } from './connection.ts';
import type { ConntrackTable } from './table.ts';

/** NF_CT_EVICTION_RANGE: buckets, in old kernels tuples, that are searched. */
const range = 8;

/** What the search for victims does with an entry: one that has expired goes, but does not make room that counts. */
export interface Eviction {
  readonly table: ConntrackTable;
  /** nf_conntrack_buckets. */
  readonly buckets: number;
  /** Ends an entry that has expired; false: it has not. */
  readonly endExpired: (slot: number) => boolean;
  readonly evict: (slot: number) => void;
}

/** A full table gives up entries that are not ASSURED, near where the new flow belongs. Did it find any? (early_drop) */
export function earlyDrop(rule: EarlyDropRule, tuple: Tuple, eviction: Eviction): boolean {
  const { table, buckets } = eviction;
  const first = table.bucketOf(tuple, buckets);
  if (rule === 'eight-tuples') return dropFirst(first, eviction);
  const searched = rule === 'own-bucket' ? 1 : range;
  for (let n = 0; n < searched; n++) if (dropAll((first + n) % buckets, eviction)) return true;
  return false;
}

function dropAll(bucket: number, { table, buckets, endExpired, evict }: Eviction): boolean {
  let found = false;
  for (const slot of new Set(table.inBucket(bucket, buckets))) {
    if (endExpired(slot) || table.assured(slot)) continue;
    evict(slot);
    found = true;
  }
  return found;
}

function dropFirst(first: number, { table, buckets, evict }: Eviction): boolean {
  let tuples = 0;
  for (let n = 0; n < buckets && tuples < range; n++) {
    const slots = table.inBucket((first + n) % buckets, buckets);
    const victim = slots.find((slot) => !table.assured(slot));
    if (victim !== undefined) {
      evict(victim);
      return true;
    }
    tuples += slots.length;
  }
  return false;
}
