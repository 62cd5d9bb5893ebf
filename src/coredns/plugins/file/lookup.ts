import type { Rcode } from '../../../dns/message.ts';
import { isWithin, lower, sameName } from '../../../dns/name.ts';
import type { ResourceRecord } from '../../../dns/record.ts';
import type { Zone } from '../../../dns/zone.ts';
import type { Process } from '../../../engine/process.ts';
import { type History, inRelease } from '../../history.ts';
import type { ReleaseName } from '../../releases.ts';

/** What a zone says to a question, in CoreDNS's shape: positive answers carry the zone's NS. */
export interface ZoneReply {
  readonly rcode: Rcode;
  readonly aa: boolean;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
}

/** A CNAME to a name of the zone that is not there: corefile-file-zone. */
const danglingCname: History<{ readonly rcode: Rcode; readonly authority: 'NS' | 'SOA' }> = [
  ['1.6.7', { rcode: 'NOERROR', authority: 'NS' }],
  ['1.8.1', { rcode: 'NXDOMAIN', authority: 'NS' }],
  ['1.14.5', { rcode: 'NXDOMAIN', authority: 'SOA' }],
];
/** Steps that are taken inside a zone behind the first CNAME (externalLookup): a loop fills an answer with ten. */
const longestChain = 9;

/** Asks the whole server for the target of a CNAME that leads out of the zone. */
export type LookUpOutside = (name: string) => Process<readonly ResourceRecord[]>;

/** `plugin/file` lookup.go. `name` in lower case. */
export function* lookUp(
  zone: Zone,
  name: string,
  type: string,
  release: ReleaseName,
  outside: LookUpOutside,
): Process<ZoneReply> {
  const cut = zone.delegation(name, type);
  if (cut.length > 0) {
    return { rcode: 'NOERROR', aa: false, answer: [], authority: cut, additional: addressesOf(zone, cut) };
  }
  const owner = zone.ownerFor(name);
  if (owner === undefined) return negative(zone, 'NXDOMAIN');
  const own = zone.set(owner, type).map((record) => named(record, name));
  if (own.length > 0) {
    const authority = type === 'NS' && sameName(name, zone.origin) ? [] : zone.set(zone.origin, 'NS');
    return { rcode: 'NOERROR', aa: true, answer: own, authority, additional: addressesOf(zone, own) };
  }
  const [alias] = zone.set(owner, 'CNAME').map((record) => named(record, name));
  return alias === undefined ? negative(zone, 'NOERROR') : yield* follow(zone, alias, type, release, outside);
}

function* follow(
  zone: Zone,
  first: ResourceRecord,
  type: string,
  release: ReleaseName,
  outside: LookUpOutside,
): Process<ZoneReply> {
  const answer = [first];
  const positive = () =>
    ({ rcode: 'NOERROR', aa: true, answer, authority: zone.set(zone.origin, 'NS'), additional: [] }) as const;
  let link: ResourceRecord | undefined = first;
  for (let links = 0; link?.data.type === 'CNAME' && links < longestChain; links++) {
    const target = lower(link.data.target);
    if (!isWithin(target, zone.origin)) {
      answer.push(...(yield* outside(target)));
      return positive();
    }
    const owner = zone.ownerFor(target);
    if (owner === undefined) {
      // CoreDNS asks itself once more for what it has not found.
      answer.push(...(yield* outside(target)));
      const { rcode, authority } = inRelease(danglingCname, release);
      return { ...positive(), rcode, authority: authority === 'SOA' ? soaOf(zone) : zone.set(zone.origin, authority) };
    }
    const found = zone.set(owner, type).map((record) => named(record, target));
    link = found.length > 0 ? undefined : zone.set(owner, 'CNAME').map((record) => named(record, target))[0];
    answer.push(...found, ...(link === undefined ? [] : [link]));
  }
  return positive();
}

/** A wildcard's record becomes one of the name that was asked; others go out as they are. */
function named(record: ResourceRecord, name: string): ResourceRecord {
  return record.name === name ? record : { ...record, name };
}

function negative(zone: Zone, rcode: Rcode): ZoneReply {
  return { rcode, aa: true, answer: [], authority: soaOf(zone), additional: [] };
}

/** The SOA record, wherever in the zone it stands. */
export function soaOf(zone: Zone): readonly ResourceRecord[] {
  const apex = zone.set(zone.origin, 'SOA');
  return apex.length > 0 ? apex : zone.records.filter(({ data }) => data.type === 'SOA').slice(-1);
}

/** Addresses of the hosts that records name, as far as the zone has them. */
function addressesOf(zone: Zone, records: readonly ResourceRecord[]): ResourceRecord[] {
  const hosts: string[] = [];
  for (const { data } of records) {
    if (data.type === 'MX') hosts.push(data.exchange);
    else if (data.type === 'SRV' || data.type === 'NS') hosts.push(data.target);
  }
  return hosts
    .filter((host) => isWithin(host, zone.origin))
    .flatMap((host) => [...zone.set(host, 'A'), ...zone.set(host, 'AAAA')]);
}
