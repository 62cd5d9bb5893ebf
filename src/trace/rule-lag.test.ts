import { expect, test } from 'vitest';
import { SmallTrace } from '../../test/support/small-trace.ts';
import { endpointsChanged, proxySync, proxyTurn } from '../cluster/records.ts';
import { second } from '../engine/time.ts';
import { natRule } from '../kernel/records.ts';
import { neglects, ruleLags } from './rule-lag.ts';

/** A pod that leaves at 20 s, and a packet that node-1's rules lead to it at 25 s. */
function late(turn?: string): string | undefined {
  const trace = new SmallTrace();
  const { recorder, store } = trace;
  const query = recorder.trace(0);
  trace.now = 10 * second;
  if (turn !== undefined) recorder.write(proxyTurn, 'node-1', 0, turn, {});
  trace.now = 20 * second;
  const left = { addresses: '10.42.1.5', serving: '10.42.0.5', terminating: '10.42.0.5' };
  recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', left);
  trace.now = 25 * second;
  const rule = '-A KUBE-SEP-5GJGMJT7KF3S2WRT -p udp -m udp -j DNAT --to-destination 10.42.0.5:53';
  recorder.write(natRule, 'node-1', query, 'dnat', { rule });
  return ruleLags(store, [])(query);
}

test.each([
  ['has not followed', undefined, 'had not followed yet'],
  ['hangs', 'hang', 'hangs since 10 s'],
  ['was stopped', 'stop', 'has been stopped since 10 s'],
  ['works again', 'go on', 'had not followed yet'],
])('a kube-proxy that %s', (_what, turn, why) => {
  expect(late(turn)).toBe(
    `the rules of node-1 still led there, though it had left the end points at 20 s: its kube-proxy ${why}`,
  );
});

// KEP-1669, ProxyTerminatingEndpoints: the last pod is led to as long as it serves and none is ready.
test.each([
  ['served no more', { ready: '', afterwards: '' }, '25 s'],
  ['had a ready one beside it', { ready: '', afterwards: '10.42.0.6' }, '25 s'],
  ['was not ready, where others were', { ready: '10.42.0.6', afterwards: '10.42.0.6' }, '20 s'],
])('an end point that terminates left when it %s', (_when, { ready, afterwards }, left) => {
  const trace = new SmallTrace();
  const { recorder, store } = trace;
  const query = recorder.trace(0);
  const change = (at: number, addresses: string, serving: string) => {
    trace.now = at * second;
    const rest = { addresses, terminating: '10.42.0.5' };
    recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', { ...rest, serving });
  };
  change(20, ready, '10.42.0.5');
  trace.now = 21 * second;
  // Where others are ready it has not heard yet.
  recorder.write(proxySync, 'node-1', 0, 'partial', { family: 'ipv4', endpoints: '10.96.0.10=10.42.0.5' });
  change(25, afterwards, afterwards === '' ? '' : '10.42.0.5');
  trace.now = 25.5 * second;
  recorder.write(natRule, 'node-1', query, 'dnat', { rule: '-j DNAT --to-destination 10.42.0.5:53' });
  expect(ruleLags(store, [])(query)).toBe(
    `the rules of node-1 still led there, though it had left the end points at ${left}: its kube-proxy had not followed yet`,
  );
});

test('an end point that is there explains nothing', () => {
  const trace = new SmallTrace();
  const query = trace.recorder.trace(0);
  const back = { addresses: '10.42.0.5', serving: '', terminating: '' };
  trace.recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', { ...back, addresses: '' });
  trace.recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', back);
  trace.recorder.write(natRule, 'node-1', query, 'dnat', { rule: '-j DNAT --to-destination 10.42.0.5:53' });
  expect(ruleLags(trace.store, [])(query)).toBeUndefined();
});

test('what meets the entry of a packet that the rules had led there is led there too', () => {
  const trace = new SmallTrace();
  const { recorder } = trace;
  const [first, again] = [recorder.trace(0), recorder.trace(0)];
  const gone = { addresses: '', serving: '10.42.0.5', terminating: '10.42.0.5' };
  recorder.write(endpointsChanged, 'kube-system/kube-dns', 0, 'pods', gone);
  trace.now = 5 * second;
  recorder.write(natRule, 'node-1', first, 'dnat', { rule: '-j DNAT --to-destination 10.42.0.5:53' });
  const step = { t: 10 * second, seq: 9, reply: false, expires: 0, seenReply: false, assured: false };
  const flow = {
    host: 'node-1',
    service: '10.96.0.10',
    trace: first,
    leftAt: undefined,
    steps: [{ ...step, kind: 'refresh' as const, trace: again }],
  };
  expect(ruleLags(trace.store, [flow])(again)).toContain('the rules of node-1 still led there');
});

test.each([
  ['has not heard of it', '10.96.0.10=10.42.0.5 10.96.0.10=10.42.0.6', undefined],
  [
    'knows better',
    '10.96.0.10=10.42.0.6 10.96.0.1=10.42.0.5',
    'the kube-proxy of node-1 had taken it out of its rules at 25 s, and forgotten the entry',
  ],
])('an entry to an end point that left: a kube-proxy that synced and %s', (_what, endpoints, why) => {
  const trace = new SmallTrace();
  trace.now = 25 * second;
  trace.recorder.write(proxySync, 'node-1', 0, 'partial', { family: 'ipv4', endpoints });
  expect(neglects(trace.store)('node-1', '10.96.0.10', '10.42.0.5', 30 * second)).toBe(why);
});

test('what a kube-proxy does with the rules of the other family has nothing to do with an entry', () => {
  const trace = new SmallTrace();
  trace.now = 25 * second;
  trace.recorder.write(proxySync, 'node-1', 0, 'partial', { family: 'ipv6', endpoints: 'fd00:96::a=fd00:42::6' });
  const neglect = neglects(trace.store);
  expect(neglect('node-1', '10.96.0.10', '10.42.0.5', 30 * second)).toBeUndefined();
  expect(neglect('node-1', 'fd00:96::a', 'fd00:42::5', 30 * second)).toBe(
    'the kube-proxy of node-1 had taken it out of its rules at 25 s, and forgotten the entry',
  );
});
