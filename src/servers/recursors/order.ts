import { type ResourceRecord, typeOf } from '../../dns/record.ts';
import { formatData } from '../../dns/text.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { RecursorProfile } from './profile.ts';

/** The order of a set from reply to reply (recording `recursor-order`); CNAMEs stay in front. */
export class Ordering {
  readonly #order: RecursorProfile['order'];
  readonly #chance: () => RandomStream;
  /** Replies so far, by question. */
  readonly #before = new Map<string, number>();

  constructor(order: RecursorProfile['order'], chance: () => RandomStream) {
    this.#order = order;
    this.#chance = chance;
  }

  /** `id` is the query's; `key` stands for question and form of the query. */
  of(answer: readonly ResourceRecord[], id: number, key: string): ResourceRecord[] {
    const aliases = answer.filter((record) => typeOf(record) === 'CNAME');
    const set = answer.filter((record) => typeOf(record) !== 'CNAME');
    return set.length < 2 ? [...answer] : [...aliases, ...this.#ordered(set, id, key)];
  }

  #ordered(set: readonly ResourceRecord[], id: number, key: string): ResourceRecord[] {
    switch (this.#order) {
      case 'as-received':
        return [...set];
      case 'sorted':
        return sorted(set);
      case 'random':
        return this.#chance().shuffle(set);
      case 'rotated':
        return turned(set, id);
      case 'rotated-by-chance':
        return turned(set, this.#chance().integer(set.length));
      case 'cyclic': {
        const count = this.#before.get(key) ?? 0;
        this.#before.set(key, count + 1);
        return turned(sorted(set), count);
      }
    }
  }
}

function turned<T>(set: readonly T[], by: number): T[] {
  const start = by % set.length;
  return [...set.slice(start), ...set.slice(0, start)];
}

function sorted(set: readonly ResourceRecord[]): ResourceRecord[] {
  const texts = set.map((record) => ({ record, text: formatData(record.data) }));
  return texts.sort((a, b) => (a.text < b.text ? -1 : 1)).map(({ record }) => record);
}
