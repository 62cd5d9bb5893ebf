import type { Question } from '../../../dns/message.ts';
import { lower } from '../../../dns/name.ts';
import { classNumber, typeNumber } from '../../../dns/numbers.ts';
import type { CacheBehaviour } from './releases.ts';
import type { Key } from './store.ts';

/** Low octets of FNV-1's 64-bit offset basis and prime: enough for the low octet of the hash. */
const offsetBasis = 0x25;
const prime = 0xb3;

/** The key of a question: `DO CD type class name`, as far as the release has these parts. */
export class QuestionKey implements Key {
  readonly name: string;
  /** All parts but the name, in one number. */
  readonly what: number;
  /** `DO CD`, each `0`, `1` or nothing. */
  readonly #bits: string;
  readonly #type: number;
  readonly #class: number | undefined;

  constructor(question: Question, dnssec: boolean, cd: boolean, parts: CacheBehaviour['keyHas']) {
    this.name = lower(question.name);
    this.#bits = `${parts.do ? bit(dnssec) : ''}${parts.cd ? bit(cd) : ''}`;
    this.#type = typeNumber(question.type) ?? 0;
    this.#class = parts.class ? (classNumber(question.class) ?? 0) : undefined;
    const bits = (parts.do && dnssec ? 2 : 0) + (parts.cd && cd ? 1 : 0);
    this.what = ((this.#class ?? 0) * 65_536 + this.#type) * 4 + bits;
  }

  /** Low octet of the FNV-1 hash: the shard. */
  get shard(): number {
    let hash = withNumber(withText(offsetBasis, this.#bits), this.#type);
    if (this.#class !== undefined) hash = withNumber(hash, this.#class);
    return withText(hash, this.name);
  }
}

function bit(flag: boolean): string {
  return flag ? '1' : '0';
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
