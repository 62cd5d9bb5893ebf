import { describe, expect, it } from 'vitest';
import { type Distribution, draw } from './distribution.ts';
import { randomStream } from './random.ts';

function quantiles(distribution: Distribution): { p1: number; p50: number; p99: number; mean: number } {
  const random = randomStream('1', 'distribution');
  const drawn = Array.from({ length: 20_000 }, () => draw(distribution, random)).sort((a, b) => a - b);
  const at = (share: number) => drawn[Math.floor(share * drawn.length)] ?? Number.NaN;
  return { p1: at(0.01), p50: at(0.5), p99: at(0.99), mean: drawn.reduce((sum, v) => sum + v, 0) / drawn.length };
}

describe('a distribution', () => {
  it.each<[string, Distribution, { p1: number; p50: number; p99: number; mean: number }]>([
    ['constant', { kind: 'constant', value: 500 }, { p1: 500, p50: 500, p99: 500, mean: 500 }],
    ['uniform', { kind: 'uniform', min: 1000, max: 3000 }, { p1: 1020, p50: 2000, p99: 2980, mean: 2000 }],
    ['normal', { kind: 'normal', mean: 5000, deviation: 1000 }, { p1: 2674, p50: 5000, p99: 7326, mean: 5000 }],
    // sigma = ln(10)/2.3263 = 0.98979; mean = median * exp(sigma²/2)
    ['lognormal', { kind: 'lognormal', median: 1000, p99: 10_000 }, { p1: 100, p50: 1000, p99: 10_000, mean: 1632 }],
    ['exponential', { kind: 'exponential', mean: 1000 }, { p1: 10, p50: 693, p99: 4605, mean: 1000 }],
    ['empirical', { kind: 'empirical', sample: [100, 200, 1000] }, { p1: 102, p50: 200, p99: 984, mean: 375 }],
  ])('%s has its quantiles', (_, distribution, expected) => {
    const found = quantiles(distribution);
    for (const key of ['p1', 'p50', 'p99', 'mean'] as const)
      expect(Math.abs(found[key] - expected[key]) / expected[key], key).toBeLessThan(key === 'p1' ? 0.15 : 0.06);
  });

  it('is never less than nothing', () => {
    const random = randomStream('1', 'low');
    const drawn = Array.from({ length: 1000 }, () => draw({ kind: 'normal', mean: 0, deviation: 100 }, random));
    expect(Math.min(...drawn)).toBe(0);
  });
});
