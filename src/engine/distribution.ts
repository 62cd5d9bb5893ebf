import type { RandomStream } from './random.ts';
import type { Micros } from './time.ts';

/** A span of time that is drawn anew each time it passes. All spans in microseconds, never less than 0. */
export type Distribution =
  | { readonly kind: 'constant'; readonly value: Micros }
  | { readonly kind: 'uniform'; readonly min: Micros; readonly max: Micros }
  | { readonly kind: 'normal'; readonly mean: Micros; readonly deviation: Micros }
  /** Half of all are shorter than the median, 99 in 100 shorter than p99. */
  | { readonly kind: 'lognormal'; readonly median: Micros; readonly p99: Micros }
  | { readonly kind: 'exponential'; readonly mean: Micros }
  /** What was measured, in rising order: a value between two neighbours of it. */
  | { readonly kind: 'empirical'; readonly sample: readonly Micros[] };

/** Standard normal deviate below which 99 in 100 lie. */
const z99 = 2.3263478740408408;

/** A span in whole microseconds. A constant draws nothing from the stream. */
export function draw(distribution: Distribution, random: RandomStream): Micros {
  switch (distribution.kind) {
    case 'constant':
      return distribution.value;
    case 'uniform':
      return random.span(distribution.min, distribution.max);
    case 'normal':
      return whole(distribution.mean + distribution.deviation * standardNormal(random));
    case 'lognormal': {
      const { median, p99 } = distribution;
      if (median === 0) return 0;
      const sigma = steady(Math.log(p99 / median)) / z99;
      return whole(median * steady(Math.exp(sigma * standardNormal(random))));
    }
    case 'exponential':
      return whole(-steady(Math.log(1 - random.fraction())) * distribution.mean);
    case 'empirical':
      return between(distribution.sample, random.fraction());
  }
}

/** Box and Muller's transform of two uniform draws. */
function standardNormal(random: RandomStream): number {
  const radius = steady(Math.sqrt(-2 * steady(Math.log(1 - random.fraction()))));
  return radius * steady(Math.cos(2 * Math.PI * random.fraction()));
}

/** The quantile of a sample, with straight lines between its values. */
function between(sample: readonly Micros[], share: number): Micros {
  const place = share * (sample.length - 1);
  const before = Math.floor(place);
  const [low = 0, high = low] = [sample[before], sample[before + 1]];
  return whole(low + (high - low) * (place - before));
}

function whole(span: number): Micros {
  return Math.max(0, Math.round(span));
}

/** A value whose last bits, in which engines differ, are cut off. */
function steady(value: number): number {
  return Math.round(value * 1e9) / 1e9;
}
