import { describe, expect, it } from 'vitest';
import { entry } from '../../../test/support/conntrack-lab.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { randomStream } from '../../engine/random.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { type Micros, millisecond, second } from '../../engine/time.ts';
import type { CollectorRule } from '../releases.ts';
import { Collector } from './collector.ts';
import { ConntrackTable } from './table.ts';

/** A collector whose first look, or round, is at `phase`; what it ended, and when. */
function collect(rule: CollectorRule, phase: Micros, expiries: readonly Micros[], interval?: Micros) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const table = new ConntrackTable();
  const ended: { t: Micros; late: Micros }[] = [];
  const collector = new Collector({
    simulation,
    table,
    draws: { ...randomStream('1', 'collector'), integer: () => phase },
    rule,
    interval,
    endExpired: (slot) => {
      const expires = table.expires(slot);
      if (expires > simulation.now) return false;
      table.remove(slot);
      ended.push({ t: simulation.now, late: simulation.now - expires });
      return true;
    },
    makeRoom: () => {},
  });
  for (const [i, expires] of expiries.entries()) {
    const original = { protocol: 'udp', source: 1, sourcePort: 1000 + i, destination: 2, destinationPort: 53 } as const;
    const connection = entry({ original, expires });
    table.insert(connection);
    collector.expect(connection.slot);
  }
  simulation.run(1000 * second);
  expect(table.size).toBe(0);
  return { ended, looks: [...new Set(ended.map(({ t }) => t))] };
}

const every3s = Array.from({ length: 60 }, (_, i) => (i + 1) * 3 * second);

describe('the collector', () => {
  // Measured on 6.18.44 with these 60 entries of `conntrack -I`: looks 61.443 and 53.248 s apart, the first 41.378 s after them.
  it('looks after the mean time that entries have left, at most a minute: as measured', () => {
    const shifted = every3s.map((expires) => expires - 418 * millisecond);
    const { looks } = collect('adaptive', 40_960 * millisecond, shifted);
    expect(looks.slice(0, 3).map((t) => t / millisecond)).toEqual([40_960, 40_960 + 61_440, 40_960 + 61_440 + 53_248]);
  });

  it.each<[CollectorRule, number]>([
    ['timers', 1],
    ['round-16s', 16.2],
    ['round-320s', 322],
    ['every-120s', 121],
    ['adaptive', 61.5],
  ])('%s: ends each entry, never early, at most %d s late', (rule, most) => {
    const { ended } = collect(rule, 7 * second, every3s);
    expect(ended.length).toBe(60);
    for (const { late } of ended) expect(late).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ended.map(({ late }) => late)) / second).toBeLessThanOrEqual(most);
  });

  it('looks as often as it is told, where the machine has more to do', () => {
    const { looks } = collect('adaptive', second, every3s, 4 * second);
    expect(looks.slice(0, 4).map((t) => t / second)).toEqual([5, 9, 13, 17]);
  });
});
