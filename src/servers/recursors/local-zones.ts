import type { Question } from '../../dns/message.ts';
import { lower, sameName } from '../../dns/name.ts';
import type { RecordData, ResourceRecord } from '../../dns/record.ts';
import { bare, type Resolution } from './engine.ts';

/** A zone that a program answers itself, without asking anybody. */
export interface LocalZone {
  /** In lower case, with final dot. */
  readonly zone: string;
  /** Its SOA, for denials; absent: denials carry none. */
  readonly soa?: Extract<RecordData, { type: 'SOA' }>;
  /** Seconds; of all its records. */
  readonly ttl: number;
  /** Of the SOA in denials, where it is another. */
  readonly negativeTtl?: number;
  /** Addresses or the name that stand there: of the zone's own name, or of every name in it. */
  readonly data?: { readonly of: 'every name' | string; readonly records: readonly RecordData[] };
  /** Is AA set? */
  readonly aa: boolean;
}

/** An answer out of a local zone. */
export interface LocalAnswer extends Resolution {
  readonly aa: boolean;
}

export type LocalZones = ReadonlyMap<string, LocalZone>;

/** Zones by their names. */
export function byName(zones: readonly LocalZone[]): LocalZones {
  return new Map(zones.map((one) => [one.zone, one]));
}

/** The answer of the longest local zone that holds the name. */
export function localAnswer(zones: LocalZones, { name, type }: Question): LocalAnswer | undefined {
  if (zones.size === 0) return undefined;
  const folded = lower(name);
  let nearest: LocalZone | undefined;
  for (let at = 0; nearest === undefined && at >= 0 && at < folded.length; at = folded.indexOf('.', at) + 1) {
    nearest = zones.get(folded.slice(at));
  }
  if (nearest === undefined) return undefined;
  const { zone, data, ttl, negativeTtl = ttl, soa, aa } = nearest;
  const isHeld = data !== undefined && (data.of === 'every name' || sameName(data.of, name));
  const held = isHeld ? data.records.filter((one) => one.type === type) : [];
  if (held.length > 0) return { ...bare('NOERROR'), answer: held.map((one) => record(name, ttl, one)), aa };
  const authority = soa === undefined ? [] : [record(zone, negativeTtl, soa)];
  return { ...bare(isHeld || sameName(zone, name) ? 'NOERROR' : 'NXDOMAIN'), authority, aa };
}

function record(name: string, ttl: number, data: RecordData): ResourceRecord {
  return { name, class: 'IN', ttl, data };
}

const loopback: readonly RecordData[] = [
  { type: 'A', address: '127.0.0.1' },
  { type: 'AAAA', address: '::1' },
];
const toLocalhost: readonly RecordData[] = [{ type: 'PTR', target: 'localhost.' }];

/** Reverse zones of private addresses (RFC 1918). */
const privateZones: readonly string[] = [
  '10.in-addr.arpa.',
  ...Array.from({ length: 16 }, (_, i) => `${16 + i}.172.in-addr.arpa.`),
  '168.192.in-addr.arpa.',
];

/** Zones of unbound's own (`local_zone_enter_defaults` of its services/localzone.c), without those of `unblock-lan-zones`. */
export const unboundZones: readonly LocalZone[] = [
  ...['test.', 'invalid.', 'onion.', 'home.arpa.'].map(unboundZone),
  { ...unboundZone('localhost.'), data: { of: 'every name', records: loopback } },
  { ...unboundZone('127.in-addr.arpa.'), data: { of: '1.0.0.127.in-addr.arpa.', records: toLocalhost } },
];

/** Those that `unblock-lan-zones` opens: reverse zones of private, shared, link-local and reserved addresses (RFC 6303). */
export const unboundLanZones: readonly LocalZone[] = [
  ...privateZones,
  ...Array.from({ length: 64 }, (_, i) => `${64 + i}.100.in-addr.arpa.`),
  '0.in-addr.arpa.',
  '254.169.in-addr.arpa.',
  '2.0.192.in-addr.arpa.',
  '100.51.198.in-addr.arpa.',
  '113.0.203.in-addr.arpa.',
  '255.255.255.255.in-addr.arpa.',
].map(unboundZone);

function unboundZone(zone: string): LocalZone {
  const times = { serial: 1, refresh: 3600, retry: 1200, expire: 604_800, minimum: 10_800 };
  return { zone, ttl: 10_800, soa: { type: 'SOA', mname: 'localhost.', rname: 'nobody.invalid.', ...times }, aa: true };
}

/** PowerDNS's zones (`serve-rfc1918`, `makeBuiltInZones` of its reczones.cc; recording `recursor-m-local-names`). */
export const powerdnsZones: readonly LocalZone[] = [
  { ...powerdnsZone('localhost.'), data: { of: 'every name', records: loopback } },
  { ...powerdnsZone('127.in-addr.arpa.'), data: { of: '1.0.0.127.in-addr.arpa.', records: toLocalhost } },
  ...privateZones.map(powerdnsZone),
];

function powerdnsZone(zone: string): LocalZone {
  const times = { serial: 1, refresh: 604_800, retry: 86_400, expire: 2_419_200, minimum: 604_800 };
  const soa = { type: 'SOA', mname: 'localhost.', rname: 'root.', ...times } as const;
  return { zone, ttl: 86_400, negativeTtl: 3600, soa, aa: false };
}
