import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { randomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import { Port } from '../../network/segment.ts';
import { Neighbour } from './neighbour.ts';

interface Run {
  readonly every: number;
  readonly gone: number;
  readonly states: readonly (readonly [number, string])[];
  readonly told: readonly [number, ...number[]];
}

const text = readFileSync(new URL('../../../test/recordings/kernel/neighbours/runs.txt', import.meta.url), 'utf8');
const runs: Run[] = text
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

/** How long the entry stood each time that it was confirmed: drawn by the kernel, so not ours to know. */
function reachable({ states }: Run): Micros[] {
  return states.flatMap(([t, state], n) => (state === 'REACHABLE' ? [((states[n + 1]?.[0] ?? t) - t) * second] : []));
}

const port = new Port({ host: 'pod', name: 'eth0', isUp: () => true, answersFor: () => true, arrive: () => {} }, 0);

it.each(runs)('asked every $every s and gone at $gone s: host unreachable as recorded', (run) => {
  const drawn = reachable(run);
  const tolerance = 1.5 * drawn.length;
  // The timer wheel rounds up by as much as 2 s, which what is recorded holds already.
  const draws = { ...randomStream('1', 'neighbours'), span: () => (drawn.shift() ?? 0) - second };
  const neighbour = new Neighbour(port, 0, draws);
  let t = 0;
  for (; t < run.gone * second; t += run.every * second) if (t >= neighbour.staleAt) neighbour.useStale(t, draws);
  neighbour.leave(run.gone * second);
  while (neighbour.believed(t)) t += run.every * second;
  expect(Math.abs(t / second + 3 - run.told[0])).toBeLessThan(tolerance);
});
