import { nodesOf } from '../cluster/world.ts';
import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import {
  allDownRecord,
  attemptRecord,
  ignoredReplyRecord,
  overLimitRecord,
} from '../coredns/plugins/forward/records.ts';
import { coreDnsCpu, coreDnsPlugin } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { packetDropped, socketError } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { replyCame } from '../resolver/records.ts';
import { recursorCache, recursorGivenUp, recursorTry, serverQuery } from '../servers/records.ts';
import { clientEvidence } from './client-evidence.ts';
import { connectionEvidence } from './connection-evidence.ts';
import { dropEvidence, isFarewell } from './drop-evidence.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { flowEvidence } from './flow-evidence.ts';
import { hostWith } from './hosts.ts';
import { ipvsEvidence } from './ipvs-evidence.ts';
import { lateAnswers } from './late.ts';
import { limitEvidence } from './limit-evidence.ts';
import { loopEvidence } from './loop-evidence.ts';
import { nodeCacheEvidence } from './node-cache-evidence.ts';
import { type CachedDenial, type OutdatedSince, outdatedSince } from './outdated.ts';
import { podLivesOf } from './pod-lives.ts';
import { endsOf } from './process-ends.ts';
import { replyEvidence } from './reply-evidence.ts';
import { ruleLags } from './rule-lag.ts';
import type { Scene } from './scene.ts';
import { sharedConnectionEvidence, sharedEvidence } from './shared-evidence.ts';
import { addSharedEvidence } from './shared-lookups.ts';
import { brokenHandshakes, stalledHandshakes } from './tls-evidence.ts';
import type { Truth } from './truth.ts';
import { probesIn, type UpstreamQueries, type UpstreamQuery, wasCut } from './upstream-queries.ts';
import { counted, inSeconds, processTitle, shortPlace, whyUnheard, withoutDot } from './words.ts';

type WhatWasThere = Pick<Truth, 'thereSince' | 'absentService'>;

/** All that went wrong, by the root strand on which it did, in the order in which it did. */
export function evidenceByRoot(
  scene: Scene,
  upstream: UpstreamQueries,
  truth: WhatWasThere,
): ReadonlyMap<TraceId, readonly Evidence[]> {
  const { store, flows } = scene;
  const own = [...flowEvidence(store, flows), ...allEvidence(scene, upstream, truth)];
  const found = new Map<TraceId, Evidence[]>();
  for (const evidence of [...own, ...sharedEvidence(store, own), ...sharedConnectionEvidence(store, own)]) {
    const root = rootOf(store, evidence.header.trace);
    const known = found.get(root);
    if (known === undefined) found.set(root, [evidence]);
    else known.push(evidence);
  }
  addSharedEvidence(store, scene.lookups, found);
  for (const known of found.values()) known.sort((a, b) => a.header.seq - b.header.seq);
  return found;
}

/** The strand that nothing else caused. */
export function rootOf(store: ColumnStore, trace: TraceId): TraceId {
  let root = trace;
  for (let parent = store.parentOf(root); parent > 0; parent = store.parentOf(parent)) root = parent;
  return root;
}

function* allEvidence(scene: Scene, upstream: UpstreamQueries, truth: WhatWasThere): Generator<Evidence> {
  const { store, world } = scene;
  const nameOf = (address: string) => hostWith(world, address);
  yield* packetEvidence(scene, nameOf);
  yield* nodeCacheEvidence(store);
  yield* ipvsEvidence(store, nameOf);
  yield* connectionEvidence(store);
  yield* loopEvidence(store);
  yield* serverEvidence(store);
  const since = outdatedSince(store, truth);
  yield* recursorEvidence(store, since);
  yield* limitEvidence(store);
  yield* cutEvidence(upstream);
  yield* corednsEvidence(store, since);
  yield* replyEvidence(store, scene.quote, truth);
  yield* clientEvidence(scene, truth);
  yield* truncationEvidence(store, upstream);
}

function lostText(cause: string, from: string, to: string, sender: string): string {
  if (cause === 'packet-limit')
    return `a packet from ${from} to ${to} was dropped: more than the link lets through in a second`;
  if (cause === 'link-queue-full')
    return `a packet from ${from} to ${to} was dropped: too much waited for the link already`;
  return `a packet from ${from} to ${to} was lost on the link behind ${sender}`;
}

