import { changed } from '../../../dns/build.ts';
import type { Message, Question, Rcode } from '../../../dns/message.ts';
import { absolute, isWithin, labelsOf } from '../../../dns/name.ts';
import { typeOf } from '../../../dns/record.ts';
import type { Micros } from '../../../engine/time.ts';
import { parseAddress } from '../../../network/address.ts';
import type { DnsmasqCache } from './cache.ts';
import type { DnsmasqSettings } from './settings.ts';

/** An answer without asking anybody. */
export interface OwnAnswer {
  readonly rcode: Rcode;
  readonly aa: boolean;
}

/** `private_net` of dnsmasq's rfc1035.c: networks by the first octets. */
const privateNets = /^(0|10|127|169\.254|172\.(1[6-9]|2\d|3[01])|192\.168|192\.0\.2|198\.51\.100|203\.0\.113)\./;
/** `private_net6`: unspecified, of the host, of the link, of the site, unique local, for documentation. */
const privateNets6 = /^(::1?$|fe[89a-f]|f[cd]|2001:0?db8:)/i;
const privateReverse =
  /\.(0|10|127|254\.169|(1[6-9]|2\d|3[01])\.172|168\.192|2\.0\.192|100\.51\.198|113\.0\.203)\.in-addr\.arpa\.$/i;

/** What is not passed on: zones without servers (`server=/zone/`), single labels (`domain-needed`), reverse names of private addresses (`bogus-priv`). */
export function ownAnswer({ name, type }: Question, settings: DnsmasqSettings, servers: number): OwnAnswer | undefined {
  if (servers === 0) return { rcode: 'NXDOMAIN', aa: false };
  const isAddress = type === 'A' || type === 'AAAA';
  if (settings.needsDomain && isAddress && labelsOf(name).length === 1) return { rcode: 'NXDOMAIN', aa: false };
  if (settings.keepsPrivate && type === 'PTR' && privateReverse.test(name)) return { rcode: 'NXDOMAIN', aa: true };
  return undefined;
}

/** Of a type that is filtered: does it take no question to know that there is nothing to tell? */
export function isFiltered(
  { name, type }: Question,
  settings: DnsmasqSettings,
  cache: DnsmasqCache,
  now: Micros,
): boolean {
  return settings.filters.includes(type) && cache.knowsOf(name, now);
}

/** A reply as it is believed. */
export function believedOf(
  reply: Message,
  { name }: Question,
  cache: DnsmasqCache,
  now: Micros,
  { bogus }: DnsmasqSettings,
): Message {
  if (hasAddress(reply, bogus)) {
    const flags = { ...reply.flags, aa: false };
    return changed(reply, { rcode: 'NXDOMAIN', flags, answer: [], authority: [], additional: [] });
  }
  // NXDOMAIN of a name of which something is at hand says only that there is nothing of the type (`process_reply`).
  if (reply.rcode !== 'NXDOMAIN' || !cache.knows(name, now)) return reply;
  return changed(reply, { rcode: 'NOERROR', flags: { ...reply.flags, aa: true } });
}

/** Does a reply lead a name of the world into a private network (`stop-dns-rebind`)? */
export function isRebinding(
  { answer }: Message,
  { name, type }: Question,
  { stopsRebinding, localhostOk, rebindOk }: DnsmasqSettings,
): boolean {
  if (!stopsRebinding || rebindOk.some((zone) => isWithin(name, absolute(zone)))) return false;
  return answer.some(({ data }) => {
    if (data.type === 'AAAA' && type === 'AAAA') {
      return privateNets6.test(data.address) && !(localhostOk && data.address === '::1');
    }
    if (data.type !== 'A' || type !== 'A' || parseAddress(data.address) === undefined) return false;
    return privateNets.test(data.address) && !(localhostOk && data.address.startsWith('127.'));
  });
}

/** Has an answer one of these addresses? */
export function hasAddress({ answer }: Message, addresses: readonly string[]): boolean {
  if (addresses.length === 0) return false;
  return answer.some(({ data }) => (data.type === 'A' || data.type === 'AAAA') && addresses.includes(data.address));
}

/** What is left of a reply to be passed on. */
export function filtered(reply: Message, question: Question, settings: DnsmasqSettings): Message {
  if (isRebinding(reply, question, settings)) return changed(reply, { answer: [], authority: [], additional: [] });
  if (reply.rcode !== 'NOERROR' || settings.filters.length === 0) return reply;
  return changed(reply, { answer: reply.answer.filter((record) => !settings.filters.includes(typeOf(record))) });
}
