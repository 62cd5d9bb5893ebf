import type { Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Source } from '../problem/problem.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';

/** libc in a process of many threads: each call in progress has a thread's state to itself, kept for the next call. */
export class Threads implements Resolver {
  readonly #newThread: () => Resolver;
  readonly #all: Resolver[] = [];
  readonly #idle: Resolver[] = [];

  constructor(newThread: () => Resolver) {
    this.#newThread = newThread;
    this.#idle.push(this.#start());
  }

  rewriteResolvConf(source: Source): void {
    for (const thread of this.#all) thread.rewriteResolvConf(source);
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const thread = this.#idle.shift() ?? this.#start();
    const result = yield* thread.lookup(lookup, trace);
    this.#idle.push(thread);
    return result;
  }

  #start(): Resolver {
    const thread = this.#newThread();
    this.#all.push(thread);
    return thread;
  }
}
