import type { Process, Task } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Client } from './client.ts';
import type { Lookup, LookupResult } from './lookup.ts';

/** Makes a lookup. */
type LookUp = (lookup: Lookup, trace: TraceId) => Process<LookupResult>;

interface UnderWay {
  readonly task: Task<LookupResult>;
  readonly trace: TraceId;
}

/** Who asks for a name and family that are being looked up waits for that lookup. */
export class SharedLookups {
  readonly #client: Pick<Client, 'simulation' | 'noteShared'>;
  readonly #lookUp: LookUp;
  /** By family and name. */
  readonly #underWay = new Map<string, UnderWay>();

  constructor(client: Pick<Client, 'simulation' | 'noteShared'>, lookUp: LookUp) {
    this.#client = client;
    this.#lookUp = lookUp;
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const key = `${lookup.family} ${lookup.name}`;
    let one = this.#underWay.get(key);
    if (one === undefined) {
      one = { task: this.#client.simulation.spawn(this.#lookUp(lookup, trace)), trace };
      this.#underWay.set(key, one);
    } else this.#client.noteShared(lookup.name, one.trace, trace);
    const result = yield* one.task.join();
    // Who goes on first may have begun a new one at this instant.
    if (this.#underWay.get(key) === one) this.#underWay.delete(key);
    return result;
  }
}
