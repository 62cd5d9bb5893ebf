import type { Row } from '../engine/columns.ts';
import type { candidateEnded } from '../resolver/records.ts';
import { muslRelease } from '../resolver/releases.ts';
import type { ResolvConf } from '../resolver/resolv-conf.ts';
import type { Asked } from './asked.ts';
import type { Evidence } from './evidence-of.ts';
import type { Scene } from './scene.ts';
import { withoutDot } from './words.ts';

/** What a resolver made of a name. */
export type Verdict = readonly [cause: string, weight: Evidence['weight'], text: string];

/** What a resolver's own limits made of a name; undefined: it met none. */
export function limitOf(
  { resolver, candidate }: Pick<Row<typeof candidateEnded.columns>, 'resolver' | 'candidate'>,
  asked: Asked,
  scene: Pick<Scene, 'resolverOf' | 'resolvConfOf'>,
): Verdict | undefined {
  const { kind, release = '' } = scene.resolverOf(resolver) ?? {};
  if (kind === 'musl') return unread(candidate, asked, release);
  if (kind !== 'netty') return undefined;
  if (!asked.byTcp && [...asked.halves.values()].some(({ isCut }) => isCut))
    return ['no-tcp', 'error', cutOff(candidate)];
  return unasked(candidate, asked, scene.resolvConfOf(resolver));
}

function cutOff(candidate: string): string {
  return `${candidate} came cut off, with TC and no address in it, and this Netty has no \`socketChannelType\` with which to ask again by TCP`;
}

function unasked(candidate: string, asked: Asked, conf: ResolvConf | undefined): Verdict | undefined {
  if (conf === undefined || asked.queries < conf.attempts) return undefined;
  const spared = conf.nameservers.filter((server) => !asked.servers.has(server));
  if (spared.length === 0) return undefined;
  const text = `${candidate} got no answer that settles it: Netty makes no more than ${conf.attempts} queries for a name (\`attempts:${conf.attempts}\` of resolv.conf), and so did not ask ${spared.join(', ')}`;
  return ['try-again', 'wait', text];
}

/** Of a reply with too many records musl reads none (`__dns_parse` of src/network/dns_parse.c). */
function unread(candidate: string, { halves }: Asked, release: string): Verdict | undefined {
  const questions = 1;
  const most = muslRelease(release).mostEntries - questions;
  const reply = [...halves.values()].find(({ rcode, answers }) => rcode === 'NOERROR' && answers > most);
  if (reply === undefined) return undefined;
  const text = `${withoutDot(candidate)} came with ${reply.answers} records, and this musl reads none of a reply with more than ${most}`;
  return ['too-many-records', 'error', text];
}
