import type { Question } from '../../../dns/message.ts';
import { classNumber, typeNumber } from '../../../dns/numbers.ts';
import type { CacheBehaviour } from './releases.ts';
import type { Key } from './store.ts';

/** Low octets of FNV-1's 64-bit offset basis and prime: enough for the low octet of the hash. */
const offsetBasis = 0x25;
const prime = 0xb3;

/** The key of a question: `DO CD type class name`, as far as the release has these parts. */
export function keyOf(question: Question, dnssec: boolean, cd: boolean, parts: CacheBehaviour['keyHas']): Key {
  const name = question.name.toLowerCase();
  const bits = `${parts.do ? Number(dnssec) : ''}${parts.cd ? Number(cd) : ''}`;
  const type = typeNumber(question.type) ?? 0;
  let hash = withNumber(withText(offsetBasis, bits), type);
  let text = `${bits}/${type}/`;
  if (parts.class) {
    const number = classNumber(question.class) ?? 0;
    hash = withNumber(hash, number);
    text += `${number}/`;
  }
  return { text: text + name, shard: withText(hash, name) };
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
