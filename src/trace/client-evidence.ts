import { absolute } from '../dns/name.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { cacheHit, callFailed, candidateEnded, candidateTried, replyCame, waitEnded } from '../resolver/records.ts';
import { aliasWithoutEnd, loopingAliases } from './alias-evidence.ts';
import { askedIn, type Halves, isOpen } from './asked.ts';
import { type Evidence, evidenceOf, saysNothingThere } from './evidence-of.ts';
import { limitOf, type Verdict } from './resolver-limits.ts';
import type { Scene } from './scene.ts';
import type { Truth } from './truth.ts';
import { inSeconds, untilWhen, withoutDot } from './words.ts';

/** h_errno, as far as it says that nothing is there. */
const verdicts: ReadonlyMap<string, readonly [string, string]> = new Map([
  ['HOST_NOT_FOUND', ['nxdomain', 'does not exist']],
  ['NO_DATA', ['nodata', 'has no address']],
  // What musl says of a name.
  ['none', ['nxdomain', 'does not exist']],
  ['EAI_NODATA', ['nodata', 'has no address']],
  ['EAI_NONAME', ['nodata', 'has no address']],
  ['truncated', ['no-tcp', 'came cut off, with TC and no address in it, and this musl cannot ask again by TCP']],
]);

/** musl's ends of the search list where glibc would go on. */
const stopsSearch: readonly string[] = ['EAI_NODATA', 'EAI_NONAME'];

/** Words of glibc, Go and c-ares for a name without addresses, musl's for a name that is not there: they may come of one half alone. */
const twoHalves: readonly string[] = ['NO_DATA', 'none', 'no such host', 'ENODATA', 'ENOTFOUND'];

/** What clients' resolvers made of what they got. */
export function* clientEvidence(scene: Scene, truth: Pick<Truth, 'aliasOf' | 'thereSince'>): Generator<Evidence> {
  const { store } = scene;
  const rejected = rejectedReplies(store);
  for (const row of store.rows(waitEnded)) {
    const rcode = rejected(row);
    const waited = inSeconds(row.waited);
    const text =
      rcode === undefined
        ? `no answer from ${row.server} in ${waited}`
        : `${row.at} takes ${rcode} of ${row.server} for no answer, and nothing else came from there in ${waited}`;
    yield evidenceOf(row, 'wait', 'timeout', text);
  }
  for (const row of store.rows(callFailed)) {
    yield evidenceOf(row, 'error', row.cause.toLowerCase(), `${row.at} got ${row.cause} from ${row.server}`);
  }
  yield* loopingAliases(store, truth);
  const verdicts = [...verdictEvidence(scene, truth)];
  yield* verdicts;
  const denied = deniedLookups(store, verdicts);
  for (const row of store.rows(cacheHit)) {
    // Who waited for that very lookup did not meet a failure that was kept.
    if (row.cause !== 'negative' || scene.shared(row.trace) !== undefined) continue;
    const text = `${row.holder} of ${row.at} failed from its cache: the failure of ${inSeconds(row.storedAt)} is kept ${untilWhen(row.runsOut)} (${row.setting})`;
    const names = [row.name, ...searched(row.name, row.resolver, scene)];
    const isThere = names.some((name) => {
      const since = truth.thereSince(absolute(name), row.t);
      // Who denied what was there already would do so again.
      return since !== undefined && (since > row.storedAt || !denied.has(row.filledBy));
    });
    const kept = row.holder === 'the JVM' ? 'jvm-negative-cache' : 'client-negative-cache';
    // Of what is not there still, nothing is kept for too long.
    const cause = isThere ? kept : 'nxdomain';
    const failure = evidenceOf(row, 'answer', cause, text, row.filledBy, `${row.holder}'s cache of failures`);
    yield { ...failure, kept: { by: row.holder, since: row.storedAt, until: row.runsOut } };
  }
}

/** Lookups of which every name was denied. */
function deniedLookups(store: ColumnStore, verdicts: readonly Evidence[]): ReadonlySet<TraceId> {
  const denied = new Set(verdicts.map(({ header }) => header.trace));
  for (const one of verdicts) if (!saysNothingThere(one)) denied.delete(one.header.trace);
  for (const { trace, cause } of store.rows(candidateEnded)) if (cause === 'answer') denied.delete(trace);
  return denied;
}

/** The rcode that a server sent within a wait which it did not end. */
function rejectedReplies(store: ColumnStore): (wait: Row<typeof waitEnded.columns>) => string | undefined {
  const rejected = [...store.rows(replyCame)].filter(({ cause }) => cause === 'rejected');
  const found = grouped(rejected, ({ trace, server }) => `${store.parentOf(trace)} ${server}`);
  return ({ trace, server, t, waited }) => {
    return found.get(`${trace} ${server}`)?.findLast((reply) => reply.t >= t - waited && reply.t <= t)?.rcode;
  };
}

