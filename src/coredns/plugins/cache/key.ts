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
  const numbers = [typeNumber(question.type) ?? 0, ...(parts.class ? [classNumber(question.class) ?? 0] : [])];
  let hash = offsetBasis;
  const feed = (octet: number) => {
    hash = ((hash * prime) & 255) ^ (octet & 255);
  };
  for (const bit of bits) feed(bit.charCodeAt(0));
  for (const number of numbers) {
    feed(number >>> 8);
    feed(number);
  }
  for (let i = 0; i < name.length; i++) feed(name.charCodeAt(i));
  return { text: `${bits}/${numbers.join('/')}/${name}`, shard: hash };
}
