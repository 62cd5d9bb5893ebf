import { type Process, Task, type TaskGroup } from './process.ts';
import { EventQueue } from './queue.ts';
import { type RandomStream, randomStream } from './random.ts';
import type { Recorder } from './recorder.ts';
import type { Micros } from './time.ts';

/** Something that will happen once, unless it is cancelled first. */
export interface Timer {
  readonly at: Micros;
  cancel(): void;
}

/** Something that goes on at an event: the next step of a task, a packet that arrives. */
export interface Resumable {
  resume(): void;
}

/** What an event does. */
type Action = (() => void) | Resumable;

/** An event that stands in its slot until it has happened; later another stands there. */
class Pending implements Timer {
  readonly at: Micros;
  readonly #actions: (Action | undefined)[];
  readonly #slot: number;
  readonly #action: Action;

  constructor(actions: (Action | undefined)[], slot: number, action: Action, at: Micros) {
    this.at = at;
    this.#actions = actions;
    this.#slot = slot;
    this.#action = action;
  }

  cancel(): void {
    if (this.#actions[this.#slot] === this.#action) this.#actions[this.#slot] = undefined;
  }
}

/** Virtual clock, pending events, processes and named random streams of one run. */
export class Simulation {
  readonly seed: string;
  readonly recorder: Recorder;
  /** Of the task whose step runs: what that begins belongs to it too. */
  groupAtWork: TaskGroup | undefined;
  #now: Micros = 0;
  readonly #actions: (Action | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #queue = new EventQueue((slot) => this.#isCancelled(slot));
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: string, recorder: Recorder) {
    this.seed = seed;
    this.recorder = recorder;
    recorder.clock = () => this.#now;
  }

  /** Microseconds since the start of the run. */
  get now(): Micros {
    return this.#now;
  }

  /** Runs `action` at an instant that has not passed; events of one instant run in the order scheduled. */
  at(instant: Micros, action: Action): Timer {
    return new Pending(this.#actions, this.#schedule(instant, action), action, instant);
  }

  after(span: Micros, action: () => void): Timer {
    return this.at(this.#now + span, action);
  }

  /** Starts a process; its first step runs at this instant, after what is already scheduled. */
  spawn<T>(process: Process<T>, group = this.groupAtWork): Task<T> {
    const task = new Task(this, process, group);
    this.resumeAt(this.#now, task);
    return task;
  }

  /** As `at`, for what is never cancelled. */
  resumeAt(instant: Micros, what: Resumable): void {
    this.#schedule(instant, what);
  }

  /** The named stream of draws; the same name gives the same stream. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = randomStream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** Runs every event up to and including `until`; the clock then stands at `until`. */
  run(until: Micros): void {
    while (this.#queue.nextTime <= until) {
      this.#now = this.#queue.nextTime;
      const slot = this.#queue.pop();
      const action = this.#actions[slot];
      this.#actions[slot] = undefined;
      this.#freeSlots.push(slot);
      if (action === undefined) continue;
      if (typeof action === 'function') action();
      else action.resume();
    }
    this.#now = Math.max(this.#now, until);
  }

  /** Gives the slot of an event that was cancelled back. */
  #isCancelled(slot: number): boolean {
    if (this.#actions[slot] !== undefined) return false;
    this.#freeSlots.push(slot);
    return true;
  }

  #schedule(instant: Micros, action: Action): number {
    if (!(instant >= this.#now)) throw new Error(`an event was scheduled at ${instant}, before now (${this.#now})`);
    const slot = this.#freeSlots.pop() ?? this.#actions.length;
    this.#actions[slot] = action;
    this.#queue.push(instant, slot);
    return slot;
  }
}