/** What resolvers made of each name that they tried. */
function* verdictEvidence(scene: Scene, truth: Pick<Truth, 'aliasOf' | 'thereSince'>): Generator<Evidence> {
  const { store } = scene;
  const listed = new Set<string>();
  const asListed = new Set<TraceId>();
  for (const { trace, candidate, cause } of store.rows(candidateTried)) {
    if (cause !== 'search-list') continue;
    listed.add(`${trace} ${candidate}`);
    asListed.add(trace);
  }
  const askedFor = askedIn(store);
  for (const row of store.rows(candidateEnded)) {
    if (row.cause === 'answer') continue;
    const key = `${row.trace} ${row.candidate}`;
    const missed = asListed.has(row.trace) ? undefined : () => missedBelow(row, truth, scene);
    const isOfLibc = libcs.includes(scene.resolverOf(row.resolver)?.kind ?? 'glibc');
    const asked = askedFor(key, row.t);
    const half = twoHalves.includes(row.cause) ? halfVerdict(row, asked.halves) : undefined;
    const said = isOfLibc ? row.cause : denialIn(asked.halves);
    const verdict = half ?? verdictOn({ at: row.at, candidate: row.candidate, said }, listed.has(key), missed);
    const [cause, weight, text] = limitOf(row, asked, scene) ?? withAlias(verdict, row, truth);
    const isThere = truth.thereSince(absolute(row.candidate), row.t) !== undefined;
    const decidedBy = decidedByWords(row.cause);
    yield { ...evidenceOf(row, weight, cause, text), isVerdict: true, isThere, ...(decidedBy && { decidedBy }) };
  }
}

/** Go's error is that of one half: net/dnsclient_unix.go. */
function decidedByWords(error: string): Evidence['decidedBy'] {
  if (error === 'server misbehaving') return 'answer';
  return error.endsWith('i/o timeout') ? 'wait' : undefined;
}

/** What of a denial is the alias's, whose target is not there. */
function withAlias(
  verdict: Verdict,
  { candidate, t }: { readonly candidate: string; readonly t: Micros },
  truth: Pick<Truth, 'aliasOf' | 'thereSince'>,
): Verdict {
  const [cause] = verdict;
  const alias = cause === 'nxdomain' || cause === 'nodata' ? aliasWithoutEnd(absolute(candidate), t, truth) : undefined;
  return alias === undefined ? verdict : [alias[0], 'end', alias[1]];
}

/** Their words for the end of a name say what came of it. */
const libcs: readonly string[] = ['glibc', 'musl'];

/** What the replies about a name come to, in glibc's words: those of Go, c-ares and Netty are the same for much. */
function denialIn(halves: Halves): string {
  const all = [...halves.values()];
  if (all.length === 0 || all.some(isOpen)) return 'TRY_AGAIN';
  return all.some(({ rcode }) => rcode === 'NXDOMAIN') ? 'HOST_NOT_FOUND' : 'NO_DATA';
}

interface Ended {
  readonly at: string;
  readonly cause: string;
  readonly candidate: string;
}

/** `missed`: a name of the search list that would have been found, where none of it was tried. */
function verdictOn(
  { at, said, candidate }: Pick<Ended, 'at' | 'candidate'> & { readonly said: string },
  isListed: boolean,
  missed: (() => string | undefined) | undefined,
): Verdict {
  const name = withoutDot(candidate);
  if (stopsSearch.includes(said) && isListed) {
    const stops = `${name} exists without an address, at which musl stops: it tries the next name of the search list only where one does not exist`;
    return ['search-stopped', 'error', stops];
  }
  const [cause, text] = verdicts.get(said) ?? ['try-again', 'got no answer that settles it'];
  const below = cause === 'nxdomain' ? missed?.() : undefined;
  if (below !== undefined) {
    const skipped = `${name} does not exist, and the resolver of ${at} looked no further; ${withoutDot(below)}, which its search list leads to, does`;
    return ['search-skipped', 'error', skipped];
  }
  const leaves = said === 'EAI_AGAIN' && isListed;
  const ended = leaves ? `${text}, at which musl stops: it tries no other name of the search list then` : text;
  return [cause, cause === 'try-again' ? 'wait' : cause === 'no-tcp' ? 'error' : 'answer', `${candidate} ${ended}`];
}

/** Where the two halves of a question ended differently, and the worse one counted. */
function halfVerdict({ at, cause, candidate }: Ended, halves: Halves): Verdict | undefined {
  const all = [...halves];
  if (cause !== 'none') {
    const denied = all.find(([, half]) => !isOpen(half))?.[0];
    if (denied === undefined || !all.some(([, half]) => isOpen(half))) return undefined;
    const made = cause === 'NO_DATA' ? 'no address' : cause;
    const text = `of that and the question for the ${denied} of ${candidate}, which found nothing, the resolver made "${made}"`;
    return ['half-answered', 'wait', text];
  }
  const denied = all.find(([, { rcode }]) => rcode === 'NXDOMAIN')?.[0];
  if (denied === undefined || !all.some(([, { rcode, answers }]) => rcode === 'NOERROR' && answers > 0))
    return undefined;
  const text = `${withoutDot(candidate)} has an address, but the question for its ${denied} was answered NXDOMAIN: to the resolver of ${at} there is no such name then`;
  return ['half-denied', 'error', text];
}

/** The first name of the search list that would have been found, where the resolver tried none of them. */
function missedBelow(
  { resolver, t, candidate }: { readonly resolver: string; readonly t: Micros; readonly candidate: string },
  { thereSince }: Pick<Truth, 'thereSince'>,
  scene: Scene,
): string | undefined {
  return searched(candidate, resolver, scene).find((name) => thereSince(name, t) !== undefined);
}

/** A name below each domain of a resolver's search list. */
function searched(name: string, resolver: string, scene: Scene): string[] {
  const search = scene.resolvConfOf(resolver)?.search ?? [];
  return search.map((domain) => absolute(`${withoutDot(name)}.${domain}`));
}
