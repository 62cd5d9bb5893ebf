import { changed } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import { labelsOf, lower } from '../dns/name.ts';
import type { RecordData, ResourceRecord } from '../dns/record.ts';

/**
 * A message as it reads after dnspython has compressed it: a pointer goes to an earlier name whatever its letters'
 * case, so a name takes over the case of the longest ending that stood before (recording `cache-query-case`).
 */
export function foldNames(message: Message): Message {
  const seen = new Map<string, string>();
  const name = (text: string): string => foldName(text, seen);
  const fold = (records: readonly ResourceRecord[]) =>
    records.map((record) => ({ ...record, name: name(record.name), data: foldData(record.data, name) }));
  const question = message.question.map((one) => ({ ...one, name: name(one.name) }));
  const answer = fold(message.answer);
  const authority = fold(message.authority);
  return changed(message, { question, answer, authority, additional: fold(message.additional) });
}

/** Has any name in it capitals? */
export function hasCapitals({ question, answer, authority, additional }: Message): boolean {
  return [...question, ...answer, ...authority, ...additional].some((one) => {
    if (lower(one.name) !== one.name) return true;
    return 'data' in one && namesIn(one.data).some((name) => lower(name) !== name);
  });
}

function namesIn(data: RecordData): readonly string[] {
  switch (data.type) {
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return [data.target];
    case 'MX':
      return [data.exchange];
    case 'SOA':
      return [data.mname, data.rname];
    default:
      return [];
  }
}

function foldName(text: string, seen: Map<string, string>): string {
  const labels = labelsOf(text);
  let known = '';
  let own = labels.length;
  for (let i = 0; i < labels.length; i++) {
    const before = seen.get(lower(labels.slice(i).join('.')));
    if (before === undefined) continue;
    known = before;
    own = i;
    break;
  }
  const folded = [...labels.slice(0, own), ...labelsOf(known)];
  for (let i = 0; i < own; i++) {
    const ending = folded.slice(i).join('.');
    seen.set(lower(ending), ending);
  }
  return folded.length === 0 ? '.' : `${folded.join('.')}.`;
}

/** Names inside the data of the types that may hold pointers (RFC 1035). */
function foldData(data: RecordData, name: (text: string) => string): RecordData {
  switch (data.type) {
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return { ...data, target: name(data.target) };
    case 'MX':
      return { ...data, exchange: name(data.exchange) };
    case 'SOA':
      return { ...data, mname: name(data.mname), rname: name(data.rname) };
    default:
      return data;
  }
}
