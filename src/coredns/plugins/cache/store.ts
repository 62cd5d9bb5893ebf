import type { RandomStream } from '../../../engine/random.ts';
import type { Item } from './item.ts';

const shards = 256;
const smallestShard = 4;

/** The name of an entry, and the octets that CoreDNS hashes for it. */
export interface Key {
  readonly text: string;
  /** Low octet of the FNV-1 hash: the shard. */
  readonly shard: number;
}

/** One store of 256 shards (`plugin/pkg/cache`); a full shard drops any one of its entries for a new one. */
export class Store {
  readonly #shards: Map<string, Item>[] = [];
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
    return this.#shards[key.shard]?.get(key.text);
  }

  /** Tells whether another entry had to go. */
  add(key: Key, item: Item): boolean {
    let shard = this.#shards[key.shard];
    if (shard === undefined) {
      shard = new Map();
      this.#shards[key.shard] = shard;
    }
    const evicts = !shard.has(key.text) && shard.size >= this.#shardCapacity;
    if (evicts) {
      const victim = [...shard.keys()][this.#draws.integer(shard.size)];
      if (victim !== undefined) this.#delete(shard, victim);
    }
    const before = shard.size;
    shard.set(key.text, item);
    this.#size += shard.size - before;
    return evicts;
  }

  remove(key: Key): void {
    const shard = this.#shards[key.shard];
    if (shard !== undefined) this.#delete(shard, key.text);
  }

  #delete(shard: Map<string, Item>, text: string): void {
    if (shard.delete(text)) this.#size--;
  }
}
