import type { Question } from '../../../dns/message.ts';
import { isWithin, labelsOf, sameName } from '../../../dns/name.ts';
import type { RecordData } from '../../../dns/record.ts';
import { bare, type Resolution } from '../engine.ts';
import type { ResolvedSettings } from './settings.ts';

const loopbackData: ReadonlyMap<string, RecordData> = new Map([
  ['A', { type: 'A', address: '127.0.0.1' }],
  ['AAAA', { type: 'AAAA', address: '::1' }],
]);
const toLocalhost: RecordData = { type: 'PTR', target: 'localhost.' };
/** Names of its own, of which there is nothing outside a network with a router. */
const own: readonly string[] = ['_gateway.', '_outbound.'];

/** Without servers: names of the host itself, and single labels, which are refused (systemd-resolved.service(8), recording `recursor-m-local-names`). */
export function localAnswer(
  { name, type }: Question,
  { asksSingleLabels }: ResolvedSettings,
): (Resolution & { readonly isOwn: true }) | undefined {
  if (isWithin(name, 'localhost.')) return loopback(name, type);
  if (sameName(name, '1.0.0.127.in-addr.arpa.')) return loopback(name, type);
  if (isWithin(name, 'invalid.') || own.some((one) => sameName(name, one))) return { ...bare('NXDOMAIN'), isOwn: true };
  const isAddress = type === 'A' || type === 'AAAA';
  if (isAddress && labelsOf(name).length === 1 && !asksSingleLabels) return { ...bare('REFUSED'), isOwn: true };
  return undefined;
}

function loopback(name: string, type: string): Resolution & { readonly isOwn: true } {
  const data = isWithin(name, 'localhost.') ? loopbackData.get(type) : toLocalhost;
  const answer = data === undefined ? [] : [{ name, class: 'IN' as const, ttl: 0, data }];
  return { ...bare('NOERROR'), answer, isOwn: true };
}
