import { describe, expect, it } from 'vitest';
import { race } from '../../../test/support/race-lab.ts';
import { millisecond } from '../../engine/time.ts';
import { conntrackEvent } from '../records.ts';

const pairs = 200;
const seeds = ['1', '2', '3', '4', '5'];

describe('two packets of one socket at once', () => {
  it.each(seeds)('one CPU: no collision, one server a pair (recording f, seq; seed %s)', (seed) => {
    const { node, onTwo, sources } = race('6.18', seed, 0);
    expect([onTwo, sources.length]).toEqual([0, 2 * pairs]);
    expect(node.conntrack.counters).toMatchObject({ clash_resolve: 0, insert_failed: 0, drop: 0 });
  });

  it.each(seeds)(
    'two CPUs: all collide, none is lost, about half use two servers (recording f, par; seed %s)',
    (seed) => {
      const { store, node, onTwo, sources } = race('6.18', seed, 1);
      expect(sources).toEqual(Array.from({ length: 2 * pairs }, () => '10.96.0.10'));
      expect(node.conntrack.counters).toMatchObject({ clash_resolve: pairs, insert_failed: 0, drop: 0 });
      expect(onTwo).toBeGreaterThan(pairs * 0.38);
      expect(onTwo).toBeLessThan(pairs * 0.62);
      expect(node.conntrack.list().length).toBe(pairs);
      const events = [...store.rows(conntrackEvent)];
      expect(events.filter(({ type }) => type === 'NEW').length).toBe(pairs);
      expect(events.filter(({ type, timeout }) => type === 'UPDATE' && timeout <= 1).length).toBe(onTwo);
    },
  );

  it.each(seeds)('an answer after more than a second comes from the server itself (seed %s)', (seed) => {
    const { onTwo, sources } = race('6.18', seed, 1, { delay: 1600 * millisecond });
    expect(sources.filter((source) => source !== '10.96.0.10').length).toBe(onTwo);
  });

  it.each(seeds)(
    '4.19 also loses what chose the same server, where the other was entered before its source was decided (seed %s)',
    (seed) => {
      const lost = (kernel: string) => race(kernel, seed, 1).node.conntrack.counters.insert_failed / pairs;
      expect(Math.abs(lost('4.19') - 0.75)).toBeLessThan(0.12);
      expect(Math.abs(lost('5.0') - 0.5)).toBeLessThan(0.12);
    },
  );

  it.each(seeds)('5.4 loses what chose another server, 4.4 loses every second packet (seed %s)', (seed) => {
    const middle = race('5.4', seed, 1);
    const { insert_failed, clash_resolve } = middle.node.conntrack.counters;
    expect([insert_failed + clash_resolve, middle.onTwo]).toEqual([pairs, 0]);
    expect(middle.arrived).toBe(2 * pairs - insert_failed);
    expect(Math.abs(insert_failed - pairs / 2)).toBeLessThan(pairs * 0.12);
    const old = race('4.4', seed, 1);
    expect(old.node.conntrack.counters).toMatchObject({ insert_failed: pairs, drop: pairs, clash_resolve: 0 });
    expect(old.arrived).toBe(pairs);
  });
});
