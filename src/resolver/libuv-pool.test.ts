import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { second } from '../engine/time.ts';
import { LibuvPool } from './libuv-pool.ts';
import type { Lookup, LookupResult } from './lookup.ts';
import { threadCame } from './records.ts';

/** Names that start with `slow` take 10 s; all are called at once. */
function run(threads: number, names: readonly string[]) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const libc = () => ({
    *lookup({ name }: Lookup): Process<LookupResult> {
      yield* sleep(name.startsWith('slow') ? 10 * second : 0);
      return { result: name.startsWith('slow') ? 'EAI_AGAIN' : 'OK', addresses: [], printed: '', errno: 0 };
    },
    rewriteResolvConf() {},
  });
  const pool = new LibuvPool(simulation, 'app', 'app', threads, libc);
  const got: string[] = [];
  for (const name of names)
    simulation.spawn(
      (function* (): Process {
        const { printed } = yield* pool.lookup({ name, family: 'any' }, simulation.recorder.trace(0));
        got.push(`${simulation.now / second} ${printed || name}`);
      })(),
    );
  simulation.run(100 * second);
  return { got, waited: [...store.rows(threadCame)].map((row) => [row.waited / second, row.threads]) };
}

test('two dead names keep a healthy one waiting for all of their time (node-02, node-20)', () => {
  expect(run(4, ['slow1', 'slow2', 'fast'])).toEqual({
    got: ['10 getaddrinfo EAI_AGAIN slow1', '10 getaddrinfo EAI_AGAIN slow2', '10 fast'],
    waited: [[10, 2]],
  });
});

test('half of the threads may wait, one at least', () => {
  expect(run(8, ['slow1', 'slow2', 'fast']).got[0]).toBe('0 fast');
  expect(run(1, ['slow1', 'fast']).got).toEqual(['10 getaddrinfo EAI_AGAIN slow1', '10 fast']);
});
