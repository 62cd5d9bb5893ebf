import { changed } from '../../dns/build.ts';
import type { Message, Question, Rcode } from '../../dns/message.ts';
import { isWithin, lower, sameName } from '../../dns/name.ts';
import { typeNumber } from '../../dns/numbers.ts';
import { hostsOf, type ResourceRecord, typeOf } from '../../dns/record.ts';
import type { Zone, ZoneAnswer } from '../../dns/zone.ts';
import type { AuthorityRules } from './programs.ts';

/** CNAMEs followed within one zone; more is a loop (BIND 9.18: 16 restarts). */
const longestChain = 16;

/** The zone's answer, CNAMEs followed as long as they stay in it. Shapes as recorded in `recursor-auth-shapes`. */
export function lookUp(zone: Zone, question: Question, rules: LookupRules): ZoneAnswer {
  const answer: ResourceRecord[] = [];
  let name = question.name;
  for (let links = 0; links <= longestChain; links++) {
    const cut = zone.delegation(name, question.type);
    if (cut.length > 0) return referral(zone, answer, cut);
    const owner = zone.ownerFor(name);
    if (owner === undefined) return negative(zone, answer, 'NXDOMAIN');
    const own = recordsAt(zone, owner, question.type, rules).map((record) => {
      return rules.keepsLetters && sameName(record.name, name) ? record : { ...record, name };
    });
    answer.push(...own);
    const [first] = own;
    if (first === undefined) return negative(zone, answer, 'NOERROR');
    if (first.data.type === 'CNAME' && question.type === 'CNAME' && rules.doubtsWildAliases && owner.startsWith('*.')) {
      return negative(zone, answer, 'NOERROR');
    }
    if (first.data.type !== 'CNAME' || question.type === 'CNAME' || question.type === 'ANY') break;
    name = first.data.target;
    if (!isWithin(name, zone.origin)) break;
    if (answer.some((link) => sameName(link.name, name))) return endless(answer, rules);
  }
  const isAll = question.type === 'ANY' && rules.any === 'all';
  return { rcode: 'NOERROR', aa: true, answer, authority: [], additional: isAll ? [] : addressesOf(zone, answer) };
}

/** Behind a positive answer the zone's servers, their addresses last, unless the answer has them. */
export function withServers(
  zone: Zone,
  { type }: Question,
  answer: ZoneAnswer,
  { addsServers }: Pick<AuthorityRules, 'addsServers'>,
  rd: boolean,
): ZoneAnswer {
  const isWhole = answer.answer.length > 0 && answer.authority.length === 0 && type !== 'ANY' && type !== 'NS';
  const last = answer.answer.at(-1);
  const adds = addsServers === 'always' || (addsServers === 'without RD' && !rd);
  if (!adds || !isWhole || (last?.data.type === 'CNAME' && type !== 'CNAME')) return answer;
  const authority = zone.set(zone.origin, 'NS');
  return { ...answer, authority, additional: [...new Set([...answer.additional, ...addressesOf(zone, authority)])] };
}

type LookupRules = Pick<AuthorityRules, 'keepsLetters' | 'any' | 'loops' | 'doubtsWildAliases'>;

/** Aliases that lead back. */
function endless(answer: readonly ResourceRecord[], { loops }: LookupRules): ZoneAnswer {
  const rcode = loops === 'told' ? 'NOERROR' : 'SERVFAIL';
  return { rcode, aa: true, answer: loops === 'failed' ? [] : answer, authority: [], additional: [] };
}

/** Records of the type asked, or the name's CNAME; for ANY all sets, or one of them (RFC 8482 §4.1). */
function recordsAt(zone: Zone, owner: string, type: string, { any }: LookupRules): readonly ResourceRecord[] {
  if (type === 'ANY') {
    const all = zone.all(owner);
    const types = [...new Set(all.map(typeOf))];
    if (any === 'lowest') types.sort((a, b) => (typeNumber(a) ?? 0) - (typeNumber(b) ?? 0));
    return any === 'all' ? all : zone.set(owner, types[0] ?? '');
  }
  const own = zone.set(owner, type);
  return own.length > 0 ? own : zone.set(owner, 'CNAME');
}

function referral(zone: Zone, answer: readonly ResourceRecord[], servers: readonly ResourceRecord[]): ZoneAnswer {
  return {
    rcode: 'NOERROR',
    aa: answer.length > 0,
    answer,
    authority: servers,
    additional: addressesOf(zone, servers),
  };
}

/** NXDOMAIN or NODATA with the SOA, whose TTL is the lesser of its own and its minimum (RFC 2308 §3). */
function negative(zone: Zone, answer: readonly ResourceRecord[], rcode: Rcode): ZoneAnswer {
  const { soa } = zone;
  const authority = soa === undefined ? [] : [{ ...soa.record, ttl: Math.min(soa.record.ttl, soa.data.minimum) }];
  return { rcode, aa: true, answer, authority, additional: [] };
}

/** Servers and addresses behind an answer, IPv4 first, up to the set that does not fit (NSD's `encode_answer`). */
export function leftOut(reply: Message, fits: (reply: Message) => boolean): Message {
  let left = changed(reply, { additional: [] });
  if (!fits(left)) return changed(left, { authority: [] });
  const sets = new Map<string, ResourceRecord[]>();
  for (const type of ['A', 'AAAA']) {
    for (const record of reply.additional.filter((one) => typeOf(one) === type)) {
      const key = `${lower(record.name)} ${type}`;
      sets.set(key, [...(sets.get(key) ?? []), record]);
    }
  }
  for (const set of sets.values()) {
    const longer = changed(left, { additional: [...left.additional, ...set] });
    if (!fits(longer)) break;
    left = longer;
  }
  return left;
}

/** Addresses of the hosts that MX, SRV and NS records name, as far as the zone has them. */
function addressesOf(zone: Zone, records: readonly ResourceRecord[]): ResourceRecord[] {
  return [...new Set(hostsOf(records).map(lower))].flatMap((host) => [
    ...zone.set(host, 'A'),
    ...zone.set(host, 'AAAA'),
  ]);
}
