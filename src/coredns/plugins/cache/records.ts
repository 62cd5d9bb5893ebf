import { recordKind } from '../../../engine/recorder.ts';

/**
 * What a cache did with a query or a reply. `trace` of the record: the query. Seconds everywhere; NaN: does not apply.
 *
 * - `outcome`: `hit`, `stale`, `miss`, `stored`, `not-stored`, `refresh` (a background query starts), `evicted`.
 * - `age` of the entry; `ttl` as the client gets it; `originalTtl`: the entry's whole lifetime; `recordTtl`: the
 *   lowest TTL among the upstream's records.
 * - `clamp`: what made `originalTtl` of `recordTtl`: `record ttl`, `success max 30`, `denial max 5`, `minimum 5`,
 *   `servfail 5`, `ceiling 3600`; `place`: where that stands (`Corefile:4`), empty for a default.
 * - `staleBy`: where the `serve_stale` stands by which an entry that had run out was handed out.
 * - `filledBy`: trace of the query whose reply is in the entry.
 */
export const cacheRecord = recordKind('coredns.cache', {
  name: 'text',
  type: 'text',
  outcome: 'text',
  rcode: 'text',
  age: 'number',
  ttl: 'number',
  originalTtl: 'number',
  recordTtl: 'number',
  clamp: 'text',
  place: 'text',
  staleBy: 'text',
  filledBy: 'number',
});
