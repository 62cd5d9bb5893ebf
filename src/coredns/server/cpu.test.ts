import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond } from '../../engine/time.ts';
import { coreDnsCpu } from '../records.ts';
import { Cpu } from './cpu.ts';

test('queries are worked on one after the other, 1 ms each at 1000 a second', () => {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const cpu = new Cpu(simulation, 'coredns-1', 1000);
  const done: number[] = [];
  const query = (at: number) =>
    simulation.at(at, () =>
      simulation.spawn(
        (function* () {
          yield* cpu.work(0);
          done.push(simulation.now / millisecond);
        })(),
      ),
    );
  for (const at of [0, 0, 500, 10_000]) query(at);
  simulation.run(20 * millisecond);
  expect(done).toEqual([1, 2, 3, 11]);
  expect([...store.rows(coreDnsCpu)].map(({ waited }) => waited)).toEqual([1000, 1500]);
});
