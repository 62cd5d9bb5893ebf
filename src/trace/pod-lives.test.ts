import { expect, test } from 'vitest';
import { podLife, podProbe } from '../cluster/records.ts';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { second } from '../engine/time.ts';
import { podLivesOf } from './pod-lives.ts';

/** As the run of api-unavailable: what the API server hears late is told with when it was heard. */
const life: readonly (readonly [number, string, string])[] = [
  [1, 'ready', 'its readiness probe is answered'],
  [17.4, 'container-ended', 'its container has ended'],
  [18, 'started', 'started again'],
  [28, 'probe', 'HTTP 503'],
  [42.7, 'not-ready', 'its container has ended'],
  [68, 'ready', 'its readiness probe is answered'],
  [90, 'not-ready', 'its readiness probe fails'],
];

test.each([
  [17.5, 'coredns-1 is not ready since 17.4 s (its container has ended)'],
  [18.5, 'coredns-1 was started again at 18 s, and has not been found ready since'],
  [40, 'coredns-1 was started again at 18 s, and its readiness probe has failed since (HTTP 503)'],
  [
    60.5,
    'coredns-1 was started again at 18 s, and its readiness probe has failed since (HTTP 503); the API server was told of its end at 42.7 s only',
  ],
  [68.01, 'coredns-1 is ready since 68 s (the end points do not say so yet)'],
  [95, 'coredns-1 is not ready since 90 s (its readiness probe fails)'],
])('at %d s: %s', (at, text) => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  let now = 0;
  recorder.clock = () => now;
  for (const [t, cause, why] of life) {
    now = t * second;
    if (cause === 'probe')
      recorder.write(podProbe, 'coredns-1', 0, 'readiness', { node: 'node-1', outcome: why, failures: 1 });
    else
      recorder.write(podLife, 'coredns-1', 0, cause, { deployment: 'coredns', node: 'node-1', address: '', text: why });
  }
  expect(podLivesOf(store).whyNoneReady(at * second).text).toBe(text);
});
