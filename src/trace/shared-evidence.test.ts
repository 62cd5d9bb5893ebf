import { expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { second } from '../engine/time.ts';
import { queryMade } from '../resolver/records.ts';
import { evidenceOf } from './evidence-of.ts';
import { sharedConnectionEvidence } from './shared-evidence.ts';

// c-ares and Netty send several queries over one connection, whose segments come in order or not at all (RFC 9293, 3.4).
test('a query suffers what is lost on its TCP connection after it was sent, whoever sent that', () => {
  const trace = new SmallTrace();
  const ask = (at: number, protocol: string, socket: number, resolver = 'app') => {
    trace.now = at * second;
    const query = trace.recorder.trace(0);
    trace.recorder.write(queryMade, 'app', query, '', {
      ...{ resolver, server: '10.96.0.10', protocol, name: 'db.example.com.', type: 'A', id: 1, socket },
      ...{ localPort: 4000, edns: Number.NaN, retransmission: false },
    });
    return query;
  };
  const [first, later] = [ask(1, 'tcp', 2), ask(5, 'tcp', 2)];
  ask(5, 'tcp', 3);
  ask(5, 'tcp', 2, 'other');
  ask(5, 'udp', 2);
  const lost = (at: number) => {
    const header = { t: at * second, seq: at, at: 'node-1', trace: first, cause: 'rule-drop' };
    return evidenceOf(header, 'end', 'rule-drop', 'node-1 dropped a packet');
  };
  expect([...sharedConnectionEvidence(trace.store, [lost(2), lost(6)])]).toEqual([
    {
      ...lost(6),
      header: { ...lost(6).header, trace: later },
      text: 'on the TCP connection that it shared with an earlier query node-1 dropped a packet',
    },
  ]);
});
