import type { Message } from '../../dns/message.ts';
import { isWithin, sameName } from '../../dns/name.ts';
import { type ResourceRecord, typeOf, withTtl } from '../../dns/record.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { ExtendedError } from './extended-error.ts';
import type { RecursorProfile } from './profile.ts';

/** What a recursor knows about a name and type. */
export interface Entry {
  readonly outcome: 'found' | 'alias' | 'nodata' | 'nxdomain' | 'failed';
  /** The set asked for, the CNAME in its place, or the SOA of a denial. */
  readonly records: readonly ResourceRecord[];
  /** Addresses of the hosts that MX and SRV records name, as they came with them. */
  readonly addresses?: readonly ResourceRecord[];
  /** Seconds. */
  readonly ttl: number;
  /** Seconds after which it is no longer used, whatever its TTL: those of what came with it. */
  readonly atMost?: number;
  /** As the records came, in seconds; NaN where none did. */
  readonly recordTtl: number;
  /** What made `ttl` of `recordTtl`: `record ttl`, `cache-min-ttl 20`, `cache-max-ttl 60`, `no SOA 5`, `failure 5`. */
  readonly clamp: string;
  readonly storedAt: Micros;
  /** The query whose reply this is. */
  readonly filledBy: TraceId;
  /** How often it was made live again after it had run out. */
  readonly revivals?: number;
  /** Of a denial that shows a SOA kept for the whole zone: itself. */
  readonly alone?: Entry;
  /** Do the records have TTLs of their own? */
  readonly isMixed?: boolean;
  /** Of a failure: what clients are told of it. */
  readonly extendedError?: ExtendedError;
  /** Is the TTL that is told its own, whatever its life is bounded to? */
  readonly showsOwnTtl?: boolean;
  /** Did it come beside the answer to another question? */
  readonly isBeside?: boolean;
}

/** Where an entry comes from. */
interface Filled {
  readonly storedAt: Micros;
  readonly filledBy: TraceId;
}

/** Reads a reply to a question about `name` and `type`; undefined when it says nothing about it (a referral). */
export function entryOf(
  reply: Message,
  name: string,
  type: string,
  profile: RecursorProfile,
  filled: Filled,
): Entry | undefined {
  const own = reply.answer.filter((record) => sameName(record.name, name));
  const asked = own.filter((record) => type === 'ANY' || typeOf(record) === type);
  const alias = own.filter((record) => record.data.type === 'CNAME');
  if (asked.length > 0 && type !== 'CNAME') {
    const named = profile.addsAddresses === 'none' ? [] : reply.additional.filter((one) => isNamedBy(one, asked));
    const addresses = profile.addsAddresses === 'NS' && type !== 'NS' ? [] : named;
    const atMost = profile.endsWithAddresses ? Math.min(...named.map(({ ttl }) => ttl)) : undefined;
    return {
      outcome: 'found',
      records: asked,
      addresses,
      ...(atMost !== undefined && { atMost }),
      ...life(asked, profile),
      ...filled,
    };
  }
  if (alias.length > 0) {
    const showsOwnTtl = profile.showsUnboundedSoa && reply.rcode === 'NXDOMAIN';
    return {
      outcome: 'alias',
      records: alias,
      ...(showsOwnTtl && { showsOwnTtl }),
      ...life(alias, profile),
      ...filled,
    };
  }
  if (profile.refusesOddReplies && isOdd(reply)) return undefined;
  const outcome = reply.rcode === 'NXDOMAIN' ? 'nxdomain' : 'nodata';
  const denial = denialOf(reply, name, outcome, profile, filled);
  if (denial !== undefined) return denial;
  const servers = reply.authority.filter(({ data }) => data.type === 'NS');
  if (outcome === 'nodata' && servers.length > 0) return referral(servers, reply.additional, profile, filled);
  const ttl = profile.ttlWithoutSoa;
  return { outcome, records: [], ttl, recordTtl: Number.NaN, clamp: `no SOA ${ttl}`, ...filled };
}

/** A forwarder that says who knows. */
function referral(
  servers: readonly ResourceRecord[],
  additional: readonly ResourceRecord[],
  profile: RecursorProfile,
  filled: Filled,
): Entry | undefined {
  if (profile.referrals === 'no answer') return undefined;
  const lives = life(servers, profile);
  if (profile.referrals === 'told')
    return { outcome: 'nodata', records: servers, isMixed: true, ...lives, ttl: 0, ...filled };
  const addresses = additional.filter((one) => isNamedBy(one, servers));
  return { outcome: 'nodata', records: servers, addresses, ...lives, ...filled };
}

/** Of a reply that has nothing of what was asked: does it answer something else, or deny it twice? */
function isOdd({ answer, authority }: Message): boolean {
  return answer.length > 0 || authority.filter(({ data }) => data.type === 'SOA').length > 1;
}

/** What the SOA of a reply says of how long a denial lives. */
export function denialOf(
  reply: Message,
  name: string,
  outcome: 'nodata' | 'nxdomain',
  profile: RecursorProfile,
  filled: Filled,
): Entry | undefined {
  const soa = reply.authority.filter(({ name: zone, data }) => {
    return data.type === 'SOA' && (profile.believesAnySoa || isWithin(name, zone));
  });
  return soa.length === 0 ? undefined : { outcome, records: soa, ...denialLife(soa[0], reply, profile), ...filled };
}

