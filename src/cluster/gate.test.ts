import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { Gate } from './gate.ts';

function gateLab() {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const state = { open: false };
  const gate = new Gate(() => state.open);
  const seen: string[] = [];
  const passer = function* (name: string) {
    yield* gate.opened();
    seen.push(`${name} at ${simulation.now}`);
  };
  const open = () => {
    state.open = true;
    gate.open();
  };
  return { simulation, state, gate, seen, passer, open };
}

test('who waits goes on in order when it opens, who comes later at once', () => {
  const { simulation, gate, seen, passer, open } = gateLab();
  gate.whenOpen(() => seen.push('first'));
  simulation.spawn(passer('second'));
  simulation.at(5, open);
  simulation.at(7, () => gate.whenOpen(() => seen.push('third')));
  simulation.run(10);
  expect(seen).toEqual(['first', 'second at 5', 'third']);
});

test('a process that finds it closed again waits on', () => {
  const { simulation, state, seen, passer, open } = gateLab();
  simulation.spawn(passer('it'));
  simulation.at(5, () => {
    open();
    state.open = false;
  });
  simulation.at(8, open);
  simulation.run(10);
  expect(seen).toEqual(['it at 8']);
});

test('a process that was killed does not wait any more', () => {
  const { simulation, seen, passer, open } = gateLab();
  const task = simulation.spawn(passer('it'));
  simulation.at(3, () => task.kill());
  simulation.at(5, open);
  simulation.run(10);
  expect(seen).toEqual([]);
});
