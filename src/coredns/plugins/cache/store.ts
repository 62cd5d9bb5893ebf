import type { RandomStream } from '../../../engine/random.ts';
import type { Item } from './item.ts';

const shards = 256;
const smallestShard = 4;

/** What an entry answers. */
export interface Key {
  readonly name: string;
  /** All else that tells it from others of that name. */
  readonly what: number;
  /** In which shard it stands, of 256. */
  readonly shard: number;
}

interface Entry {
  readonly key: Key;
  /** Of its key. */
  readonly what: number;
  item: Item;
  /** Another one of this name. */
  next: Entry | undefined;
}

/** One store of 256 shards (`plugin/pkg/cache`); a full shard drops any one of its entries for a new one. */
export class Store {
  readonly #byName = new Map<string, Entry>();
  /** The entries of each, the oldest first. */
  readonly #shards: Set<Entry>[] = [];
  readonly #shardCapacity: number;
  readonly #draws: RandomStream;
  #size = 0;

  constructor(capacity: number, draws: RandomStream) {
    this.#shardCapacity = Math.max(Math.floor(capacity / shards), smallestShard);
    this.#draws = draws;
  }

  get size(): number {
    return this.#size;
  }

  get(key: Key): Item | undefined {
    // The usual state of the store of denials.
    if (this.#size === 0) return undefined;
    return this.#find(key)?.item;
  }

  /** Tells whether another entry had to go. */
  add(key: Key, item: Item): boolean {
    const known = this.#find(key);
    if (known !== undefined) {
      known.item = item;
      return false;
    }
    const shard = this.#shards[key.shard] ?? new Set();
    this.#shards[key.shard] = shard;
    const evicts = shard.size >= this.#shardCapacity;
    if (evicts) {
      const victim = nth(shard, this.#draws.integer(shard.size));
      if (victim !== undefined) this.#delete(victim);
    }
    const entry = { key, what: key.what, item, next: this.#byName.get(key.name) };
    shard.add(entry);
    this.#byName.set(key.name, entry);
    this.#size++;
    return evicts;
  }

  remove(key: Key): void {
    const known = this.#find(key);
    if (known !== undefined) this.#delete(known);
  }

  #find({ name, what }: Key): Entry | undefined {
    let entry = this.#byName.get(name);
    while (entry !== undefined && entry.what !== what) entry = entry.next;
    return entry;
  }

  #delete(entry: Entry): void {
    const { key, next } = entry;
    const before = this.#before(entry);
    if (before !== undefined) before.next = next;
    else if (next !== undefined) this.#byName.set(key.name, next);
    else this.#byName.delete(key.name);
    this.#shards[key.shard]?.delete(entry);
    this.#size--;
  }

  /** The entry of its name that leads to it; undefined: it is the first. */
  #before(entry: Entry): Entry | undefined {
    let before = this.#byName.get(entry.key.name);
    if (before === entry) return undefined;
    while (before !== undefined && before.next !== entry) before = before.next;
    return before;
  }
}

function nth<T>(all: Iterable<T>, index: number): T | undefined {
  let left = index;
  for (const one of all) if (left-- === 0) return one;
  return undefined;
}
