import { describe, expect, test } from 'vitest';
import { inThreads } from './threads.ts';

/** A thread that answers each number, after as many milliseconds, with its double; it throws at a negative one. */
const doubling = new URL(
  `data:text/javascript,${encodeURIComponent(`
import { parentPort } from 'node:worker_threads';
parentPort.on('message', (number) => {
  if (number < 0) throw new RangeError(number + ' is negative');
  setTimeout(() => parentPort.postMessage(2 * number), number);
});`)}`,
);

async function outcomesOf(tasks: readonly number[], threads: number): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  try {
    for await (const outcome of inThreads<number, number>(doubling, tasks, threads)) outcomes.push(outcome);
  } catch (error) {
    outcomes.push(String(error));
  }
  return outcomes;
}

describe('tasks in threads', () => {
  test('come out in their order, whichever is done first', async () => {
    expect(await outcomesOf([30, 1, 2, 0], 2)).toEqual([60, 2, 4, 0]);
  });

  test('end with the first that throws; what came before it is told', async () => {
    expect(await outcomesOf([30, 3, -1, 1, -2], 3)).toEqual([60, 6, 'RangeError: -1 is negative']);
  });
});
