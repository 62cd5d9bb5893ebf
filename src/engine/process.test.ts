import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ColumnStore } from './columns.ts';
import { Mailbox, type Process, sleep, sleepUntil, TaskGroup, timedOut, waitFor, waitUntil } from './process.ts';
import { Recorder } from './recorder.ts';
import { Simulation } from './simulation.ts';

const simulation = () => new Simulation('1', new Recorder(new ColumnStore()));

describe('a process', () => {
  test('starts at this instant after what is already scheduled, and sleeps', () => {
    const sim = simulation();
    const seen: string[] = [];
    function* process(): Process {
      seen.push(`starts at ${sim.now}`);
      yield* sleep(7);
      seen.push(`wakes at ${sim.now}`);
      yield* sleepUntil(sim, 5);
      seen.push(`goes on at ${sim.now}`);
      yield* sleepUntil(sim, 9);
      seen.push(`ends at ${sim.now}`);
    }
    sim.at(0, () => seen.push('before'));
    const task = sim.spawn(process());
    expect(seen).toEqual([]);
    sim.run(100);
    expect(seen).toEqual(['before', 'starts at 0', 'wakes at 7', 'goes on at 7', 'ends at 9']);
    expect(task.ended).toBe(true);
  });

  test('that is killed runs its finally and nothing more', () => {
    const sim = simulation();
    const seen: string[] = [];
    let disarmed = 0;
    function* process(): Process {
      try {
        yield* waitFor<void>(() => () => disarmed++);
        seen.push('never');
      } finally {
        seen.push('cleaned up');
      }
    }
    const task = sim.spawn(process());
    sim.at(3, () => task.kill());
    sim.at(4, () => task.kill());
    sim.run(10);
    expect(seen).toEqual(['cleaned up']);
    expect(disarmed).toBe(1);
  });

  test('that is killed while it sleeps does not wake', () => {
    const sim = simulation();
    let woke = false;
    function* process(): Process {
      yield* sleep(5);
      woke = true;
    }
    const task = sim.spawn(process());
    sim.at(5, () => task.kill());
    sim.at(2, () => task.kill());
    sim.run(10);
    expect(woke).toBe(false);
  });

  test('ends with its group, and with it what it has begun', () => {
    const sim = simulation();
    const seen: string[] = [];
    function* every(name: string, child?: Process): Process {
      if (child !== undefined) sim.spawn(child);
      for (;;) {
        yield* sleep(2);
        seen.push(`${name} ${sim.now}`);
      }
    }
    const group = new TaskGroup();
    sim.spawn(every('mother', every('child')), group);
    sim.spawn(every('other'));
    sim.at(3, () => group.kill());
    sim.run(4);
    expect(seen).toEqual(['mother 2', 'other 2', 'child 2', 'other 4']);
  });

  test('is joined before and after it returns, or until a deadline', () => {
    const sim = simulation();
    const seen: unknown[] = [];
    function* worker(): Process<string> {
      yield* sleep(10);
      return 'done';
    }
    const task = sim.spawn(worker());
    function* joiner(at: number, deadline?: number): Process {
      yield* sleep(at);
      seen.push([sim.now, yield* task.join(deadline), sim.now]);
    }
    sim.spawn(joiner(1));
    sim.spawn(joiner(2, 6));
    sim.spawn(joiner(20));
    sim.run(100);
    expect(seen).toEqual([
      [2, timedOut, 6],
      [1, 'done', 10],
      [20, 'done', 20],
    ]);
  });
});

describe('waitUntil', () => {
  function outcome(deadline: number, wakeAt: readonly number[]): unknown {
    const sim = simulation();
    const wakers: ((value: number) => void)[] = [];
    let result: unknown;
    let disarmed = 0;
    function* process(): Process {
      const value = yield* waitUntil<number>(sim, deadline, (wake) => {
        wakers.push(wake);
        return () => disarmed++;
      });
      result = { value, at: sim.now };
    }
    sim.spawn(process());
    for (const at of wakeAt) sim.at(at, () => wakers[0]?.(at));
    sim.run(1000);
    return result;
  }

  test.each([
    [10, [4], { value: 4, at: 4 }],
    [10, [4, 5], { value: 4, at: 4 }],
    [10, [12], { value: timedOut, at: 10 }],
    [10, [], { value: timedOut, at: 10 }],
    [Number.POSITIVE_INFINITY, [500], { value: 500, at: 500 }],
    [Number.POSITIVE_INFINITY, [], undefined],
    [-5, [1], { value: timedOut, at: 0 }],
  ])('deadline %d, woken at %j', (deadline, wakeAt, expected) => {
    expect(outcome(deadline, wakeAt)).toEqual(expected);
  });
});

describe('a mailbox', () => {
  test('serves who waits longest first, and times out', () => {
    const sim = simulation();
    const box = new Mailbox<string>(sim);
    const seen: unknown[] = [];
    function* receiver(name: string, deadline?: number): Process {
      seen.push([name, yield* box.receive(deadline), sim.now]);
    }
    sim.spawn(receiver('a'));
    sim.spawn(receiver('b', 3));
    sim.spawn(receiver('c'));
    sim.at(5, () => box.put('x'));
    sim.at(6, () => box.put('y'));
    sim.at(7, () => box.put('z'));
    sim.run(10);
    expect(seen).toEqual([
      ['b', timedOut, 3],
      ['a', 'x', 5],
      ['c', 'y', 6],
    ]);
    expect(box.length).toBe(1);
    expect(box.take()).toBe('z');
    expect(box.take()).toBeUndefined();
  });

  test('hands every value over once and in order, whenever they are put and received', () => {
    const instants = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(instants, instants, (puts, pauses) => {
        const sim = simulation();
        const box = new Mailbox<number>(sim);
        const seen: unknown[] = [];
        for (const [number, at] of [...puts].sort((a, b) => a - b).entries()) sim.at(at, () => box.put(number));
        function* receiver(): Process {
          for (let turn = 0; ; turn++) {
            yield* sleep(pauses[turn % pauses.length] ?? 0);
            const value = yield* box.receive(sim.now + 200);
            if (value === timedOut) return;
            seen.push(value);
          }
        }
        sim.spawn(receiver());
        sim.run(100_000);
        expect(seen).toEqual(puts.map((_, number) => number));
      }),
    );
  });
});
