import { expect, test } from 'vitest';
import { disk } from '../cli/disk.ts';
import { loadScenario } from '../scenario/load.ts';
import { run } from '../study/run.ts';
import { closeCalls } from './close-calls.ts';

const withPhase = (at: string) => {
  const lines = [`workloads.orders-redis.at=${at}`, 'duration=80s', 'expect=[]', 'lesson=[]'];
  const changes = [{ kind: 'settings' as const, file: '--set', lines }];
  return run(loadScenario('scenarios/pod-restart-fixed-port', disk, { changes }));
};

test('a client with one port that missed the time without a rule is told when it was, and the phase that meets it', () => {
  expect(closeCalls(withPhase('1s'))).toEqual([
    'For 8.8 ms from 65 s on no rule of node-1 led to kube-dns: kube-proxy had taken its REJECT away and not yet put DNAT in place. A query of orders-redis in that time would have been lost, and left a conntrack entry that all later ones from port 52421 meet, until kube-proxy deletes it, if its release does. None came. With `at: 4.4ms` one would.',
  ]);
});

test('nothing is told where it was met, which is told otherwise, or where there is no such client', () => {
  expect(closeCalls(withPhase('3ms'))).toEqual([]);
});
