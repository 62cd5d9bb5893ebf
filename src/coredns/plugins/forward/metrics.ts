import { type History, inRelease } from '../../history.ts';
import type { Metrics } from '../../metrics.ts';
import type { ReleaseName } from '../../releases.ts';

/** The counters of `plugin/forward`, by the names and labels of the release. */
export interface ForwardMetrics {
  /** An attempt was answered after so many seconds. */
  answered(to: string, rcode: string, seconds: number): void;
  connection(to: string, protocol: string, pooled: boolean): void;
  probeFailed(to: string): void;
  allDown(): void;
  rejected(): void;
}

interface Names {
  readonly requests?: string;
  readonly responses?: string;
  readonly duration: string;
  readonly durationHasRcode: boolean;
  readonly probeFailures: string;
  /** Exported only where it has been registered. */
  readonly allDown?: string;
  readonly rejects?: string;
  readonly hits?: string;
  readonly misses?: string;
  /** `proxy_name="forward"` goes with those of pkg/proxy. */
  readonly proxyLabel: boolean;
}

const names: History<Names> = [
  [
    '1.6.7',
    {
      requests: 'forward_request_count_total',
      responses: 'forward_response_rcode_count_total',
      duration: 'forward_request_duration_seconds',
      durationHasRcode: false,
      probeFailures: 'forward_healthcheck_failure_count_total',
      proxyLabel: false,
    },
  ],
  [
    '1.6.8',
    {
      requests: 'forward_request_count_total',
      responses: 'forward_response_rcode_count_total',
      duration: 'forward_request_duration_seconds',
      durationHasRcode: false,
      probeFailures: 'forward_healthcheck_failure_count_total',
      rejects: 'forward_max_concurrent_reject_count_total',
      proxyLabel: false,
    },
  ],
  [
    '1.7.0',
    {
      requests: 'forward_requests_total',
      responses: 'forward_responses_total',
      duration: 'forward_request_duration_seconds',
      durationHasRcode: false,
      probeFailures: 'forward_healthcheck_failures_total',
      rejects: 'forward_max_concurrent_rejects_total',
      proxyLabel: false,
    },
  ],
  [
    '1.7.1',
    {
      requests: 'forward_requests_total',
      responses: 'forward_responses_total',
      duration: 'forward_request_duration_seconds',
      durationHasRcode: false,
      probeFailures: 'forward_healthcheck_failures_total',
      allDown: 'forward_healthcheck_broken_total',
      rejects: 'forward_max_concurrent_rejects_total',
      hits: 'forward_conn_cache_hits_total',
      misses: 'forward_conn_cache_misses_total',
      proxyLabel: false,
    },
  ],
  [
    '1.8.3',
    {
      requests: 'forward_requests_total',
      responses: 'forward_responses_total',
      duration: 'forward_request_duration_seconds',
      durationHasRcode: true,
      probeFailures: 'forward_healthcheck_failures_total',
      allDown: 'forward_healthcheck_broken_total',
      rejects: 'forward_max_concurrent_rejects_total',
      hits: 'forward_conn_cache_hits_total',
      misses: 'forward_conn_cache_misses_total',
      proxyLabel: false,
    },
  ],
  [
    '1.11.0',
    {
      duration: 'proxy_request_duration_seconds',
      durationHasRcode: true,
      probeFailures: 'proxy_healthcheck_failures_total',
      allDown: 'forward_healthcheck_broken_total',
      rejects: 'forward_max_concurrent_rejects_total',
      hits: 'proxy_conn_cache_hits_total',
      misses: 'proxy_conn_cache_misses_total',
      proxyLabel: true,
    },
  ],
];

/** Upper bounds in seconds (`plugin.TimeBuckets`): 0.25 ms, doubled. */
const buckets = Array.from({ length: 16 }, (_, i) => 0.00025 * 2 ** i);

/** Counts as the release calls and labels it (`plugin/forward/metrics.go`, from 1.11.0 `plugin/pkg/proxy/metrics.go`). */
export function forwardMetrics(metrics: Metrics, release: ReleaseName): ForwardMetrics {
  const of = inRelease(names, release);
  const label = of.proxyLabel ? ['proxy_name'] : [];
  const value = of.proxyLabel ? ['forward'] : [];
  const add = (name: string | undefined, labels: readonly string[], values: readonly string[], by = 1) => {
    if (name !== undefined) metrics.counter(`coredns_${name}`, labels).add(values, by);
  };
  add(of.allDown, [], [], 0);
  add(of.rejects, [], [], 0);
  return {
    answered: (to, rcode, seconds) => {
      add(of.requests, ['to'], [to]);
      add(of.responses, ['rcode', 'to'], [rcode, to]);
      const labels = of.durationHasRcode ? [...label, 'rcode', 'to'] : ['to'];
      const values = of.durationHasRcode ? [...value, rcode, to] : [to];
      metrics.histogram(`coredns_${of.duration}`, labels, buckets).observe(values, seconds);
    },
    connection: (to, protocol, pooled) =>
      add(pooled ? of.hits : of.misses, ['proto', ...label, 'to'], [protocol, ...value, to]),
    probeFailed: (to) => add(of.probeFailures, [...label, 'to'], [...value, to]),
    allDown: () => add(of.allDown, [], []),
    rejected: () => add(of.rejects, [], []),
  };
}