function* packetEvidence({ store, world, flows }: Scene, nameOf: (address: string) => string): Generator<Evidence> {
  for (const row of store.rows(packetLost)) {
    yield evidenceOf(row, 'end', row.cause, lostText(row.cause, nameOf(row.source), nameOf(row.destination), row.at));
  }
  const late = lateAnswers(store);
  const nodes = new Set(nodesOf(world));
  const cluster = {
    lives: podLivesOf(store),
    ends: endsOf(store),
    lagOf: ruleLags(store, flows),
    nameOf,
    serviceAt: (address: string) => world.services.find((service) => service.address === address)?.name,
    isNode: (host: string) => nodes.has(host),
    processesOn: (host: string, port: number) =>
      world.coredns.filter((process) => process.host === host && process.port === port).map(({ name }) => name),
  };
  for (const row of store.rows(packetDropped)) {
    if (isFarewell(row)) continue;
    const answer = late.get(row.trace);
    // What is told the server about a late answer, and what becomes of that, makes no difference.
    if (answer !== undefined && (answer.toProbe || row.protocol === 'icmp')) continue;
    const told = dropEvidence(row, { ...cluster, answer });
    yield evidenceOf(row, 'end', told.cause ?? row.cause, told.text, 0, told.short ?? told.text);
  }
  for (const row of store.rows(socketError)) {
    // Of an answer that comes too late it is the server that hears: it made no difference.
    if (late.has(row.trace)) continue;
    const text = row.seen
      ? `${row.at} was told ${row.cause} by ${row.peer}`
      : `${row.at} was not told of the ${row.cause} from ${row.peer}: ${whyUnheard(row.cause)}`;
    yield evidenceOf(row, 'error', row.cause.toLowerCase(), text);
  }
}

function* serverEvidence(store: ColumnStore): Generator<Evidence> {
  const probing = probesIn(store);
  const [asked, turnedAway] = [new Set<TraceId>(), new Set<TraceId>()];
  for (const { outcome, trace } of store.rows(recursorCache)) {
    if (outcome === 'miss' || outcome === 'joined') asked.add(trace);
    if (outcome === 'limited' || outcome === 'dropped') turnedAway.add(trace);
  }
  for (const row of store.rows(serverQuery)) {
    // A probe that is refused is answered: the upstream is well.
    if (row.did === 'answer' || (row.did !== 'drop' && isProbe(row.trace, probing, store))) continue;
    if (turnedAway.has(row.trace) && row.did === 'drop') continue;
    // A recursor that had taken the question up was silent for a reason of its own.
    const weight = asked.has(row.trace) ? 'error' : 'end';
    if (row.did === 'drop') yield evidenceOf(row, weight, 'server-silent', `${row.server} did not answer`);
    else yield evidenceOf(row, 'answer', row.did, `${row.server} answered ${row.did.toUpperCase()}`);
  }
}

/** The question of a probe has a strand of its own, below that of the probe. */
function isProbe(trace: TraceId, probing: ReadonlySet<TraceId>, store: ColumnStore): boolean {
  return probing.has(trace) || probing.has(store.parentOf(trace));
}

function* recursorEvidence(store: ColumnStore, since: OutdatedSince): Generator<Evidence> {
  for (const row of store.rows(recursorTry)) {
    if (row.cause !== 'no reply') continue;
    yield evidenceOf(
      row,
      'error',
      'recursor-no-reply',
      `${row.at} had no reply from ${row.upstream} in ${inSeconds(row.waited * second)}`,
    );
  }
  for (const row of store.rows(recursorGivenUp)) {
    const whom = row.upstreams.split(' ').join(', ');
    yield evidenceOf(
      row,
      'error',
      'recursor-no-reply',
      `${row.at} asked nobody, as it had given up ${whom}`,
      row.filledBy,
    );
  }
  for (const row of store.rows(recursorCache)) {
    if (row.outcome !== 'hit' || row.rcode === 'NOERROR' || row.rcode === 'CNAME') continue;
    yield cachedEvidence(row, row.at, since(row));
  }
}

