import { describe, expect, it } from 'vitest';
import { randomStream } from '../engine/random.ts';
import type { LinkQuality } from './description.ts';
import { Lane } from './lane.ts';

const plain: LinkQuality = { latency: 1000, jitter: 0, loss: 0 };

function lane(quality: Partial<LinkQuality>): Lane {
  return new Lane({ ...plain, ...quality }, randomStream('1', 'lane'));
}

/** What becomes of packets that are sent at these times. */
function carried(link: Lane, times: readonly number[], octets = 100): (number | string)[] {
  return times.map((time) => link.carry(octets, time));
}

describe('a link', () => {
  it('of 1,024 packets a second carries that many of 4,290, once the second that its bucket holds is spent', () => {
    const every = 1_000_000 / 4290;
    const times = Array.from({ length: 4290 * 61 }, (_, i) => Math.round(i * every));
    const fates = carried(lane({ packetsPerSecond: 1024 }), times).slice(-4290 * 60);
    const carriedOn = fates.filter((fate) => fate !== 'packet-limit').length;
    expect(Math.abs(carriedOn - 1024 * 60)).toBeLessThanOrEqual(1);
    // 257,430 sent and 61,385 answered were observed: 76.2 % lost.
    expect(1 - carriedOn / fates.length).toBeCloseTo(0.762, 2);
  });

  it('of 1 Mbit/s needs 0.8 ms for 100 octets, and queues the next', () => {
    expect(carried(lane({ bitsPerSecond: 1_000_000 }), [0, 0, 0, 5000])).toEqual([1800, 2600, 3400, 6800]);
  });

  it('drops what would wait longer than its queue', () => {
    const link = lane({ bitsPerSecond: 1_000_000, queue: 1000 });
    expect(carried(link, [0, 0, 0, 0])).toEqual([1800, 2600, 'link-queue-full', 'link-queue-full']);
  });

  it('loses the same share in runs as one by one, and the runs have their length', () => {
    const runs = lane({ loss: 0.1, lossRun: 5 });
    const fates = carried(
      runs,
      Array.from({ length: 200_000 }, (_, i) => i),
    );
    const lost = fates.filter((fate) => fate === 'link-loss').length;
    const begun = fates.filter((fate, i) => fate === 'link-loss' && fates[i - 1] !== 'link-loss').length;
    expect(Math.abs(lost / fates.length - 0.1)).toBeLessThan(0.01);
    expect(Math.abs(lost / begun - 5)).toBeLessThan(0.4);
  });

  it('keeps the order of packets whatever their latency', () => {
    const link = lane({ latency: 0, jitter: { kind: 'lognormal', median: 300, p99: 20_000 } });
    const arrivals = carried(
      link,
      Array.from({ length: 1000 }, (_, i) => i * 50),
    ).map(Number);
    expect(arrivals.toSorted((a, b) => a - b)).toEqual(arrivals);
  });

  it('that is cut and mended has forgotten its run of losses', () => {
    const link = lane({ loss: 1 });
    expect(carried(link, [0, 1])).toEqual(['link-loss', 'link-loss']);
    link.quality = plain;
    expect(carried(link, [2])).toEqual([1002]);
  });
});
