import { lower, parentOf, sameName } from '../../../dns/name.ts';
import { type ResourceRecord, typeOf } from '../../../dns/record.ts';
import type { Zone, ZoneAnswer } from '../../../dns/zone.ts';

/** The reply for a client that sets DO: the zone's own signatures, DS at a cut, NSEC where something is not there. */
export function withSignatures(zone: Zone, name: string, type: string, reply: ZoneAnswer): ZoneAnswer {
  const [first] = reply.authority;
  const answer = withSigs(zone, reply.answer);
  const additional = withSigs(zone, reply.additional);
  if (!reply.aa && first !== undefined) {
    const ds = withSigs(zone, zone.set(first.name, 'DS'));
    return { ...reply, answer, authority: [...reply.authority, ...ds], additional };
  }
  const authority = [...withSigs(zone, reply.authority), ...withSigs(zone, proofs(zone, name, type, reply))];
  return { ...reply, answer, authority, additional };
}

/** Behind each set of records the signatures that cover it, as far as they are not there yet. */
function withSigs(zone: Zone, records: readonly ResourceRecord[]): ResourceRecord[] {
  const all: ResourceRecord[] = [];
  for (const [i, record] of records.entries()) {
    all.push(record);
    const next = records[i + 1];
    const type = typeOf(record);
    if (next !== undefined && sameName(next.name, record.name) && [type, 'RRSIG'].includes(typeOf(next))) continue;
    const owner = zone.ownerFor(lower(record.name));
    const sigs = owner === undefined ? [] : zone.set(owner, 'RRSIG');
    for (const sig of sigs) if (covered(sig) === type) all.push({ ...sig, name: record.name });
  }
  return all;
}

const covered = ({ data }: ResourceRecord) => (data.type === 'other' ? data.text.split(' ', 1)[0] : undefined);

/** NSEC records that say what is not there; behind a wildcard's answer, that the name is not. */
function proofs(zone: Zone, name: string, type: string, { rcode, answer }: ZoneAnswer): readonly ResourceRecord[] {
  const owner = zone.ownerFor(name);
  if (answer.length > 0) {
    const direct = owner === undefined || sameName(owner, name) || zone.set(owner, type).length === 0;
    return direct ? [] : zone.set(before(zone, name), 'NSEC');
  }
  if (owner !== undefined) return zone.set(owner, 'NSEC');
  const denial = before(zone, name);
  if (rcode !== 'NXDOMAIN') return zone.set(denial, 'NSEC');
  let closest = parentOf(name);
  while (zone.all(closest).length === 0 && !sameName(closest, zone.origin)) closest = parentOf(closest);
  const noWildcard = before(zone, `*.${closest}`);
  return [...zone.set(denial, 'NSEC'), ...(noWildcard === denial ? [] : zone.set(noWildcard, 'NSEC'))];
}

const orders = new WeakMap<Zone, readonly string[]>();

/** The name of the zone that stands before this one in canonical order (RFC 4034 §6.1); the last one before the first. */
function before(zone: Zone, name: string): string {
  let names = orders.get(zone);
  if (names === undefined) {
    names = [...new Set(zone.records.map((record) => lower(record.name)))].sort(canonically);
    orders.set(zone, names);
  }
  return names.findLast((one) => canonically(one, name) < 0) ?? names.at(-1) ?? zone.origin;
}

function canonically(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.split('.').reverse().join('\0'));
  if (left === undefined || right === undefined || left === right) return 0;
  return left < right ? -1 : 1;
}
