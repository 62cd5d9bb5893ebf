import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { Trouble } from '../../test/support/trouble.ts';
import { second } from '../engine/time.ts';
import { queryMade, threadCame, turnCame, waitEnded } from '../resolver/records.ts';
import { analyse } from './analysis.ts';

/** Two queries at once, to servers of which one is cut off; `late` what becomes of the other, at 52 s, and the strand that is answered. */
function why(late: (one: Trouble) => number): string {
  const trace = new SmallTrace();
  trace.lookup('app', 50, 'OK', '10.0.0.1', (root) => {
    const one = new Trouble(trace, root);
    const cut = trace.recorder.trace(root);
    for (const query of [cut, one.query]) asks(trace, query);
    one.dropped('node-1', 'rule-drop', '10.244.1.10', '-A FORWARD -j DROP', undefined, cut);
    trace.now = 52 * second;
    one.replied('A', 'NOERROR', late(one), 1);
    return 2;
  });
  const { workloads, why: explained } = analyse(trace.store, smallWorld);
  const [lookup] = workloads[0]?.lookups ?? [];
  return lookup === undefined ? '' : explained(lookup).sentence;
}

function asks(trace: SmallTrace, query: number): void {
  trace.recorder.write(queryMade, 'app', query, '', {
    ...{ resolver: 'app', server: '10.96.0.10', protocol: 'udp', name: 'db.example.com.', type: 'A', id: 1, socket: 1 },
    ...{ localPort: 4000, edns: Number.NaN, retransmission: false },
  });
}

test('what went wrong with the query that was answered cost the time after it was sent', () => {
  const silent = (one: Trouble) => {
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'drop');
    return one.query;
  };
  expect(why(silent)).toBe('Before the answer came, this went wrong: corp-dns did not answer.');
});

test('before it was sent, what went wrong last with another', () => {
  const failed = (one: Trouble) => {
    const upstream = one.trace.recorder.trace(one.query);
    one.trace.asked('corp-dns', upstream, 'drop');
    one.attempt(upstream, 'error');
    const again = one.trace.recorder.trace(one.root);
    asks(one.trace, again);
    return again;
  };
  expect(why(failed)).toBe('Before the answer came, this went wrong: corp-dns did not answer.');
});

test('an upstream that was slow', () => {
  const slow = (one: Trouble) => {
    one.attempt(one.trace.recorder.trace(one.query), 'answered');
    return one.query;
  };
  expect(why(slow)).toBe(
    'Before the answer came, this went wrong: 192.0.2.1:53 needed 2 s to answer CoreDNS coredns-1.',
  );
});

test('a thread that was not free', () => {
  const waited = (one: Trouble) => {
    one.trace.recorder.write(threadCame, 'app', one.root, '', { resolver: 'app', waited: 1.5 * second, threads: 2 });
    return one.query;
  };
  expect(why(waited)).toContain('it waited 1.5 s until one of the 2 threads that may wait for libc was free');
});

test('another look-up of the same name that came to nothing', () => {
  const waited = (one: Trouble) => {
    one.trace.recorder.write(turnCame, 'app', one.root, '', { resolver: 'app', waited: 1.5 * second });
    return one.query;
  };
  expect(why(waited)).toContain('it waited 1.5 s for another look-up of that name in its program');
});

test('an error that was answered, not the wait that came of it', () => {
  const trace = new SmallTrace();
  trace.lookup('app', 50, 'OK', '10.0.0.1', (root) => {
    const one = new Trouble(trace, root);
    asks(trace, one.query);
    one.reply('SERVFAIL');
    trace.recorder.write(waitEnded, 'app', root, '', { resolver: 'app', server: '10.96.0.10', waited: 2.5 * second });
    return 3;
  });
  const { workloads, why: explained } = analyse(trace.store, smallWorld);
  expect(workloads[0]?.lookups.map((lookup) => explained(lookup).sentence)).toEqual([
    'Before the answer came, this went wrong: CoreDNS coredns-1 answered SERVFAIL.',
  ]);
});
