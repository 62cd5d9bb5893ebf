import { madeLast } from '../../../engine/made-once.ts';
import { type History, inRelease, since } from '../../history.ts';
import type { Metrics } from '../../metrics.ts';
import type { ReleaseName } from '../../releases.ts';

type Kind = 'success' | 'denial';

/** The counters of `plugin/cache`, by the names and labels of the release. */
export interface CacheMetrics {
  request(server: string): void;
  hit(server: string, kind: Kind): void;
  miss(server: string): void;
  prefetch(server: string): void;
  drop(server: string): void;
  servedStale(server: string): void;
  eviction(server: string, kind: Kind): void;
  entries(server: string, positive: number, negative: number): void;
}

const entriesName: History<string> = [
  ['1.6.7', 'size'],
  ['1.7.0', 'entries'],
];
const countsRequests = since('1.8.5');
const countsEvictions = since('1.8.4');
const extraLabels: History<readonly string[]> = [
  ['1.6.7', []],
  ['1.9.1', ['zones']],
  ['1.10.0', ['zones', 'view']],
];

/** Counts as the release calls and labels it (`plugin/cache/metrics.go`). `zones`: the cache's own; `view`: that of its block. */
export function cacheMetrics(
  metrics: Metrics,
  release: ReleaseName,
  zones: readonly string[],
  view: () => string,
): CacheMetrics {
  const extra = inRelease(extraLabels, release);
  const zoneText = zones.join(',');
  const place = (server: string): readonly string[] => {
    if (extra.length === 0) return [server];
    return extra.length === 1 ? [server, zoneText] : [server, zoneText, view()];
  };
  const typed = (server: string, kind: Kind): readonly string[] => {
    if (extra.length === 0) return [server, kind];
    return extra.length === 1 ? [server, kind, zoneText] : [server, kind, zoneText, view()];
  };
  const counter = (name: string) => metrics.counter(`coredns_cache_${name}`, ['server', ...extra]);
  const requests = inRelease(countsRequests, release) ? counter('requests_total') : undefined;
  const misses = counter('misses_total');
  const prefetches = counter('prefetch_total');
  const drops = counter('drops_total');
  const servedStale = counter('served_stale_total');
  const typedLabels = ['server', 'type', ...extra];
  const hits = metrics.counter('coredns_cache_hits_total', typedLabels);
  const countsThem = inRelease(countsEvictions, release);
  const evictions = countsThem ? metrics.counter('coredns_cache_evictions_total', typedLabels) : undefined;
  const size = metrics.gauge(`coredns_cache_${inRelease(entriesName, release)}`, typedLabels);
  // A cache is nearly always asked for one server.
  const request = madeLast((server: string) => requests?.at(place(server)));
  const miss = madeLast((server: string) => misses.at(place(server)));
  const hitsOf = {
    success: madeLast((server: string) => hits.at(typed(server, 'success'))),
    denial: madeLast((server: string) => hits.at(typed(server, 'denial'))),
  };
  return {
    request: (server) => request(server)?.add(),
    hit: (server, kind) => hitsOf[kind](server)?.add(),
    miss: (server) => miss(server)?.add(),
    prefetch: (server) => prefetches.add(place(server)),
    drop: (server) => drops.add(place(server)),
    servedStale: (server) => servedStale.add(place(server)),
    eviction: (server, kind) => evictions?.add(typed(server, kind)),
    entries: (server, positive, negative) => {
      size.set(typed(server, 'success'), positive);
      size.set(typed(server, 'denial'), negative);
    },
  };
}
