import { describe, expect, test } from 'vitest';
import type { Pod } from '../pods/pods.ts';
import { nextStep, podsOf } from './rollout.ts';

/** `old ready`, `new`, `new ready gone`, … */
function pods(...words: readonly string[]): Pod[] {
  return words.map((word, i) => ({
    name: `p-${i + 1}`,
    namespace: 'kube-system',
    deployment: 'coredns',
    node: `node-${i + 1}`,
    address: '',
    revision: word.includes('new') ? 2 : 1,
    ready: word.includes('ready'),
    ...(word.includes('gone') && { deletedAt: 0 }),
  }));
}

const kubeadm = { replicas: 2, revision: 2, maxSurge: '25%', maxUnavailable: 1 } as const;

describe('a rollout', () => {
  test.each<[string, Pod[], number, string[]]>([
    // maxUnavailable 1: one goes before a new one is ready; 25 % of 2 is 1 beyond them.
    ['begins', pods('old ready', 'old ready'), 1, ['p-1']],
    ['goes on while the first ends', pods('old ready gone', 'old ready', 'new'), 1, []],
    ['waits for a new one to be ready', pods('old ready', 'new', 'new'), 0, []],
    ['goes on when it is', pods('old ready', 'new ready', 'new'), 0, ['p-1']],
    ['is over', pods('new ready', 'new ready'), 0, []],
    ['takes those that are not ready first', pods('old ready', 'old'), 1, ['p-2']],
  ])('%s', (_, given, create, remove) => {
    const step = nextStep(kubeadm, given);
    expect([step.create, step.remove.map(({ name }) => name)]).toEqual([create, remove]);
  });

  test('with maxUnavailable 0 nobody goes before a new one is ready', () => {
    const careful = { ...kubeadm, maxUnavailable: 0 };
    expect(nextStep(careful, pods('old ready', 'old ready'))).toEqual({ create: 1, remove: [] });
    expect(nextStep(careful, pods('old ready', 'old ready', 'new ready')).remove.map(({ name }) => name)).toEqual([
      'p-1',
    ]);
  });
});

test('fewer replicas: the youngest goes, but one that is not ready before it', () => {
  const fewer = { ...kubeadm, replicas: 1 };
  const remove = (...words: string[]) => nextStep(fewer, pods(...words)).remove.map(({ name }) => name);
  expect(remove('new ready', 'new ready')).toEqual(['p-2']);
  expect(remove('new', 'new ready')).toEqual(['p-1']);
});

test.each([
  ['25%', 2, Math.ceil, 1],
  ['25%', 2, Math.floor, 0],
  ['10%', 3, Math.ceil, 1],
  [1, 5, Math.floor, 1],
] as const)('%s of %d', (count, replicas, round, pods) => {
  expect(podsOf(count, replicas, round)).toBe(pods);
});
