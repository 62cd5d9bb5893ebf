import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ColumnStore } from './columns.ts';
import { type Process, sleep } from './process.ts';
import { Recorder } from './recorder.ts';
import { Simulation } from './simulation.ts';

const simulation = (seed = '1') => new Simulation(seed, new Recorder(new ColumnStore()));

describe('the clock', () => {
  test('stands at the event that runs, and at the end of the run after it', () => {
    const sim = simulation();
    const seen: number[] = [];
    for (const at of [30, 10, 20]) sim.at(at, () => seen.push(sim.now));
    sim.run(25);
    expect(seen).toEqual([10, 20]);
    expect(sim.now).toBe(25);
    sim.run(30);
    expect(seen).toEqual([10, 20, 30]);
  });

  test('runs what an event schedules for the same instant after what was already there', () => {
    const sim = simulation();
    const seen: string[] = [];
    sim.at(5, () => {
      seen.push('a');
      sim.after(0, () => seen.push('c'));
    });
    sim.at(5, () => seen.push('b'));
    sim.run(5);
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('refuses an instant that has passed, and no number', () => {
    const sim = simulation();
    sim.run(10);
    expect(() => sim.at(9, () => {})).toThrow('before now');
    expect(() => sim.at(Number.NaN, () => {})).toThrow('before now');
  });
});

describe('timers', () => {
  test('a cancelled one does not fire, whatever else takes its place', () => {
    const sim = simulation();
    const seen: string[] = [];
    const first = sim.at(10, () => seen.push('first'));
    first.cancel();
    sim.at(10, () => seen.push('second'));
    sim.run(10);
    first.cancel();
    sim.at(20, () => seen.push('third'));
    first.cancel();
    sim.run(20);
    expect(seen).toEqual(['second', 'third']);
  });

  test('any set of cancellations leaves the others as they were', () => {
    const timer = fc.record({ at: fc.integer({ min: 0, max: 20 }), cancelled: fc.boolean() });
    fc.assert(
      fc.property(fc.array(timer, { maxLength: 50 }), (timers) => {
        const sim = simulation();
        const seen: number[] = [];
        const set = timers.map(({ at }, number) => sim.at(at, () => seen.push(number)));
        for (const [number, { cancelled }] of timers.entries()) if (cancelled) set[number]?.cancel();
        sim.run(20);
        const left = timers.map(({ at, cancelled }, number) => ({ at, cancelled, number })).filter((t) => !t.cancelled);
        expect(seen).toEqual(left.sort((a, b) => a.at - b.at).map(({ number }) => number));
      }),
    );
  });
});

describe('random streams', () => {
  test('the same name is the same stream', () => {
    const sim = simulation();
    expect(sim.stream('a')).toBe(sim.stream('a'));
  });

  test('draws of one are the same whatever the others draw', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('other', 'another'), { maxLength: 20 }), (others) => {
        const alone = simulation().stream('mine');
        const sim = simulation();
        for (const other of others) {
          sim.stream(other).fraction();
          expect(sim.stream('mine').fraction()).toBe(alone.fraction());
        }
      }),
    );
  });

  test('another seed draws otherwise', () => {
    expect(simulation('1').stream('a').fraction()).not.toBe(simulation('2').stream('a').fraction());
  });

  test('draws stay in their ranges', () => {
    const stream = simulation().stream('a');
    const range = fc.tuple(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }));
    fc.assert(
      fc.property(range, ([from, length]) => {
        const span = stream.span(from, from + length);
        expect(Number.isInteger(span) && span >= from && span <= from + length).toBe(true);
        const whole = stream.integer(length + 1);
        expect(Number.isInteger(whole) && whole >= 0 && whole <= length).toBe(true);
      }),
    );
  });

  test('a shuffle keeps every item', () => {
    const stream = simulation().stream('a');
    fc.assert(
      fc.property(fc.array(fc.integer()), (items) => {
        const sorted = (list: readonly number[]) => [...list].sort((a, b) => a - b);
        expect(sorted(stream.shuffle(items))).toEqual(sorted(items));
      }),
    );
  });
});

test('the same seed gives the same run', () => {
  const run = (seed: string): string[] => {
    const sim = simulation(seed);
    const seen: string[] = [];
    function* walker(name: string): Process {
      for (let step = 0; step < 20; step++) {
        yield* sleep(sim.stream(name).span(1, 100));
        seen.push(`${sim.now} ${name}`);
      }
    }
    for (const name of ['a', 'b', 'c']) sim.spawn(walker(name));
    sim.run(10_000);
    return seen;
  };
  expect(run('1')).toHaveLength(60);
  expect(run('1')).toEqual(run('1'));
  expect(run('1')).not.toEqual(run('2'));
});
