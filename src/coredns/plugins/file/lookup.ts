import type { Message, Rcode } from '../../../dns/message.ts';
import { isWithin, lower, parentOf, sameName } from '../../../dns/name.ts';
import { hostsOf, type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { Zone, ZoneAnswer } from '../../../dns/zone.ts';
import type { Process } from '../../../engine/process.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';

/** What a reply takes over from the look-up of a name that the zone does not have: corefile-file-zone, corefile-plus-file-odd. */
const outsideRcode: History<'nothing' | 'rcode' | 'rcode and SOA'> = [
  ['1.6.7', 'nothing'],
  ['1.8.1', 'rcode'],
  ['1.14.5', 'rcode and SOA'],
];
/** An answer that a wildcard gives names hosts whose addresses are added. */
const wildcardsAddHosts = since('1.14.5');
/** CNAMEs end at a zone cut, with the referral; what they lead to has its hosts' addresses added. */
const followsToCuts = since('1.14.7');
/** The NS of what a CNAME leads to, and the zone's SOA, are asked for anew. */
const asksForApex = since('1.14.2');
/** An alias of itself is a failure; before, it filled the answer. */
const failsOnItself = since('1.15.0');
/** Before, the SOA of any name in the zone was the zone's. */
const soaIsOfApex = since('1.7.0');
/** A question for the CNAME that a DNAME makes is not followed. */
const makesCname = since('1.8.5');
/** Steps that are taken inside a zone behind the first CNAME (externalLookup): a loop fills an answer with ten. */
const longestChain = 9;

const failed: ZoneAnswer = { rcode: 'SERVFAIL', aa: true, answer: [], authority: [], additional: [] };

/** Asks the whole server for the target of a CNAME that leads out of the zone; undefined: it has said nothing. */
export type LookUpOutside = (name: string) => Process<Pick<Message, 'rcode' | 'answer'> | undefined>;

/** `plugin/file` lookup.go: positive answers carry the zone's NS; undefined: a failure. `name` in lower case. */
export function* lookUp(
  zone: Zone,
  name: string,
  type: string,
  release: ReleaseName,
  outside: LookUpOutside,
): Process<ZoneAnswer | undefined> {
  if (type === 'SOA' && !inRelease(soaIsOfApex, release)) return positive(zone, soaOf(zone));
  const cut = zone.delegation(name, type);
  const dname = dnameAbove(zone, name);
  if (dname !== undefined && (cut[0] === undefined || isWithin(lower(cut[0].name), lower(dname.name)))) {
    return yield* substitute(zone, dname, name, type, release, outside);
  }
  if (cut.length > 0) return referral(zone, cut, []);
  const owner = zone.ownerFor(name);
  if (owner === undefined) return negative(zone, 'NXDOMAIN');
  const own = zone.set(owner, type).map((record) => named(record, name));
  if (own.length > 0) {
    const authority = type === 'NS' && sameName(name, zone.origin) ? [] : zone.set(zone.origin, 'NS');
    const addsHosts = sameName(owner, name) || inRelease(wildcardsAddHosts, release);
    return { rcode: 'NOERROR', aa: true, answer: own, authority, additional: addsHosts ? addressesOf(zone, own) : [] };
  }
  const [alias] = zone.set(owner, 'CNAME').map((record) => named(record, name));
  return alias === undefined ? negative(zone, 'NOERROR') : yield* follow(zone, alias, type, release, outside);
}

/** The DNAME record at the highest name above this one that has any. */
function dnameAbove(zone: Zone, name: string): ResourceRecord | undefined {
  let found: ResourceRecord | undefined;
  for (let at = parentOf(name); isWithin(at, zone.origin) && at !== '.'; at = parentOf(at)) {
    found = zone.set(at, 'DNAME')[0] ?? found;
  }
  return found;
}

/** The DNAME, the CNAME that it makes for this name, and what that leads to (RFC 6672). */
function* substitute(
  zone: Zone,
  dname: ResourceRecord,
  name: string,
  type: string,
  release: ReleaseName,
  outside: LookUpOutside,
): Process<ZoneAnswer> {
  if (dname.data.type !== 'DNAME') return negative(zone, 'NXDOMAIN');
  const target = `${name.slice(0, name.length - dname.name.length)}${dname.data.target}`;
  const cname = { name, ttl: dname.ttl, class: dname.class, data: { type: 'CNAME', target } } as const;
  if (type === 'CNAME' && inRelease(makesCname, release)) {
    return positive(zone, [dname, cname]);
  }
  const led = (yield* follow(zone, cname, type, release, outside)) ?? failed;
  return { ...led, answer: [dname, ...led.answer] };
}

function* follow(
  zone: Zone,
  first: ResourceRecord,
  type: string,
  release: ReleaseName,
  outside: LookUpOutside,
): Process<ZoneAnswer | undefined> {
  const answer = [first];
  const toCuts = inRelease(followsToCuts, release);
  const ended = (rcode: Rcode, authority: readonly ResourceRecord[]): ZoneAnswer => {
    const naming = toCuts ? answer.filter((record) => typeOf(record) !== 'NS') : [];
    return { rcode, aa: true, answer, authority, additional: addressesOf(zone, naming) };
  };
  const asksAnew = (target: string) =>
    inRelease(asksForApex, release) && (type === 'NS' || (type === 'SOA' && sameName(target, zone.origin)));
  const servers = zone.set(zone.origin, 'NS');
  let link: ResourceRecord | undefined = first;
  for (let links = 0; link?.data.type === 'CNAME' && links < longestChain; links++) {
    const target = lower(link.data.target);
    const cut = isWithin(target, zone.origin) ? zone.delegation(target, type) : [];
    if (cut.length > 0 && toCuts) return referral(zone, cut, answer);
    const held = inTree(zone, target);
    if (held.length === 0 || asksAnew(target)) {
      // CoreDNS asks itself once more for what the zone does not have under this very name.
      const reply = yield* outside(target);
      answer.push(...(reply?.answer ?? []));
      const taken = takenOver(reply, release);
      return ended(taken.rcode, taken.negative ? soaOf(zone) : servers);
    }
    const found = held.filter((record) => typeOf(record) === type);
    link = found.length > 0 ? undefined : held.find((record) => typeOf(record) === 'CNAME');
    if (link !== undefined && leadsToItself(link) && inRelease(failsOnItself, release)) return undefined;
    answer.push(...found, ...(link === undefined ? [] : [link]));
  }
  return ended('NOERROR', servers);
}

function leadsToItself({ name, data }: ResourceRecord): boolean {
  return data.type === 'CNAME' && sameName(name, data.target);
}

/** Records of this very name, but for the zone's own SOA and NS, which are kept apart (`Zone.Insert`). */
function inTree(zone: Zone, name: string): readonly ResourceRecord[] {
  const isApex = sameName(name, zone.origin);
  return zone.all(name).filter((record) => !isApex || (typeOf(record) !== 'SOA' && typeOf(record) !== 'NS'));
}

/** What a reply has of the look-up of its last CNAME's target: the rcode, and whether it says so with the SOA. */
function takenOver(reply: Pick<Message, 'rcode' | 'answer'> | undefined, release: ReleaseName) {
  const way = inRelease(outsideRcode, release);
  const { rcode, answer } = reply ?? { rcode: 'NOERROR', answer: [] };
  const failed = rcode === 'NXDOMAIN' || rcode === 'SERVFAIL';
  const isNegative = rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && answer.length === 0);
  return {
    rcode: way !== 'nothing' && failed ? rcode : 'NOERROR',
    negative: way === 'rcode and SOA' && reply !== undefined && isNegative,
  } as const;
}

