import { expect, test } from 'vitest';
import { SmallTrace, smallWorld } from '../../test/support/small-trace.ts';
import { podLife } from '../cluster/records.ts';
import { second } from '../engine/time.ts';
import { lookupStarted } from '../workload/records.ts';
import { analyse } from './analysis.ts';

const begin = (trace: SmallTrace, who: string, at: number) => {
  trace.now = at * second;
  const root = trace.recorder.trace(0);
  const call = { workload: who, number: 0, name: 'db.example.com', family: 'ipv4' };
  trace.recorder.write(lookupStarted, who, root, '', call);
  return root;
};

test('a lookup that had not returned when the run ended is told, with what had happened to it', () => {
  const trace = new SmallTrace();
  begin(trace, 'jvm', 1);
  trace.lookup('app', 150, 'EAI_AGAIN', '', () => 5);
  trace.asked('corp-dns', trace.recorder.trace(begin(trace, 'app', 170)), 'drop');
  const [app] = analyse(trace.store, smallWorld).workloads;
  expect(app?.waiting).toEqual({ since: [170 * second], trouble: 'corp-dns did not answer' });
  expect(app?.summary.failures.longestOutage).toBe(30 * second);
  expect(app?.lookups).toHaveLength(1);
});

test('one that has just begun, or whose pod has ended, waits for nothing', () => {
  const trace = new SmallTrace();
  begin(trace, 'app', 100);
  trace.now = 101 * second;
  const pod = { deployment: '', node: 'node-1', address: '10.244.0.9', text: 'SIGKILL' };
  trace.recorder.write(podLife, 'app', 0, 'container-killed', pod);
  begin(trace, 'app', 179.5);
  expect(analyse(trace.store, smallWorld).workloads[0]?.waiting.since).toEqual([]);
});
