import { expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { cacheHit } from '../resolver/records.ts';
import { recursorCache } from '../servers/records.ts';
import { clientHits, recursorHits } from './read-hops.ts';

test.each([
  ['the TTL of the record', 30, 30, 'record'],
  ['maxTtl 10', 10, 30, 'cut'],
  ['minTtl 60', 60, 30, 'raised'],
  ['networkaddress.cache.ttl=30 (default)', 30, Number.NaN, 'fixed'],
])('an entry of a client that is kept by %s: %d s for %d s', (setting, lifetime, recordTtl, bound) => {
  const { recorder, store } = new SmallTrace();
  recorder.write(cacheHit, 'app', recorder.trace(0), 'fresh', {
    ...{ resolver: 'app', holder: 'Netty', name: 'db.', addresses: '10.0.0.1', filledBy: 0, expired: false },
    ...{ storedAt: 5 * second, runsOut: (5 + lifetime) * second, recordTtl, setting },
  });
  expect([...clientHits(store)]).toMatchObject([{ bound, setting }]);
});

test.each([
  ['cache.max_ttl 60', 60, 600, 'cut'],
  ['at most 7200', 7200, 86_400, 'cut'],
  ['cache.min_ttl 5', 5, 1, 'raised'],
  ['whole reply', 30, 30, 'record'],
])('an entry of a recursor that is kept by %s: %d s for %d s', (clamp, originalTtl, recordTtl, bound) => {
  const { recorder, store } = new SmallTrace();
  recorder.write(recursorCache, 'vpc-dns', recorder.trace(0), 'hit', {
    ...{ name: 'db.', type: 'A', outcome: 'hit', rcode: 'NOERROR', age: 1, ttl: originalTtl - 1, filledBy: 0 },
    ...{ originalTtl, recordTtl, clamp, storedAt: 5 * second, runsOut: (5 + originalTtl) * second },
  });
  expect([...recursorHits(store)]).toMatchObject([{ bound, setting: clamp }]);
});