/** A referral to the servers of a zone below; behind a CNAME it stays an authoritative answer. */
function referral(zone: Zone, cut: readonly ResourceRecord[], answer: readonly ResourceRecord[]): ZoneAnswer {
  const additional = addressesOf(zone, cut);
  return { rcode: 'NOERROR', aa: answer.length > 0, answer, authority: cut, additional };
}

/** A wildcard's record becomes one of the name that was asked; others go out as they are. */
function named(record: ResourceRecord, name: string): ResourceRecord {
  return record.name === name ? record : { ...record, name };
}

function positive(zone: Zone, answer: readonly ResourceRecord[]): ZoneAnswer {
  return { rcode: 'NOERROR', aa: true, answer, authority: zone.set(zone.origin, 'NS'), additional: [] };
}

function negative(zone: Zone, rcode: Rcode): ZoneAnswer {
  return { rcode, aa: true, answer: [], authority: soaOf(zone), additional: [] };
}

/** The SOA record, wherever in the zone it stands. */
export function soaOf(zone: Zone): readonly ResourceRecord[] {
  const apex = zone.set(zone.origin, 'SOA');
  return apex.length > 0 ? apex : zone.records.filter(({ data }) => data.type === 'SOA').slice(-1);
}

/** Addresses of the hosts that records name, as far as the zone has them. */
function addressesOf(zone: Zone, records: readonly ResourceRecord[]): ResourceRecord[] {
  return hostsOf(records)
    .filter((host) => isWithin(host, zone.origin))
    .flatMap((host) => [...zone.set(host, 'A'), ...zone.set(host, 'AAAA')]);
}