/** Is it an address of a host that one of these MX, SRV or NS records names? */
function isNamedBy(record: ResourceRecord, records: readonly ResourceRecord[]): boolean {
  if (record.data.type !== 'A' && record.data.type !== 'AAAA') return false;
  return records.some(({ data }) => {
    if (data.type === 'MX') return sameName(data.exchange, record.name);
    return (data.type === 'SRV' || data.type === 'NS') && sameName(data.target, record.name);
  });
}

/** An entry that says that no server gave an answer. */
export function failedEntry(ttl: number, filled: Filled, extendedError?: ExtendedError): Entry {
  const life = { ttl, recordTtl: Number.NaN, clamp: `failure ${ttl}` };
  return { outcome: 'failed', records: [], ...life, ...filled, ...(extendedError && { extendedError }) };
}

type Life = Pick<Entry, 'ttl' | 'recordTtl' | 'clamp'>;

/** The TTL of a set, within the program's bounds. */
function life(records: readonly ResourceRecord[], profile: RecursorProfile): Life {
  const ttls = records.map(({ ttl }) => ttl);
  const ttl = profile.mixedTtl === 'first' ? (ttls[0] ?? 0) : Math.min(...ttls);
  const own = bounded(ttl, 'record ttl', profile, 'minimumTtl', 'maximumTtl');
  const least = profile.minimumTtl;
  return profile.livesLeast ? { ...own, ttl: least, clamp: `${profile.words.minimumTtl ?? 'least'} ${least}` } : own;
}

function denialLife(soa: ResourceRecord | undefined, reply: Message, profile: RecursorProfile): Life {
  const ttl = soa?.ttl ?? 0;
  const minimum = soa?.data.type === 'SOA' ? soa.data.minimum : ttl;
  const isLesser = profile.negativeTtl === 'lesser' && minimum < ttl;
  const own = isLesser ? minimum : ttl;
  const why = isLesser ? 'soa minimum' : 'soa ttl';
  const life = bounded(own, why, profile, 'minimumNegativeTtl', 'maximumNegativeTtl');
  if (profile.negativeTtl !== 'whole reply') return life;
  return { ...bounded(shortestTtl(reply), why, profile, 'minimumNegativeTtl', 'maximumNegativeTtl'), recordTtl: own };
}

/** Seconds; of OPT, what stands in place of its TTL: its flags. */
function shortestTtl({ answer, authority, additional, edns }: Message): number {
  const opt = edns === undefined ? Number.POSITIVE_INFINITY : edns.do ? 0x8000 : 0;
  return Math.min(opt, ...[...answer, ...authority, ...additional].map(({ ttl }) => ttl));
}

function bounded(
  recordTtl: number,
  why: string,
  profile: RecursorProfile,
  least: 'minimumTtl' | 'minimumNegativeTtl',
  most: 'maximumTtl' | 'maximumNegativeTtl',
): Life {
  const raised = Math.max(recordTtl, profile[least]);
  const ttl = Math.min(raised, profile[most]);
  const bound = ttl < raised ? most : raised > recordTtl ? least : undefined;
  return { recordTtl, ttl, clamp: bound === undefined ? why : `${profile.words[bound] ?? bound} ${profile[bound]}` };
}

/** Seconds left, counted in whole seconds of the wall clock; the run starts on one. Negative: run out. */
export function remaining(entry: Entry, now: Micros): number {
  return Math.floor(entry.storedAt / second) + entry.ttl - Math.floor(now / second);
}

/** The instant from which an entry is no longer used. Failures count from when they were stored. */
export function runsOut(entry: Entry, profile: RecursorProfile): Micros {
  if (entry.outcome === 'failed') return entry.storedAt + entry.ttl * second;
  const isKept =
    (profile.keepsZero === 'denials' && isDenial(entry)) ||
    (profile.keepsZero === 'aliases' && entry.outcome === 'alias');
  if (entry.ttl === 0 && !isKept) return entry.storedAt;
  const life = Math.min(entry.ttl, entry.atMost ?? entry.ttl);
  return (
    (Math.floor(entry.storedAt / second) + life + (profile.answersWithTtlZero || entry.ttl === 0 ? 1 : 0)) * second
  );
}

/** Does it say that there is nothing? Then its records are the SOA. */
export function isDenial({ outcome }: Entry): boolean {
  return outcome === 'nxdomain' || outcome === 'nodata';
}

/** Records that came with an entry, with what is left of their own TTLs. */
export function aged(records: readonly ResourceRecord[], { storedAt }: Entry, now: Micros): ResourceRecord[] {
  const age = Math.floor(now / second) - Math.floor(storedAt / second);
  return records.map((record) => withTtl(record, Math.max(0, record.ttl - age)));
}

/** Records with the TTL left; those of a set under the name as asked, where one is given, a SOA under its own. */
export function recordsOf(entry: Entry, owner: string | undefined, ttl: number): ResourceRecord[] {
  return entry.records.map((record) => {
    const name = isDenial(entry) || owner === undefined ? record.name : owner;
    return { name, ttl: entry.isMixed === true ? record.ttl : ttl, class: record.class, data: record.data };
  });
}
