import { absolute } from '../dns/name.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Micros } from '../engine/time.ts';
import { cacheHit, callFailed, candidateEnded, candidateTried, replyCame, waitEnded } from '../resolver/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import type { Scene } from './scene.ts';
import type { Truth } from './truth.ts';
import { inSeconds, withoutDot } from './words.ts';

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

/** What clients' resolvers made of what they got. */
export function* clientEvidence(scene: Scene, truth: Pick<Truth, 'thereSince'>): Generator<Evidence> {
  const { store } = scene;
  for (const row of store.rows(waitEnded)) {
    yield evidenceOf(row, 'wait', 'timeout', `no answer from ${row.server} in ${inSeconds(row.waited)}`);
  }
  for (const row of store.rows(callFailed)) {
    yield evidenceOf(row, 'error', row.cause.toLowerCase(), `${row.at} got ${row.cause} from ${row.server}`);
  }
  yield* verdictEvidence(scene, truth);
  for (const row of store.rows(cacheHit)) {
    if (row.cause !== 'negative') continue;
    const text = `${row.holder} of ${row.at} failed from its cache: the failure of ${inSeconds(row.storedAt)} is kept until ${inSeconds(row.runsOut)} (${row.setting})`;
    yield evidenceOf(row, 'answer', 'jvm-negative-cache', text, row.filledBy, `${row.holder}'s cache of failures`);
  }
}

/** What resolvers made of each name that they tried. */
function* verdictEvidence(scene: Scene, truth: Pick<Truth, 'thereSince'>): Generator<Evidence> {
  const { store } = scene;
  const listed = new Set<string>();
  const searched = new Set<TraceId>();
  for (const { trace, candidate, cause } of store.rows(candidateTried)) {
    if (cause !== 'search-list') continue;
    listed.add(`${trace} ${candidate}`);
    searched.add(trace);
  }
  const halves = failedHalves(store);
  for (const row of store.rows(candidateEnded)) {
    if (row.cause === 'answer') continue;
    const key = `${row.trace} ${row.candidate}`;
    const missed = searched.has(row.trace) ? undefined : () => missedBelow(row, truth, scene);
    const isHalf = row.cause === 'NO_DATA' && halves().has(key);
    const [cause, weight, text] = isHalf ? halfOf(row) : verdictOn(row, listed.has(key), missed);
    yield { ...evidenceOf(row, weight, cause, text), isVerdict: true };
  }
}

interface Ended {
  readonly at: string;
  readonly cause: string;
  readonly candidate: string;
}
type Verdict = readonly [cause: string, weight: Evidence['weight'], text: string];

function halfOf({ candidate }: Ended): Verdict {
  const text = `of that and the other half, which found nothing for ${candidate}, the resolver made "no address"`;
  return ['half-answered', 'wait', text];
}

/** `missed`: a name of the search list that would have been found, where none of it was tried. */
function verdictOn(
  { at, cause: said, candidate }: Ended,
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

/** Lookups and names of which the last reply to one of two questions was an error; read when first asked for. */
function failedHalves(store: ColumnStore): () => ReadonlySet<string> {
  let found: Set<string> | undefined;
  return () => {
    if (found !== undefined) return found;
    const last = new Map<string, Map<string, string>>();
    for (const { trace, name, type, rcode } of store.rows(replyCame)) {
      const key = `${store.parentOf(trace)} ${name}`;
      const types = last.get(key) ?? new Map<string, string>();
      last.set(key, types.set(type, rcode));
    }
    const isError = (rcode: string) => rcode !== 'NOERROR' && rcode !== 'NXDOMAIN';
    found = new Set([...last].filter(([, types]) => [...types.values()].some(isError)).map(([key]) => key));
    return found;
  };
}

/** The first name of the search list that would have been found, where the resolver tried none of them. */
function missedBelow(
  { resolver, t, candidate }: { readonly resolver: string; readonly t: Micros; readonly candidate: string },
  { thereSince }: Pick<Truth, 'thereSince'>,
  scene: Scene,
): string | undefined {
  const search = scene.resolvConfOf(resolver)?.search ?? [];
  return search
    .map((domain) => absolute(`${withoutDot(candidate)}.${domain}`))
    .find((name) => thereSince(name, t) !== undefined);
}
