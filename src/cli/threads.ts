import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** Most of what a run makes is soon gone: with room for it, less is moved before it goes. */
const resourceLimits = { maxYoungGenerationSizeMb: 192 };
const roomAtFirst = '--min-semi-space-size=64';

/**
 * Does tasks in so many threads at once, each a start of `program`, which has to answer the messages that it gets, one
 * by one. Gives what came of them in the order of the tasks; throws what a task threw when its turn has come.
 */
export async function* inThreads<Task, Outcome>(
  program: URL,
  tasks: readonly Task[],
  threads: number,
): AsyncGenerator<Outcome> {
  const ends: { readonly done: (outcome: Outcome) => void; readonly failed: (error: unknown) => void }[] = [];
  const outcomes = tasks.map(() => new Promise<Outcome>((done, failed) => ends.push({ done, failed })));
  // One that fails before its turn is looked at then.
  for (const outcome of outcomes) outcome.catch(() => {});
  let next = 0;
  setFlagsFromString(roomAtFirst);
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(program, { resourceLimits });
    let current = 0;
    const begin = (): void => {
      current = next++;
      if (current < tasks.length) worker.postMessage(tasks[current]);
    };
    worker.on('message', (outcome) => {
      ends[current]?.done(outcome);
      begin();
    });
    worker.on('error', (error) => ends[current]?.failed(error));
    begin();
    return worker;
  });
  try {
    for (const outcome of outcomes) yield await outcome;
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
