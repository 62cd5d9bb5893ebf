import { expect, test } from 'vitest';
import { causeOfFailure, whyFailed, worldWith } from '../../test/support/failure.ts';
import type { Trouble } from '../../test/support/trouble.ts';
import { attemptRecord, overLimitRecord } from '../coredns/plugins/forward/records.ts';
import { second } from '../engine/time.ts';

const nothing = () => undefined;
const world = worldWith('', { kind: 'glibc', release: '2.36' });

test.each([
  ['an upstream that needs its time', 1.5, 'answered', '', ' (192.0.2.1:53 answered after 1.5 s)'],
  ['one that cannot be reached', 0, 'error', 'connection refused', ' (connection refused)'],
  ['one that is fast', 0.003, 'answered', '', ''],
])('a query too many is told with what the others wait for: %s', (_, seconds, outcome, error, told) => {
  const happens = (one: Trouble) => {
    one.trace.recorder.write(overLimitRecord, 'coredns-1', one.query, '', {
      name: 'db.',
      type: 'A',
      limit: 3,
      place: 'Corefile:5',
    });
    one.reply('REFUSED');
    const other = one.trace.recorder.trace(0);
    one.trace.now += seconds * second;
    one.trace.recorder.write(attemptRecord, 'coredns-1', other, outcome, {
      ...{ name: 'a.example.com.', type: 'A', to: '192.0.2.1:53', protocol: 'udp', attempt: 1, room: 512 },
      ...{ upstream: one.trace.recorder.trace(other), seconds, outcome, rcode: '', error, place: 'Corefile:5' },
    });
  };
  expect(whyFailed(world, nothing, happens)?.sentence).toContain(
    `CoreDNS coredns-1 had 3 queries under way to its upstreams${told}, and \`max_concurrent 3\``,
  );
});

test('a name that one server denies and another has', () => {
  const servers = world.servers.map((server) => ({ ...server, name: 'inner' }));
  const withTwo = { ...world, servers: [...world.servers, ...servers] };
  const happens = (one: Trouble) => {
    one.trace.asked('corp-dns', one.trace.recorder.trace(one.query), 'nxdomain');
    one.reply('NXDOMAIN');
    one.name('db.example.com.', 'final-dot', 'HOST_NOT_FOUND');
  };
  expect(causeOfFailure(withTwo, nothing, happens)).toBe('split-nxdomain');
  expect(causeOfFailure(world, nothing, happens)).toBe('nxdomain');
});
