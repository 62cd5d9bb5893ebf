import { expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { packetDropped, packetSent } from '../kernel/records.ts';
import { recursorTry } from '../servers/records.ts';
import { lateAnswers } from './late.ts';

const packet = (from: number, to: number) => ({
  protocol: 'udp',
  source: '10.0.0.1',
  sourcePort: from,
  destination: '10.0.0.2',
  destinationPort: to,
  size: 40,
  detail: '',
});

test.each([
  ['from the address that was asked', '10.0.0.2', '10.0.0.1', false],
  ['from one behind it, no longer translated', '10.244.0.5', '10.0.0.1', true],
  ['to the node that had hidden who asked', '10.0.0.2', '192.168.1.200', true],
])(
  'an answer to a port that is closed by now is late by the time since the query: %s',
  (_what, source, destination, isUntranslated) => {
    const trace = new SmallTrace();
    const query = trace.recorder.trace(0);
    const way = { device: 'eth0', to: 'corp-dns', toDevice: 'eth0' };
    trace.recorder.write(packetSent, 'coredns-1', query, '', { ...way, ...packet(4000, 53) });
    trace.now = 3 * second;
    trace.asked('corp-dns', query, 'answer');
    trace.recorder.write(packetDropped, 'coredns-1', query, 'port-closed', {
      where: 'socket',
      rule: '',
      ...packet(53, 4000),
      source,
      destination,
    });
    expect([...lateAnswers(trace.store)]).toEqual([
      [query, { after: 3 * second, toProbe: false, isUntranslated, asker: '10.0.0.1' }],
    ]);
  },
);

test('a late answer says for whom its server had waited longest', () => {
  const trace = new SmallTrace();
  const query = trace.recorder.trace(0);
  const [first, next] = [trace.recorder.trace(query), trace.recorder.trace(query)];
  const way = { device: 'eth0', to: 'dns-1', toDevice: 'eth0' };
  trace.recorder.write(packetSent, 'coredns-1', query, '', { ...way, ...packet(4000, 53) });
  const tried = { protocol: 'udp', name: 'a.', type: 'A', attempt: 1 };
  trace.recorder.write(recursorTry, 'dns-1', first, 'no reply', { ...tried, upstream: '192.0.2.1:53', waited: 2 });
  trace.recorder.write(recursorTry, 'dns-1', next, 'NOERROR', { ...tried, upstream: '192.0.2.2:53', waited: 3 });
  trace.now = 6 * second;
  trace.asked('dns-1', query, 'answer');
  trace.recorder.write(packetDropped, 'coredns-1', query, 'port-closed', {
    where: 'socket',
    rule: '',
    ...packet(53, 4000),
  });
  expect(lateAnswers(trace.store).get(query)?.behind).toEqual({
    recursor: 'dns-1',
    upstream: '192.0.2.2:53',
    waited: 3 * second,
  });
});

test('a query that nobody takes is no late answer', () => {
  const trace = new SmallTrace();
  const query = trace.recorder.trace(0);
  trace.recorder.write(packetDropped, 'corp-dns', query, 'port-closed', {
    where: 'socket',
    rule: '',
    ...packet(4000, 53),
  });
  expect(lateAnswers(trace.store).size).toBe(0);
});
