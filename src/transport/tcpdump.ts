import type { Message, Rcode } from '../dns/message.ts';
import { type ResourceRecord, typeOf } from '../dns/record.ts';
import { formatData } from '../dns/text.ts';

/** tcpdump's words (print-domain.c). */
const rcodeWords: ReadonlyMap<Rcode, string> = new Map([
  ['FORMERR', 'FormErr'],
  ['SERVFAIL', 'ServFail'],
  ['NXDOMAIN', 'NXDomain'],
  ['NOTIMP', 'NotImp'],
  ['REFUSED', 'Refused'],
  ['YXDOMAIN', 'YXDomain'],
  ['YXRRSET', 'YXRRSet'],
  ['NXRRSET', 'NXRRSet'],
  ['NOTAUTH', 'NotAuth'],
  ['NOTZONE', 'NotZone'],
]);

/** A DNS message as `tcpdump -n` words it: `30973+ A? api-push.vivo.com.cn. (38)`, `30973 20/0/0 A 182.92.255.169, … (758)`. */
export function tcpdumpText(message: Message, size: number): string {
  return `${message.response ? reply(message) : query(message)} (${size})`;
}

function query({ id, flags, edns, question }: Message): string {
  const asked = question.map(({ name, type }) => ` ${type}? ${name}`).join(',');
  const marks = `${flags.rd ? '+' : ''}${flags.ad ? '$' : ''}${flags.cd ? '%' : ''}`;
  return `${id}${marks}${edns === undefined ? '' : ' [1au]'}${asked}`;
}

function reply({ id, flags, rcode, answer, authority, additional, edns }: Message): string {
  const word = rcodeWords.get(rcode);
  const marks = `${flags.aa ? '*' : ''}${flags.ra ? '' : '-'}${flags.tc ? '|' : ''}${flags.ad ? '$' : ''}`;
  const counts = `${answer.length}/${authority.length}/${additional.length + (edns === undefined ? 0 : 1)}`;
  const shown = answer.map((record) => ` ${recordText(record)}`).join(',');
  return `${id}${word === undefined ? '' : ` ${word}`}${marks} ${counts}${shown}`;
}

function recordText(record: ResourceRecord): string {
  return `${typeOf(record)} ${formatData(record.data)}`;
}
