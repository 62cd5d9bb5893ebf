import type { StatisticName } from '../releases.ts';

/** What `conntrack -S` counts. Found, insert and search_restart stay 0 for ordinary traffic (recording h, facts kernel 4). */
export type ConntrackCounters = Record<StatisticName, number>;

export function zeroCounters(): ConntrackCounters {
  return {
    found: 0,
    invalid: 0,
    ignore: 0,
    insert: 0,
    insert_failed: 0,
    drop: 0,
    early_drop: 0,
    error: 0,
    search_restart: 0,
    clash_resolve: 0,
    chaintoolong: 0,
  };
}

/** A line of `conntrack -S`, all processors in one. */
export function statisticsLine(counters: ConntrackCounters, names: readonly StatisticName[]): string {
  return `cpu=0   \t${names.map((name) => `${name}=${counters[name]}`).join(' ')} `;
}
