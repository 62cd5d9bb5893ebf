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

export function cacheMetrics(
  metrics: Metrics,
  release: ReleaseName,
  zones: readonly string[],
  view: () => string,
): CacheMetrics {
  const extra = inRelease(extraLabels, release);
  const labels = ['server', ...extra];
  const typed = ['server', 'type', ...extra];
  const extraValues = () => [zones.join(','), view()].slice(0, extra.length);
  const count = (name: string, server: string) =>
    metrics.add(`coredns_cache_${name}`, labels, [server, ...extraValues()]);
  const countOf = (name: string, server: string, kind: Kind) =>
    metrics.add(`coredns_cache_${name}`, typed, [server, kind, ...extraValues()]);
  const size = `coredns_cache_${inRelease(entriesName, release)}`;
  const requests = inRelease(countsRequests, release);
  const evictions = inRelease(countsEvictions, release);
  return {
    request: (server) => {
      if (requests) count('requests_total', server);
    },
    hit: (server, kind) => countOf('hits_total', server, kind),
    miss: (server) => count('misses_total', server),
    prefetch: (server) => count('prefetch_total', server),
    drop: (server) => count('drops_total', server),
    servedStale: (server) => count('served_stale_total', server),
    eviction: (server, kind) => {
      if (evictions) countOf('evictions_total', server, kind);
    },
    entries: (server, positive, negative) => {
      metrics.set(size, typed, [server, 'success', ...extraValues()], positive);
      metrics.set(size, typed, [server, 'denial', ...extraValues()], negative);
    },
  };
}
