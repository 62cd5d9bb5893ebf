import { Mailbox, type Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Simulation } from '../engine/simulation.ts';
import type { Micros } from '../engine/time.ts';
import type { Source } from '../problem/problem.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';
import { threadCame } from './records.ts';

/** Node's dns.lookup: libc's getaddrinfo on libuv's threads, of which half at most may wait for such slow work. */
export class LibuvPool implements Resolver {
  readonly #simulation: Simulation;
  readonly #host: string;
  readonly #name: string;
  readonly #threads: readonly Resolver[];
  readonly #free: Mailbox<Resolver>;

  /** `threads`: UV_THREADPOOL_SIZE. */
  constructor(simulation: Simulation, host: string, name: string, threads: number, newThread: () => Resolver) {
    this.#simulation = simulation;
    this.#host = host;
    this.#name = name;
    this.#threads = Array.from({ length: Math.floor((threads + 1) / 2) }, newThread);
    this.#free = new Mailbox(simulation);
    for (const thread of this.#threads) this.#free.put(thread);
  }

  rewriteResolvConf(source: Source): void {
    for (const thread of this.#threads) thread.rewriteResolvConf(source);
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const called = this.#simulation.now;
    const thread = yield* this.#free.receive();
    if (this.#simulation.now > called) this.#noteWait(this.#simulation.now - called, trace);
    const result = yield* thread.lookup(lookup, trace);
    this.#free.put(thread);
    if (result.result === 'OK') return result;
    const code = result.result === 'EAI_NONAME' || result.result === 'EAI_NODATA' ? 'ENOTFOUND' : result.result;
    return { ...result, result: code, printed: `getaddrinfo ${code} ${lookup.name}` };
  }

  #noteWait(waited: Micros, trace: TraceId): void {
    const fields = { resolver: this.#name, waited, threads: this.#threads.length };
    this.#simulation.recorder.write(threadCame, this.#host, trace, '', fields);
  }
}
