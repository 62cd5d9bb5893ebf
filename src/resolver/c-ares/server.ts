import { type Micros, millisecond, second } from '../../engine/time.ts';

/** Spans over which latencies are averaged, the shortest first, in seconds (src/lib/ares_metrics.c). */
const spans = [60, 900, 3600, 86_400, Number.POSITIVE_INFINITY] as const;
const leastForAverage = 3;
const averageMultiplier = 5;
const leastTimeout = 250 * millisecond;
const mostTimeout = 5 * second;
/** DEFAULT_SERVER_RETRY_DELAY: so long after a failure a server is left alone. */
const retryDelay = 5 * second;

interface Bucket {
  period: number;
  total: Micros;
  count: number;
  previous: { readonly period: number; readonly total: Micros; readonly count: number } | undefined;
}

/** What c-ares knows of a server: failures in a row, and how fast it answers. */
export class Server {
  readonly address: string;
  /** Failures since the last answer; the server with the fewest is asked first. */
  failures = 0;
  /** Is a query under way that is only to tell whether it is back? */
  isProbed = false;
  #retryAt: Micros = 0;
  readonly #buckets: Bucket[] = spans.map(() => ({ period: 0, total: 0, count: 0, previous: undefined }));

  readonly #adaptsTimeout: boolean;

  constructor(address: string, adaptsTimeout: boolean) {
    this.address = address;
    this.#adaptsTimeout = adaptsTimeout;
  }

  failed(now: Micros): void {
    this.failures++;
    this.#retryAt = now + retryDelay;
  }

  mayBeProbed(now: Micros): boolean {
    return this.failures > 0 && !this.isProbed && this.#retryAt <= now;
  }

  answered(now: Micros, latency: Micros): void {
    this.failures = 0;
    for (const [i, bucket] of this.#buckets.entries()) {
      const period = periodOf(i, now);
      if (period !== bucket.period) {
        const { period: old, total, count } = bucket;
        Object.assign(bucket, { period, total: 0, count: 0, previous: { period: old, total, count } });
      }
      bucket.total += Math.max(millisecond, latency);
      bucket.count++;
    }
  }

  /** How long the first try may take: five times the average of the shortest span with enough answers, or the configured time. */
  timeout(now: Micros, configured: Micros): Micros {
    if (!this.#adaptsTimeout) return configured;
    const wanted = this.#average(now) * averageMultiplier || configured;
    return Math.min(Math.max(wanted, leastTimeout), mostTimeout);
  }

  #average(now: Micros): Micros {
    for (const [i, bucket] of this.#buckets.entries()) {
      const period = periodOf(i, now);
      if (bucket.period === period && bucket.count >= leastForAverage) return Math.floor(bucket.total / bucket.count);
      const { previous } = bucket;
      if (previous?.period === period - 1 && previous.count >= leastForAverage)
        return Math.floor(previous.total / previous.count);
    }
    return 0;
  }
}

/** Number of the span in which an instant lies, from 1. */
function periodOf(index: number, now: Micros): number {
  return Math.floor(now / second / (spans[index] ?? Number.POSITIVE_INFINITY)) + 1;
}
