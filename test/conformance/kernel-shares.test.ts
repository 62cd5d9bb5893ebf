import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { second } from '../../src/engine/time.ts';
import { kernelLogged } from '../../src/kernel/records.ts';
import { answer, entry, type NodeLab, nodeLab, receive, serviceIp, udp } from '../support/conntrack-lab.ts';
import { race } from '../support/race-lab.ts';
import { isObject } from './kernel/recording.ts';

/** Rows of a kind of a recording. */
function rowsOf(file: string, ev: string): Readonly<Record<string, unknown>>[] {
  const text = readFileSync(new URL(`../recordings/kernel/${file}.jsonl`, import.meta.url), 'utf8');
  const rows = text.split('\n').flatMap((line): unknown[] => (line === '' ? [] : [JSON.parse(line)]));
  return rows.filter(isObject).filter((row) => row.ev === ev);
}

const seeds = Array.from({ length: 20 }, (_, n) => `seed ${n}`);
const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;

/** The least, mean and largest, for people to lay beside what was recorded. */
function summary(values: readonly number[], show: (value: number) => string): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [Math.min(...values), mean, Math.max(...values)].map(show).join(' / ');
}

// f_race_a_aaaa: shares of pairs that collide, and of those on two servers; losses 0, insert_failed 0.
describe('race_a_aaaa: who wins and which server is drawn differ, all else does not', () => {
  const recorded = rowsOf('f_race_a_aaaa', 'race-result').filter(({ sockets }) => sockets === 1500);
  const pairs = 300;

  it('one CPU: no pair collides, and each keeps to one server', () => {
    expect(recorded.filter(({ label }) => label === 'seq').map((row) => row.pairs_answered_by_two_backends)).toEqual([
      0,
    ]);
    for (const seed of seeds) {
      const { node, onTwo, sources } = race('6.18', seed, 0, { pairs });
      expect([onTwo, sources.length, node.conntrack.counters.clash_resolve]).toEqual([0, 2 * pairs, 0]);
    }
  });

  it('two CPUs: all collide that overlap, about half are on two servers, every answer comes from the Service', () => {
    const overlap = 0.96;
    const [collided, split]: [number[], number[]] = [[], []];
    for (const seed of seeds) {
      const { node, onTwo, sources } = race('6.18', seed, overlap, { pairs });
      const { clash_resolve, insert_failed, drop } = node.conntrack.counters;
      expect([insert_failed, drop]).toEqual([0, 0]);
      expect(sources.filter((source) => source === '10.96.0.10').length).toBe(2 * pairs);
      expect(node.conntrack.list().length).toBe(pairs);
      collided.push(clash_resolve / pairs);
      split.push(onTwo / clash_resolve);
    }
    const together = recorded.filter(({ label }) => label !== 'seq');
    const real = (part: (row: Readonly<Record<string, unknown>>) => number) =>
      together.map((row) => percent(part(row))).join(', ');
    const resolved = ({ delta }: Readonly<Record<string, unknown>>) =>
      isObject(delta) ? Number(delta.clash_resolve) : 0;
    console.log(
      [
        `f_race_a_aaaa over ${seeds.length} seeds, least / mean / most:`,
        `  pairs that collide: ${summary(collided, percent)}; recorded ${real((row) => resolved(row) / 1500)}`,
        `  of those on two servers: ${summary(split, percent)}; recorded ${real((row) => Number(row.pairs_answered_by_two_backends) / resolved(row))}`,
      ].join('\n'),
    );
    for (const share of split) expect(Math.abs(share - 0.5)).toBeLessThan(0.12);
    expect(Math.abs(split.reduce((sum, share) => sum + share, 0) / split.length - 0.5)).toBeLessThan(0.02);
  });
});

/** Fills the table with flows of others that were answered; a share of them is not ASSURED. */
function fill({ host, simulation }: NodeLab, size: number, notAssured: number): void {
  const draws = simulation.stream('fill');
  for (let i = 0; host.conntrack.table.size < size; i++) {
    const [source, destination] = [0x0ac80001 + Math.floor(i / 60_000), 0x0ac90001];
    const port = 1024 + (i % 60_000);
    const original = { protocol: 'udp', source, sourcePort: port, destination, destinationPort: 53 } as const;
    const assured = draws.fraction() >= notAssured;
    host.conntrack.table.insert(entry({ original, seenReply: true, assured, expires: simulation.now + 600 * second }));
  }
}

/** 200 new flows on a full table of a size; how many got through. */
function burst(seed: string, notAssured: number, size: number) {
  const names = ['net.netfilter.nf_conntrack_max', 'net.netfilter.nf_conntrack_buckets'];
  const lab = nodeLab({ sysctls: Object.fromEntries(names.map((name) => [name, size])) }, seed);
  const old = () => receive(lab, 'pods', udp('10.244.1.10', 48_000, serviceIp));
  // ASSURED, so that it is not given up itself in a table that is smaller than the recorded one.
  for (const t of [0, 3]) {
    lab.simulation.run(t * second);
    for (const query of old()) receive(lab, 'pods', answer(query));
  }
  fill(lab, size, notAssured);
  let answered = 0;
  for (let i = 0; i < 200; i++) answered += receive(lab, 'pods', udp('10.244.1.10', 49_000 + i, serviceIp)).length;
  expect(lab.host.conntrack.table.size).toBeLessThanOrEqual(size);
  const { drop, early_drop } = lab.host.conntrack.counters;
  const log = [...lab.store.rows(kernelLogged)].map(({ text }) => text);
  return { answered, drop, early_drop, log, existing: old().length };
}

// h_table_full: answered of 200 by share of entries not ASSURED (0 %: 0; 2 %: 30..80; 10 %: 120..180; 100 %: 200).
describe('table_full: which entry is evicted differs, how many flows get through follows the share', () => {
  const recorded = rowsOf('h_table_full', 'burst');

  it.each([
    { share: 0, least: 0, most: 0 },
    { share: 0.02, least: 30, most: 80 },
    { share: 0.1, least: 120, most: 180 },
    { share: 1, least: 200, most: 200 },
  ])('$share not ASSURED: $least to $most of 200', ({ share, least, most }) => {
    const runs = seeds.map((seed) => burst(seed, share, 16_384));
    const real = recorded.filter((row) => row.share === share).map((row) => row.answered);
    const answered = runs.map((run) => run.answered);
    const shown = summary(answered, (value) => `${Math.round(value)}`);
    console.log(
      `h_table_full, ${percent(share)} not ASSURED: ${shown} of 200 get through; recorded ${real.join(', ')}`,
    );
    for (const { answered, drop, early_drop, log, existing } of runs) {
      expect(answered).toBeGreaterThanOrEqual(least);
      expect(answered).toBeLessThanOrEqual(most);
      expect(drop).toBe(200 - answered);
      // All that are not ASSURED go at once from a bucket, so one search may make room for several flows.
      expect(early_drop).toBeGreaterThanOrEqual(answered);
      expect(log.length > 0).toBe(drop > 0);
      expect(existing).toBe(1);
    }
  });

  it('the same at its full size', () => {
    const { answered, drop } = burst('full size', 0.02, 262_144);
    expect(answered).toBeGreaterThanOrEqual(30);
    expect(answered).toBeLessThanOrEqual(80);
    expect(drop).toBe(200 - answered);
  });
});

it('the kernel says that the table is full, ten times in five seconds', () => {
  const { log } = burst('log', 0, 4096);
  expect(log).toEqual(Array.from({ length: 10 }, () => 'nf_conntrack: nf_conntrack: table full, dropping packet'));
});
