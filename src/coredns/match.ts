import type { Message, Question } from '../dns/message.ts';
import { type History, inRelease } from './history.ts';
import type { ReleaseName } from './releases.ts';

const comparesClass: History<boolean> = [
  ['1.6.7', false],
  ['1.14.7', true],
];

/** Is `reply` one to this question (`request.Match`): a reply with just this question, letters of any case? */
export function answersQuery(question: Question, reply: Message, release: ReleaseName): boolean {
  const [echoed, more] = reply.question;
  if (echoed === undefined || more !== undefined || !reply.response) return false;
  if (echoed.name.toLowerCase() !== question.name.toLowerCase() || echoed.type !== question.type) return false;
  return echoed.class === question.class || !inRelease(comparesClass, release);
}

/** Is `name` the zone or below it? Both absolute; the zone in lower case. */
export function isInZone(name: string, zone: string): boolean {
  if (zone === '.') return true;
  const lower = name.toLowerCase();
  return lower === zone || lower.endsWith(`.${zone}`);
}
