import { type ResourceRecord, typeOf } from '../../dns/record.ts';
import { formatData } from '../../dns/text.ts';
import type { RandomStream } from '../../engine/random.ts';
import type { RecursorProfile } from './profile.ts';

/** The order of a set from reply to reply (recording `recursor-order`); CNAMEs stay in front. */
export class Ordering {
  readonly #order: RecursorProfile['order'];
  readonly #chance: () => RandomStream;
  /** Replies so far, and the order of the first, by question. */
  readonly #before = new Map<string, { count: number; data: readonly string[] }>();

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
        const { count = 0 } = this.#before.get(key) ?? {};
        this.#before.set(key, { count: count + 1, data: [] });
        return turned(sorted(set), count);
      }
      case 'shuffled-once':
        return this.#asBefore(set, key);
    }
  }

  /** A whole reply is kept and told again as long as its set is the same (PowerDNS's packet cache). */
  #asBefore(set: readonly ResourceRecord[], key: string): ResourceRecord[] {
    const before = this.#before.get(key)?.data ?? [];
    const places = set.map((record) => before.indexOf(formatData(record.data)));
    const isSame = before.length === set.length && places.every((place) => place >= 0);
    const shuffled = isSame ? [] : this.#chance().shuffle(set);
    if (!isSame) this.#before.set(key, { count: 0, data: shuffled.map(({ data }) => formatData(data)) });
    const placed = set.map((record, i) => ({ record, place: places[i] ?? 0 }));
    return isSame ? placed.sort((a, b) => a.place - b.place).map(({ record }) => record) : shuffled;
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
