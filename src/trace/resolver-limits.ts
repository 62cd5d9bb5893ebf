import type { Row } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import { callFailed, type candidateEnded } from '../resolver/records.ts';
import { muslRelease } from '../resolver/releases.ts';
import type { ResolvConf } from '../resolver/resolv-conf.ts';
import type { Asked, Half } from './asked.ts';
import type { Evidence } from './evidence-of.ts';
import type { Scene } from './scene.ts';
import { counted, withoutDot } from './words.ts';

/** What a resolver made of a name. */
export type Verdict = readonly [cause: string, weight: Evidence['weight'], text: string];

type Ended = Pick<Row<typeof candidateEnded.columns>, 'resolver' | 'candidate' | 'trace'>;
type SomeScene = Pick<Scene, 'resolverOf' | 'resolvConfOf' | 'store'>;

/** What a resolver's own limits made of a name; undefined: it met none. */
export function limitOf(ended: Ended, asked: Asked, scene: SomeScene): Verdict | undefined {
  const { resolver, candidate } = ended;
  const { kind, release = '' } = scene.resolverOf(resolver) ?? {};
  if (kind === 'musl') return unread(candidate, asked, release);
  if (kind === 'glibc') return endedByTcp(ended, asked, scene);
  if (kind === 'c-ares') return endedByError(ended, asked, scene);
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
  const spared = sparedOf(conf, asked);
  if (spared.length === 0) return undefined;
  const text = `${candidate} got no answer that settles it: Netty makes no more than ${counted(conf.attempts, 'query')} for a name (\`attempts:${conf.attempts}\` of resolv.conf), and so did not ask ${spared.join(', ')}`;
  return ['try-again', 'wait', text];
}

function sparedOf({ nameservers }: ResolvConf, { servers }: Asked): string[] {
  return nameservers.filter((server) => !servers.has(server));
}

/** An error for which glibc asks the next server if it comes by UDP: `send_dg` of resolv/res_send.c does, `send_vc` does not. */
function endedByTcp({ resolver, candidate, trace }: Ended, asked: Asked, scene: SomeScene): Verdict | undefined {
  const conf = scene.resolvConfOf(resolver);
  const isEnd = ({ protocol, rcode }: Half) => protocol === 'tcp' && passedOn.includes(rcode);
  if (conf === undefined || asked.halves.size === 0 || ![...asked.halves.values()].every(isEnd)) return undefined;
  const spared = sparedOf(conf, asked);
  if (spared.length === 0) return undefined;
  const failed = failedAt(trace, scene);
  const left = spared.filter((server) => !failed.has(server));
  if (left.length === 0) return undefined;
  const text = `${candidate} got no answer that settles it: to glibc an error is final that comes by TCP, and so it did not ask ${left.join(', ')}`;
  return ['last-by-tcp', 'wait', text];
}

/** Node sets ARES_FLAG_NOCHECKRESP: c-ares takes any reply for the answer, where libc would ask the next server (recording node-09-resolve4-servfail-2servers). */
function endedByError({ resolver, candidate }: Ended, asked: Asked, scene: SomeScene): Verdict | undefined {
  const conf = scene.resolvConfOf(resolver);
  const [half] = asked.halves.values();
  if (conf === undefined || half === undefined || !passedOn.includes(half.rcode)) return undefined;
  const spared = sparedOf(conf, asked);
  if (spared.length === 0) return undefined;
  const text = `${candidate} got no answer that settles it: to c-ares ${half.rcode} is final, and so it did not ask ${spared.join(', ')}`;
  return ['final-error', 'wait', text];
}

const passedOn: readonly string[] = ['SERVFAIL', 'NOTIMP', 'REFUSED'];

/** Servers that a lookup could not connect to. */
function failedAt(lookup: TraceId, { store }: Pick<Scene, 'store'>): ReadonlySet<string> {
  const calls = [...store.rows(callFailed)].filter(({ trace }) => trace === lookup);
  return new Set(calls.map(({ server }) => server));
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
