import { expect, test } from 'vitest';
import { proxyCommit, proxySync } from '../cluster/records.ts';
import { coreDnsRequest } from '../coredns/records.ts';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { second } from '../engine/time.ts';
import { flowEvidence } from './flow-evidence.ts';
import type { Flow } from './flows.ts';

const step = (seconds: number, kind: 'birth' | 'refresh') => ({
  t: seconds * second,
  seq: seconds,
  trace: seconds,
  kind,
  reply: false,
  expires: (seconds + 30) * second,
  seenReply: false,
  assured: false,
});
/** A flow that was born at 60 s without DNAT, and met again 5 and 10 s later. */
const astray: Flow = {
  host: 'node-1',
  protocol: 'udp',
  source: '10.244.1.10:4000',
  destination: '10.96.0.10:53',
  replySource: '10.96.0.10:53',
  replyDestination: '192.168.1.10:4000',
  born: 60 * second,
  trace: 60,
  steps: [step(60, 'birth'), step(65, 'refresh'), step(70, 'refresh')],
  ended: undefined,
  endedBy: '',
  service: '10.96.0.10',
  astray: true,
  leftAt: undefined,
};
const translated = {
  ...astray,
  source: '10.244.1.11:5000',
  born: 67 * second,
  steps: [step(67, 'birth')],
  astray: false,
};

test.each<[string, number | undefined, readonly Flow[], readonly string[]]>([
  [
    'no rule ever came back: an entry that keeps that is not to blame',
    undefined,
    [astray],
    ['no-rule', 'no-rule', 'no-rule'],
  ],
  ['kube-proxy wrote the rule', 67, [astray], ['no-rule-gap', 'no-rule-gap', 'stuck-conntrack-entry']],
  ['another flow met a rule', undefined, [astray, translated], ['no-rule-gap', 'no-rule-gap', 'stuck-conntrack-entry']],
  [
    'it did so on another node',
    undefined,
    [astray, { ...translated, host: 'node-2' }],
    ['no-rule', 'no-rule', 'no-rule'],
  ],
])('%s', (_, wrote, flows, causes) => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  recorder.clock = () => (wrote ?? 0) * second;
  if (wrote !== undefined) recorder.write(proxyCommit, 'node-1', 0, 'nat', { services: '10.96.0.1 10.96.0.10' });
  expect([...flowEvidence(store, flows)].map(({ cause }) => cause)).toEqual(causes);
});

test.each([
  ['the rules know no other', '10.96.0.10:53', '10.96.0.10=10.244.0.5', false, []],
  ['kube-proxy has forgotten it', '10.96.0.10:53', '', false, ['stale-conntrack-entry']],
  ['the end point still answers', '10.96.0.10:53', '', true, []],
  ['the rules know no other at a node port', '192.168.1.10:30053', '10.96.0.10=10.244.0.5', false, []],
  ['kube-proxy has forgotten that of a node port', '192.168.1.10:30053', '', false, ['stale-conntrack-entry']],
])('an entry to an end point that has left, while %s', (_, destination, known, answers, causes) => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  recorder.clock = () => 64 * second;
  recorder.write(proxySync, 'node-1', 0, 'partial', { family: 'ipv4', endpoints: known });
  const request = { name: 'a.', type: 'A', protocol: 'udp', client: '', zone: '.', place: '' };
  if (answers) recorder.write(coreDnsRequest, 'coredns-1', 65, 'served', request);
  const left = { ...astray, destination, astray: false, replySource: '10.244.0.5:53', leftAt: 62 * second };
  const flow = { ...left, steps: [step(60, 'birth'), step(65, 'refresh')] };
  expect([...flowEvidence(store, [flow])].map(({ cause }) => cause)).toEqual(causes);
});
