import { changed } from '../../../dns/build.ts';
import type { Message, Rcode } from '../../../dns/message.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import { inRelease, since } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';
import type { NameRewriter } from './name-match.ts';

/** What is done to the reply of a query that a rule has matched. */
export type ResponseRule =
  | { readonly kind: 'record'; readonly change: (record: ResourceRecord) => ResourceRecord }
  | { readonly kind: 'rcode'; readonly from: Rcode; readonly to: Rcode }
  | { readonly kind: 'cname'; readonly target: NameRewriter };

/** A rule for each record of the reply. */
export function recordRule(change: (record: ResourceRecord) => ResourceRecord): ResponseRule {
  return { kind: 'record', change };
}

/** Owner names; what does not match stays. */
export function ownerRule(rewrite: NameRewriter): ResponseRule {
  return recordRule((record) => ({ ...record, name: rewrite(record.name) ?? record.name }));
}

const rewritesPtr = since('1.9.4');

/** Names in the data of records. */
export function valueRule(rewrite: NameRewriter, release: ReleaseName): ResponseRule {
  const ptr = inRelease(rewritesPtr, release);
  const named = (name: string) => rewrite(name) ?? name;
  return recordRule((record) => {
    const { data } = record;
    if (data.type === 'PTR' && !ptr) return record;
    switch (data.type) {
      case 'CNAME':
      case 'NS':
      case 'PTR':
      case 'DNAME':
      case 'SRV':
        return { ...record, data: { ...data, target: named(data.target) } };
      case 'MX':
        return { ...record, data: { ...data, exchange: named(data.exchange) } };
      case 'SOA':
        return { ...record, data: { ...data, mname: named(data.mname) } };
      default:
        return record;
    }
  });
}

/** `answersOnly`: the other sections stay as they are. */
export function withRecords(
  reply: Message,
  change: (record: ResourceRecord) => ResourceRecord,
  answersOnly: boolean,
): Message {
  const { answer, authority, additional } = reply;
  if (answersOnly) return changed(reply, { answer: answer.map(change) });
  return changed(reply, {
    answer: answer.map(change),
    authority: authority.map(change),
    additional: additional.map(change),
  });
}
