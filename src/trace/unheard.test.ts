import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { Trouble } from '../../test/support/trouble.ts';
import { socketError } from '../kernel/records.ts';
import { analyse } from './analysis.ts';

/** musl and a program on one port of its own ask from sockets without `connect`: an ICMP error is none of theirs. */
test.each([
  [true, 'app was told ECONNREFUSED by 10.96.0.10:53', 'musl learns that nobody takes its packet'],
  [
    false,
    'app was not told of the ECONNREFUSED from 10.96.0.10:53: its socket is not connected',
    'musl does not learn',
  ],
])('an error that comes in is told as the owner hears of it: %s', (seen, why, step) => {
  const trace = new SmallTrace();
  trace.lookup('app', 50, 'EAI_AGAIN', '', (root) => {
    const one = new Trouble(trace, root);
    const ends = { local: '10.244.0.9:4000', peer: '10.96.0.10:53' };
    trace.recorder.write(socketError, 'app', one.query, 'ECONNREFUSED', { owner: 'musl', ...ends, seen });
    return 5;
  });
  const { workloads, why: whyOf, account } = analyse(trace.store, smallWorld);
  const [lookup] = workloads.flatMap(({ lookups }) => lookups);
  if (lookup === undefined) throw new Error('no lookup');
  expect(whyOf(lookup).sentence).toContain(why);
  expect(
    account(lookup)
      .steps.map(({ text }) => text)
      .join(' '),
  ).toContain(step);
});
