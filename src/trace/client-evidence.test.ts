import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { cacheHit } from '../resolver/records.ts';
import { lookupEnded } from '../workload/records.ts';
import { analyse } from './analysis.ts';

test.each([
  ['the JVM', 'db.example.com', 'jvm-negative-cache'],
  ['Netty', 'db.example.com', 'client-negative-cache'],
  ['the JVM', 'typo.example.com', 'nxdomain'],
])('a failure that %s keeps of %s: what is not there still is not kept for too long', (holder, name, cause) => {
  const trace = new SmallTrace();
  trace.lookup('jvm', 50, 'UnknownHostException', '', (root) => {
    trace.recorder.write(cacheHit, 'jvm', root, 'negative', {
      ...{ resolver: 'jvm', holder, name, addresses: '', storedAt: 45 * second, runsOut: 55 * second },
      ...{ filledBy: 0, recordTtl: Number.NaN, expired: false, setting: '' },
    });
    return 0;
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  expect(workloads[1]?.lookups.map((lookup) => why(lookup).cause)).toEqual([cause]);
});

test('a failure that is never forgotten is kept for ever', () => {
  const trace = new SmallTrace();
  trace.lookup('jvm', 50, 'UnknownHostException', '', (root) => {
    trace.recorder.write(cacheHit, 'jvm', root, 'negative', {
      ...{ resolver: 'jvm', holder: 'the JVM', name: 'db.example.com', addresses: '', storedAt: 45 * second },
      ...{ runsOut: Number.POSITIVE_INFINITY, filledBy: 0, recordTtl: Number.NaN, expired: false, setting: 'ttl=-1' },
    });
    return 0;
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  expect(workloads[1]?.lookups.map((lookup) => why(lookup).sentence)).toEqual([
    expect.stringContaining('the failure of 45 s is kept for ever (ttl=-1)'),
  ]);
});

// A request over a connection whose address was known: no query went out, and nothing was lost.
test('a request that its peer does not answer is told by that peer', () => {
  const trace = new SmallTrace();
  const root = trace.recorder.trace(0);
  trace.now = 52 * second;
  trace.recorder.write(lookupEnded, 'app', root, '', {
    ...{ workload: 'app', number: 0, name: 'db.example.com', family: 'ipv4', startedAt: 50 * second },
    ...{ latency: 2 * second, result: 'ETIMEDOUT', addresses: '10.0.0.1', printed: 'ETIMEDOUT 10.0.0.1:5432' },
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  const [failed] = workloads[0]?.lookups ?? [];
  expect(failed && why(failed)).toMatchObject({
    cause: 'backend-silent',
    sentence:
      'It failed with ETIMEDOUT after 2 s: 10.0.0.1:5432 did not answer the request; the name had been resolved.',
  });
});
