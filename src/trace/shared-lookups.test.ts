import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { Trouble } from '../../test/support/trouble.ts';
import type { TraceId } from '../engine/recorder.ts';
import { lookupShared } from '../resolver/records.ts';
import { analyse } from './analysis.ts';

/** A call that waits for one that began before, and has its result. */
function shares(trace: SmallTrace, own: TraceId, other: TraceId): void {
  trace.recorder.write(lookupShared, 'app', own, '', { resolver: 'app', name: 'db', with: other });
}

test('whoever waited for the lookup of another call failed for its reason', () => {
  const trace = new SmallTrace();
  const first = trace.lookup('app', 50, 'EAI_AGAIN', '', (root) => {
    trace.asked('corp-dns', trace.recorder.trace(trace.recorder.trace(root)), 'drop');
    return 6;
  });
  trace.lookup('app', 54, 'EAI_AGAIN', '', (own) => {
    shares(trace, own, first);
    return 2;
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  expect(workloads[0]?.lookups.map(why)).toMatchObject([
    { cause: 'server-silent', short: 'corp-dns did not answer' },
    {
      cause: 'server-silent',
      short: 'corp-dns did not answer',
      sentence:
        'It failed with EAI_AGAIN after 2 s: it shared the lookup that had begun at 50 s; corp-dns did not answer.',
    },
  ]);
});

test('a right answer that another call had waited for came from where that had it, and as late', () => {
  const trace = new SmallTrace();
  const first = trace.lookup('app', 50, 'OK', '10.0.0.1', (root) => {
    trace.asked('corp-dns', trace.recorder.trace(root), 'drop');
    trace.fill('coredns-1', root);
    return 5;
  });
  trace.lookup('app', 54, 'OK', '10.0.0.1', (own) => {
    shares(trace, own, first);
    return 1;
  });
  const { workloads, why } = analyse(trace.store, smallWorld);
  const shared = workloads[0]?.lookups[1];
  expect(shared && why(shared).sentence).toBe(
    'It shared the lookup that had begun at 50 s. The answer is that of corp-dns itself, at 50 s. Before the answer came, this went wrong: corp-dns did not answer.',
  );
});

test('an old address under a short name is old in whatever cache of the program it was kept', () => {
  const trace = new SmallTrace();
  const first = trace.lookup(
    'jvm',
    50,
    'OK',
    '10.0.0.1',
    (root) => {
      new Trouble(trace, root).name('db.example.com.', 'search-list', 'answer');
      return 1;
    },
    'db',
  );
  const kept = (root: TraceId) => {
    trace.jvmHit(root, 51, first);
    return 1;
  };
  const second = trace.lookup('jvm', 65, 'OK', '10.0.0.1', kept, 'db');
  const sharing = (own: TraceId) => {
    shares(trace, own, second);
    return 1;
  };
  trace.lookup('jvm', 66, 'OK', '10.0.0.1', sharing, 'db');
  const lookups = analyse(trace.store, smallWorld).workloads[1]?.lookups;
  expect(lookups?.map(({ verdict }) => verdict)).toEqual(['right', 'stale', 'stale']);
});
