import type { Question } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { classNumber, typeNumber } from '../../../dns/numbers.ts';
import type { CacheBehaviour } from './releases.ts';
import type { Key } from './store.ts';

/** Low octets of FNV-1's 64-bit offset basis and prime: enough for the low octet of the hash. */
const offsetBasis = 0x25;
const prime = 0xb3;
/** So many types, and classes, there may be. */
const numbers = 65_536;

/** The key of a question: `DO CD type class name`, as far as the release has these parts. */
export class QuestionKey implements Key {
  readonly name: string;
  /** All parts but the name, in one number. */
  readonly what: number;
  readonly #parts: CacheBehaviour['keyHas'];

  constructor(question: Question, dnssec: boolean, cd: boolean, parts: CacheBehaviour['keyHas']) {
    this.name = lower(question.name);
    this.#parts = parts;
    const type = typeNumber(question.type) ?? 0;
    const of = parts.class ? (classNumber(question.class) ?? 0) : 0;
    this.what = (of * numbers + type) * 4 + (parts.do && dnssec ? 2 : 0) + (parts.cd && cd ? 1 : 0);
  }

  /** Low octet of the FNV-1 hash: the shard. */
  get shard(): number {
    const rest = Math.floor(this.what / 4);
    const bits = `${this.#parts.do ? (this.what >> 1) & 1 : ''}${this.#parts.cd ? this.what & 1 : ''}`;
    let hash = withNumber(withText(offsetBasis, bits), rest % numbers);
    if (this.#parts.class) hash = withNumber(hash, Math.floor(rest / numbers));
    return withText(hash, this.name);
  }
}

function withText(hash: number, text: string): number {
  let fed = hash;
  for (let i = 0; i < text.length; i++) fed = withOctet(fed, text.charCodeAt(i));
  return fed;
}

function withNumber(hash: number, number: number): number {
  return withOctet(withOctet(hash, number >>> 8), number);
}

function withOctet(hash: number, octet: number): number {
  return ((hash * prime) & 255) ^ (octet & 255);
}
