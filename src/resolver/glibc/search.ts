import type { Message } from '../../dns/message.ts';
import { absolute, isSendable } from '../../dns/name.ts';
import type { Process } from '../../engine/process.ts';
import type { TraceId } from '../../engine/recorder.ts';
import { exchange } from './exchange.ts';
import type { Replies } from './progress.ts';
import type { GlibcThread } from './thread.ts';

/** h_errno of netdb.h. */
export type HostError = 'HOST_NOT_FOUND' | 'NO_DATA' | 'TRY_AGAIN' | 'NO_RECOVERY';
/** The types asked for: A and AAAA as a pair, or one of them. */
export type Types = readonly ['A' | 'AAAA', 'AAAA'?];
/** The replies to a candidate, or why there are none of use. */
export type Found = { readonly replies: readonly Message[] } | { readonly error: HostError };

/** What is remembered of failed candidates of the search list. */
interface Failures {
  noData: boolean;
  serverFailure: boolean;
  /** No server took the last candidate: nothing else is tried. */
  refused: boolean;
  /** The list holds `.`, so the name itself has been tried. */
  root: boolean;
}

/** Tries the name as it is and below each domain of the search list: `__res_context_search` of resolv/res_query.c. */
export function* search(thread: GlibcThread, name: string, types: Types, trace: TraceId): Process<Found> {
  const { ndots, search: domains, flags } = thread.conf;
  if (name.endsWith('.')) return yield* tryCandidate(thread, name, types, 'final-dot', trace);

  const dots = name.split('.').length - 1;
  const isAsIsFirst = dots >= ndots;
  const asIs = isAsIsFirst ? yield* tryCandidate(thread, absolute(name), types, 'enough-dots', trace) : undefined;
  if (asIs !== undefined && 'replies' in asIs) return asIs;

  const failures: Failures = { noData: false, serverFailure: false, refused: false, root: false };
  const listed = yield* searchList(thread, name, types, failures, trace);
  if ('replies' in listed || failures.refused) return listed;

  const mayStandAlone = dots > 0 || domains.length === 0 || !flags.has('no-tld-query');
  const tryAtLast = asIs === undefined && !failures.root && mayStandAlone;
  const last = tryAtLast ? yield* tryCandidate(thread, absolute(name), types, 'last-resort', trace) : listed;
  if ('replies' in last) return last;
  if (asIs !== undefined) return asIs;
  if (failures.noData) return { error: 'NO_DATA' };
  return failures.serverFailure ? { error: 'TRY_AGAIN' } : last;
}

/** A name that does not exist, an empty answer and SERVFAIL from all servers lead on; a time-out or another failure ends the list. */
function* searchList(
  thread: GlibcThread,
  name: string,
  types: Types,
  failures: Failures,
  trace: TraceId,
): Process<Found> {
  let found: Found = { error: 'HOST_NOT_FOUND' };
  for (const domain of thread.conf.search) {
    const suffix = domain.replace(/^\./, '');
    if (suffix === '') failures.root = true;
    const candidate = absolute(suffix === '' ? name : `${name}.${suffix}`);
    found = yield* tryCandidate(thread, candidate, types, 'search-list', trace);
    if ('replies' in found) return found;
    failures.refused = thread.errno === 'ECONNREFUSED';
    if (failures.refused) return { error: 'TRY_AGAIN' };
    const isServerFailure = found.error === 'TRY_AGAIN' && thread.firstBuffer === 'SERVFAIL';
    if (found.error === 'NO_DATA') failures.noData = true;
    else if (isServerFailure) failures.serverFailure = true;
    else if (found.error !== 'HOST_NOT_FOUND') return found;
  }
  return found;
}

/** One candidate at the servers: `__res_context_query`. */
function* tryCandidate(
  thread: GlibcThread,
  candidate: string,
  types: Types,
  reason: string,
  trace: TraceId,
): Process<Found> {
  thread.client.noteCandidate(candidate, reason, trace);
  const [firstType, secondType] = types;
  // Whether the name exists is still to be told: A is asked for in place of AAAA, and its addresses are left out.
  const noAaaa = firstType === 'AAAA' && thread.conf.flags.has('no-aaaa');
  thread.firstBuffer = 'NOERROR';
  let found: Found = { error: 'NO_RECOVERY' };
  if (isSendable(candidate)) {
    const first = noAaaa ? thread.newPlainQuery(candidate, 'A') : thread.newQuery(candidate, firstType);
    const second = secondType && thread.newQuery(candidate, secondType);
    found = foundIn(yield* exchange(thread, { first, second }, trace), noAaaa);
  }
  thread.client.noteOutcome(candidate, 'error' in found ? found.error : 'answer', trace);
  return found;
}

/** What the replies come to; none: no server was of use. */
function foundIn(replies: Replies | undefined, noAaaa: boolean): Found {
  const earlier = replies?.earlier ?? replies?.later;
  const later = replies?.later ?? replies?.earlier;
  if (earlier === undefined || later === undefined) return { error: 'TRY_AGAIN' };
  if (noAaaa && hasAnswer(earlier)) return { error: 'NO_DATA' };
  if (hasAnswer(earlier) || hasAnswer(later)) return { replies: earlier === later ? [earlier] : [earlier, later] };
  return { error: errorOf(earlier.rcode === 'NOERROR' ? later : earlier) };
}

function hasAnswer({ rcode, answer }: Message): boolean {
  return rcode === 'NOERROR' && answer.length > 0;
}

function errorOf({ rcode }: Message): HostError {
  switch (rcode) {
    case 'NXDOMAIN':
      return 'HOST_NOT_FOUND';
    case 'SERVFAIL':
      return 'TRY_AGAIN';
    case 'NOERROR':
      return 'NO_DATA';
    default:
      return 'NO_RECOVERY';
  }
}
