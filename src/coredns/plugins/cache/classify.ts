import type { Message } from '../../../dns/message.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { CacheBehaviour } from './releases.ts';

/** What a reply is to the cache (`plugin/pkg/response` Type). */
export type ReplyKind = 'answer' | 'delegation' | 'name-error' | 'no-data' | 'server-error' | 'other';

/** Classifies a reply to a query, with what later releases of the cache know beyond it. */
export function classify(reply: Message, behaviour: CacheBehaviour): ReplyKind {
  const kind = typify(reply, behaviour);
  if (kind === 'answer' && behaviour.danglingIsNoData && hasSoa(reply) && isDangling(reply)) return 'no-data';
  return kind;
}

/** May a reply of this kind be stored? */
export function isCacheable(reply: Message, kind: ReplyKind, behaviour: CacheBehaviour): boolean {
  if (reply.flags.tc || kind === 'other') return false;
  if (kind === 'name-error') return hasSoa(reply);
  return !(kind === 'answer' && behaviour.danglingIsNoData && !hasSoa(reply) && isDangling(reply));
}

function typify(reply: Message, behaviour: CacheBehaviour): ReplyKind {
  const type = reply.question[0]?.type;
  if (reply.opcode !== 'QUERY' || type === 'AXFR' || type === 'IXFR') return 'other';
  if (reply.edns?.do === true && sections(reply).some(isExpiredSignature)) return 'other';
  const answers = reply.answer.length > 0;
  if (answers && reply.rcode === 'NOERROR') return 'answer';
  if (answers && reply.rcode === 'NXDOMAIN' && behaviour.nxdomainWithAnswersIsOther) return 'other';
  const soa = hasSoa(reply);
  if (soa && reply.rcode === 'NOERROR') return 'no-data';
  if (reply.rcode === 'NXDOMAIN') return soa || behaviour.nxdomainWithAnswersIsOther ? 'name-error' : 'other';
  if (reply.rcode === 'SERVFAIL' || reply.rcode === 'NOTIMP') return 'server-error';
  if (reply.rcode !== 'NOERROR') return 'other';
  return reply.authority.some((record) => typeOf(record) === 'NS') ? 'delegation' : 'answer';
}

const sections = ({ answer, authority, additional }: Message): readonly ResourceRecord[] => [
  ...answer,
  ...authority,
  ...additional,
];

/** The date of every run, for what lives by the calendar: recordings are of this year. */
const today = '20260601000000';

/** RRSIG: type covered, algorithm, labels, TTL, expiration, inception… */
function isExpiredSignature({ data }: ResourceRecord): boolean {
  if (data.type !== 'other' || data.typeName !== 'RRSIG') return false;
  const [expiration = '', inception = ''] = data.text.split(' ').slice(4);
  return expiration < today || inception > today;
}

const hasSoa = (reply: Message): boolean => reply.authority.some((record) => typeOf(record) === 'SOA');

/** A non-empty NOERROR answer without a record of the type asked where its CNAME chain ends. */
function isDangling(reply: Message): boolean {
  return reply.answer.length > 0 && !answersItsQuestion(reply);
}

/** Does the answer hold what was asked, at the end of the CNAME chain that starts at the name asked? */
export function answersItsQuestion(reply: Message): boolean {
  const question = reply.question[0];
  if (reply.rcode !== 'NOERROR' || question === undefined) return false;
  const name = question.name.toLowerCase();
  if (question.type === 'ANY') return reply.answer.some((record) => record.name.toLowerCase() === name);
  if (question.type === 'CNAME') return typeof aliasOf(reply.answer, name) === 'object';
  const end = endOfChain(reply.answer, name);
  return reply.answer.some((record) => typeOf(record) === question.type && record.name.toLowerCase() === end);
}

/** Where the chain ends; undefined where it loops or forks. */
function endOfChain(answer: readonly ResourceRecord[], from: string): string | undefined {
  const seen = new Set<string>();
  for (let name = from; ; ) {
    if (seen.has(name)) return undefined;
    seen.add(name);
    const target = aliasOf(answer, name);
    if (target === 'ambiguous') return undefined;
    if (target === undefined) return name;
    name = target.name;
  }
}

function aliasOf(answer: readonly ResourceRecord[], owner: string): { name: string } | 'ambiguous' | undefined {
  let alias: { name: string } | undefined;
  for (const record of answer) {
    if (record.data.type !== 'CNAME' || record.name.toLowerCase() !== owner) continue;
    const target = record.data.target.toLowerCase();
    if (alias !== undefined && alias.name !== target) return 'ambiguous';
    alias = { name: target };
  }
  return alias;
}
