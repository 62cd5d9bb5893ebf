import {
  allDownRecord,
  attemptRecord,
  ignoredReplyRecord,
  overLimitRecord,
} from '../coredns/plugins/forward/records.ts';
import type { ColumnStore, Row } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { replyCame } from '../resolver/records.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { brokenHandshakes, stalledHandshakes } from './tls-evidence.ts';
import { type UpstreamQueries, type UpstreamQuery, wasCut } from './upstream-queries.ts';
import { counted, inSeconds, processTitle, shortPlace } from './words.ts';

type Attempt = Row<typeof attemptRecord.columns>;

/** What keeps queries under way at an instant, as the attempt tells that ends next: ` (192.168.1.10:53 answered after 1.5 s)`; empty: nothing that takes time. */
function waitedForAt(store: ColumnStore): (row: Pick<RecordHeader, 'at' | 't'>) => string {
  let byProcess: ReadonlyMap<string, readonly Attempt[]> | undefined;
  return ({ at, t }) => {
    byProcess ??= grouped(store.rows(attemptRecord), (row) => row.at);
    const next = nextToEnd(byProcess.get(at) ?? [], t);
    if (next === undefined) return '';
    if (next.outcome === 'error') return ` (${next.error})`;
    return next.seconds < worthTelling ? '' : ` (${next.to} answered after ${inSeconds(next.seconds * second)})`;
  };
}

/** Seconds. */
const worthTelling = 0.1;

/** The first that ends at an instant or later, of those under way then. `attempts`: in order of their ends. */
function nextToEnd(attempts: readonly Attempt[], t: Micros): Attempt | undefined {
  let [from, to] = [0, attempts.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((attempts[middle]?.t ?? t) < t) from = middle + 1;
    else to = middle;
  }
  for (let one = attempts[from]; one !== undefined; one = attempts[++from])
    if (one.t - one.seconds * second <= t) return one;
  return undefined;
}

/** What went wrong between CoreDNS and its upstreams. */
export function* forwardEvidence(store: ColumnStore): Generator<Evidence> {
  yield* stalledHandshakes(store);
  for (const row of store.rows(ignoredReplyRecord)) {
    const cut = row.size > row.room;
    const text = cut
      ? `${cutText({ at: row.at, to: row.to, replySize: row.size, room: row.room })}, and reads past what does not unpack ("${row.error}")`
      : `${processTitle(row.at)} read past a reply of ${row.to} that does not unpack ("${row.error}")`;
    yield evidenceOf(row, 'end', cut ? 'reply-cut-by-buffer' : 'malformed-reply', text);
  }
  const waitedFor = waitedForAt(store);
  for (const row of store.rows(overLimitRecord)) {
    const text = `${processTitle(row.at)} had ${row.limit} queries under way to its upstreams${waitedFor(row)}, and \`max_concurrent ${row.limit}\` (${shortPlace(row.place)}) allows no more`;
    const short = `${row.limit} queries were under way, and max_concurrent allows no more`;
    yield evidenceOf(row, 'error', 'max-concurrent', text, 0, short);
  }
  for (const row of store.rows(allDownRecord)) {
    const text = `${processTitle(row.at)} asked none of its upstreams (${row.upstreams}), as all were marked down and \`forward\` (${shortPlace(row.place)}) has failfast_all_unhealthy_upstreams`;
    yield evidenceOf(row, 'error', 'upstreams-down', text);
  }
  const handshakes = brokenHandshakes(store);
  for (const row of store.rows(attemptRecord)) {
    if (row.outcome !== 'error' || row.error.startsWith('dns: ')) continue;
    const cause = handshakes.get(row.upstream) ?? 'forward-error';
    yield evidenceOf(row, 'error', cause, `${processTitle(row.at)}: ${row.error}`);
  }
}

/** Replies that did not unpack: once for each query, however often it was tried. */
export function* cutEvidence({ queries, probes }: UpstreamQueries): Generator<Evidence> {
  const byQuery = grouped(
    queries.filter(({ error }) => error.startsWith('dns: ')),
    ({ header }) => header.trace,
  );
  for (const tries of byQuery.values()) {
    const last = tries.at(-1);
    const [first] = tries;
    if (last === undefined || first === undefined) continue;
    const { header, to, error, room, replySize } = last;
    if (!wasCut(last)) {
      yield evidenceOf(
        header,
        'error',
        'malformed-reply',
        `${processTitle(header.at)}: ${error} in the reply of ${to}`,
      );
      continue;
    }
    const why = `${cutText({ ...last, at: last.header.at })}, and what is left does not unpack ("${error}")`;
    const upstreams = new Set(tries.map((query) => query.to));
    const took = last.header.t - first.sentAt;
    const round = upstreams.size > 1 ? `, ${upstreams.size} upstreams in turn,` : '';
    const until = took >= deadline ? `until its deadline of ${inSeconds(deadline)}` : `for ${inSeconds(took)}`;
    const storm = tries.length > 1 ? `; it asked ${counted(tries.length, 'time')}${round} ${until}` : '';
    const during = probes.filter(({ header: { at }, sentAt, to }) => {
      return at === header.at && upstreams.has(to) && sentAt >= first.sentAt && sentAt <= header.t;
    });
    const healthy = during.length > 0 && during.every(({ answered }) => answered);
    const probed = healthy ? '; every probe was answered, so no upstream was marked down' : '';
    const short = `a reply of ${replySize} octets, cut at the ${room} that CoreDNS reads`;
    yield evidenceOf(header, 'error', 'reply-cut-by-buffer', `${why}${storm}${probed}`, 0, short);
  }
}

/** After this time forward begins no new attempt (`plugin/forward` defaultTimeout). */
const deadline = 5 * second;

interface CutReply {
  readonly at: string;
  readonly to: string;
  readonly replySize: number;
  readonly room: number;
}

function cutText({ at, to, replySize, room }: CutReply): string {
  return `${to} sent a datagram of ${replySize} octets without TC bit; ${processTitle(at)} reads only ${room} of them into its buffer`;
}

/** Replies with TC, after which the client asked over TCP. */
export function* truncationEvidence(store: ColumnStore, { queries }: UpstreamQueries): Generator<Evidence> {
  const cut = new Map<TraceId, UpstreamQuery>();
  for (const query of queries) {
    if (query.outcome === 'cut' && query.replySize > query.room) cut.set(query.header.trace, query);
  }
  for (const row of store.rows(replyCame)) {
    if (row.cause !== 'truncated') continue;
    const cause = cut.get(row.trace);
    const again = `so that ${row.at} asked again by TCP`;
    if (cause === undefined) {
      yield evidenceOf(row, 'turn', 'truncated', `${row.server} answered with TC, ${again}`, 0, 'a reply with TC');
      continue;
    }
    const text = `${cutText({ ...cause, at: cause.header.at })} and hands on an empty reply with TC, ${again}`;
    const short = `TC of a reply of ${cause.replySize} octets, cut at ${cause.room}`;
    yield evidenceOf(row, 'turn', 'truncated', text, 0, short);
  }
}
