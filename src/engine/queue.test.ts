import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './queue.ts';

function drain(queue: EventQueue): number[] {
  const slots: number[] = [];
  while (queue.size > 0) slots.push(queue.pop());
  return slots;
}

test('an empty queue has no next event', () => {
  expect(new EventQueue().nextTime).toBe(Number.POSITIVE_INFINITY);
});

test('events of one instant come out in the order of pushing', () => {
  const queue = new EventQueue();
  for (const [time, slot] of [
    [5, 0],
    [1, 1],
    [5, 2],
    [1, 3],
    [0, 4],
    [5, 5],
  ] as const)
    queue.push(time, slot);
  expect(drain(queue)).toEqual([4, 1, 3, 0, 2, 5]);
});

test('any pushes and pops come out as a stable sort by time would have them', () => {
  // Times from a small range, so that many are equal; undefined pops.
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 8 }), { nil: undefined, freq: 3 }), { maxLength: 300 });
  fc.assert(
    fc.property(steps, (times) => {
      const queue = new EventQueue();
      const model: { time: number; slot: number }[] = [];
      const next = () => model.sort((a, b) => a.time - b.time)[0];
      for (const [slot, time] of times.entries()) {
        if (time !== undefined) {
          queue.push(time, slot);
          model.push({ time, slot });
        } else if (model.length > 0) {
          expect(queue.nextTime).toBe(next()?.time);
          expect(queue.pop()).toBe(model.shift()?.slot);
        }
        expect(queue.size).toBe(model.length);
      }
      next();
      expect(drain(queue)).toEqual(model.map(({ slot }) => slot));
    }),
  );
});