/** A reply out of a cache that says no; of a name that is there by now, no other reason is needed. */
function cachedEvidence(
  row: RecordHeader & CachedReply,
  title: string,
  since: Micros | undefined,
  /** The place of the serve_stale by which it was handed out after its time. */
  staleBy?: string,
): Evidence {
  const { rcode, filledBy } = row;
  const left =
    staleBy === undefined
      ? `${row.ttl} s left of ${row.originalTtl} s`
      : `${row.age} s old, kept for ${row.originalTtl} s and handed out all the same, because of \`serve_stale\` (${staleBy})`;
  const text = `${title} answered ${rcode} from its cache, ${left}`;
  const kept = { by: title, since: row.t - row.age * second, until: row.t + row.ttl * second };
  if (since === undefined) {
    const cause = staleBy !== undefined && rcode === 'SERVFAIL' ? 'stale-servfail' : rcode.toLowerCase();
    return { ...evidenceOf(row, 'answer', cause, text, filledBy), kept };
  }
  const there = `${text}, although ${withoutDot(row.name)} has been there since ${inSeconds(since)}`;
  const short = `${title}'s cache (${row.originalTtl} s) held an NXDOMAIN from before the name was there`;
  return { ...evidenceOf(row, 'end', 'outdated-nxdomain', there, filledBy, short), kept };
}

interface CachedReply extends CachedDenial {
  /** Whole seconds. */
  readonly ttl: number;
  readonly originalTtl: number;
}

function* forwardEvidence(store: ColumnStore): Generator<Evidence> {
  yield* stalledHandshakes(store);
  for (const row of store.rows(ignoredReplyRecord)) {
    const cut = row.size > row.room;
    const text = cut
      ? `${cutText({ at: row.at, to: row.to, replySize: row.size, room: row.room })}, and reads past what does not unpack ("${row.error}")`
      : `${processTitle(row.at)} read past a reply of ${row.to} that does not unpack ("${row.error}")`;
    yield evidenceOf(row, 'end', cut ? 'reply-cut-by-buffer' : 'malformed-reply', text);
  }
  for (const row of store.rows(overLimitRecord)) {
    const text = `${processTitle(row.at)} had ${row.limit} queries under way to its upstreams, and \`max_concurrent ${row.limit}\` (${shortPlace(row.place)}) allows no more`;
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

function* corednsEvidence(store: ColumnStore, since: OutdatedSince): Generator<Evidence> {
  yield* forwardEvidence(store);
  for (const row of store.rows(cacheRecord)) {
    if ((row.outcome !== 'hit' && row.outcome !== 'stale') || row.rcode === 'NOERROR') continue;
    const late = row.outcome === 'stale' ? shortPlace(row.staleBy) : undefined;
    yield cachedEvidence(row, processTitle(row.at), since(row), late);
  }
  for (const row of store.rows(coreDnsCpu)) {
    if (row.waited < second) continue;
    const text = `${processTitle(row.at)} had too little processor time: the query waited ${inSeconds(row.waited)} for its turn`;
    yield evidenceOf(row, 'error', 'coredns-overloaded', text);
  }
  for (const row of store.rows(coreDnsPlugin)) {
    if (row.cause !== 'not-synced') continue;
    const text = `${processTitle(row.at)} has not had a list from the API server yet, so that its kubernetes plugin cannot say what does not exist`;
    const short = `${processTitle(row.at)} has not had a list from the API server yet`;
    yield evidenceOf(row, 'error', 'kubernetes-not-synced', text, 0, short);
  }
}

/** Replies that did not unpack: once for each query, however often it was tried. */
function* cutEvidence({ queries, probes }: UpstreamQueries): Generator<Evidence> {
  const byQuery = new Map<TraceId, UpstreamQuery[]>();
  for (const query of queries) {
    if (!query.error.startsWith('dns: ')) continue;
    const known = byQuery.get(query.header.trace);
    if (known === undefined) byQuery.set(query.header.trace, [query]);
    else known.push(query);
  }
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
function* truncationEvidence(store: ColumnStore, { queries }: UpstreamQueries): Generator<Evidence> {
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
