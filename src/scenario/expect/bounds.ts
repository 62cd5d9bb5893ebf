import type { ExpectationResult } from './facts.ts';

export type Verdict = Pick<ExpectationResult, 'expected' | 'met' | 'reason' | 'shownBy'>;
/** A value, or what it must lie between, both included. */
export type Bounds = number | { readonly min?: number | undefined; readonly max?: number | undefined };

export function within(value: number, bounds: Bounds): boolean {
  if (typeof bounds === 'number') return value === bounds;
  return value >= (bounds.min ?? Number.NEGATIVE_INFINITY) && value <= (bounds.max ?? Number.POSITIVE_INFINITY);
}

export function boundsText(bounds: Bounds, format: (value: number) => string): string {
  if (typeof bounds === 'number') return format(bounds);
  const { min, max } = bounds;
  if (min !== undefined && max !== undefined) return `${format(min)} to ${format(max)}`;
  return max === undefined ? `at least ${format(min ?? 0)}` : `at most ${format(max)}`;
}
