import { endpointsChanged } from '../cluster/records.ts';
import { nodesOf } from '../cluster/world.ts';
import { cacheRecord } from '../coredns/plugins/cache/records.ts';
import { coreDnsCpu, coreDnsPlugin } from '../coredns/records.ts';
import type { ColumnStore } from '../engine/columns.ts';
import { grouped } from '../engine/grouped.ts';
import type { RecordHeader, TraceId } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { packetDropped, socketError } from '../kernel/records.ts';
import { packetLost } from '../network/records.ts';
import { recursorCache, recursorGivenUp, recursorTry } from '../servers/records.ts';
import { clientEvidence } from './client-evidence.ts';
import { connectionEvidence } from './connection-evidence.ts';
import { dropEvidence, isFarewell } from './drop-evidence.ts';
import { type Evidence, evidenceOf } from './evidence-of.ts';
import { flowEvidence } from './flow-evidence.ts';
import { cutEvidence, forwardEvidence, truncationEvidence } from './forward-evidence.ts';
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
import { serverEvidence } from './server-evidence.ts';
import { serviceAt } from './service-met.ts';
import { sharedConnectionEvidence, sharedEvidence } from './shared-evidence.ts';
import { addSharedEvidence } from './shared-lookups.ts';
import type { Truth } from './truth.ts';
import { untranslatedAnswers } from './untranslated.ts';
import type { UpstreamQueries } from './upstream-queries.ts';
import { inSeconds, processTitle, shortPlace, whyUnheard, withoutDot } from './words.ts';

type WhatWasThere = Pick<Truth, 'thereSince' | 'aliasOf' | 'serversOf' | 'absentService'>;

/** All that went wrong, by the root strand on which it did, in the order in which it did. */
export function evidenceByRoot(
  scene: Scene,
  upstream: UpstreamQueries,
  truth: WhatWasThere,
): ReadonlyMap<TraceId, readonly Evidence[]> {
  const { store, flows } = scene;
  const own = [...flowEvidence(store, flows), ...allEvidence(scene, upstream, truth)];
  const all = [...own, ...sharedEvidence(store, own), ...sharedConnectionEvidence(store, own)];
  const found = grouped(all, ({ header }) => rootOf(store, header.trace));
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
  yield* serverEvidence(scene, truth);
  const since = outdatedSince(store, truth);
  yield* recursorEvidence(store, since);
  yield* limitEvidence(store);
  yield* cutEvidence(upstream);
  yield* corednsEvidence(store, since);
  yield* replyEvidence(store, scene.quote, truth);
  yield* clientEvidence(scene, truth);
  yield* untranslatedAnswers(store, nameOf);
  yield* truncationEvidence(store, upstream);
}

function lostText(cause: string, from: string, to: string, sender: string): string {
  if (cause === 'packet-limit')
    return `a packet from ${from} to ${to} was dropped: more than the link lets through in a second`;
  if (cause === 'link-queue-full')
    return `a packet from ${from} to ${to} was dropped: too much waited for the link already`;
  return `a packet from ${from} to ${to} was lost on the link behind ${sender}`;
}

function* packetEvidence(
  { store, world, flows, services }: Scene,
  nameOf: (address: string) => string,
): Generator<Evidence> {
  for (const row of store.rows(packetLost)) {
    yield evidenceOf(row, 'end', row.cause, lostText(row.cause, nameOf(row.source), nameOf(row.destination), row.at));
  }
  const late = lateAnswers(store);
  const nodes = new Set(nodesOf(world));
  const changes = [...store.rows(endpointsChanged)];
  const cluster = {
    lives: podLivesOf(store),
    ends: endsOf(store),
    lagOf: ruleLags(store, flows),
    nameOf,
    serviceAt: (address: string) => serviceAt(address, services)?.name,
    isLocalElsewhere: (service: string, at: Micros) => {
      const own = services.find(({ name }) => name === service);
      if (own?.internalTrafficPolicy !== 'Local') return false;
      const last = changes.findLast((row) => row.at === service && row.t <= at);
      return last === undefined ? own.endpoints.some(({ ready }) => ready) : last.addresses !== '';
    },
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
