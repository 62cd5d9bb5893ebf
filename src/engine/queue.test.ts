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

test('of thousands, far and near, all come out as a stable sort by time would have them', () => {
  const times = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 200_000 })), {
    minLength: 1500,
    maxLength: 2500,
  });
  fc.assert(
    fc.property(times, fc.array(fc.nat(100_000), { maxLength: 500 }), (first, later) => {
      const queue = new EventQueue();
      const model = first.map((time, slot) => ({ time, slot }));
      for (const { time, slot } of model) queue.push(time, slot);
      model.sort((a, b) => a.time - b.time);
      for (const [i, ahead] of later.entries()) {
        const next = model.shift();
        expect([queue.nextTime, queue.pop()]).toEqual([next?.time, next?.slot]);
        const pushed = { time: (next?.time ?? 0) + ahead, slot: first.length + i };
        queue.push(pushed.time, pushed.slot);
        const behind = model.findIndex(({ time }) => time > pushed.time);
        model.splice(behind < 0 ? model.length : behind, 0, pushed);
      }
      expect(queue.size).toBe(model.length);
      expect(drain(queue)).toEqual(model.map(({ slot }) => slot));
    }),
    { numRuns: 20 },
  );
});

test('what is over is dropped when its time comes near, if it was far ahead', () => {
  const asked: number[] = [];
  const queue = new EventQueue((slot) => {
    asked.push(slot);
    return slot % 2 === 1;
  });
  for (let slot = 0; slot < 128; slot++) queue.push(1, slot);
  for (const slot of [128, 129, 130]) queue.push(1_000_000, slot);
  expect(drain(queue)).toEqual([...Array.from({ length: 129 }, (_, i) => i), 130]);
  expect(asked).toEqual([128, 129, 130]);
});
