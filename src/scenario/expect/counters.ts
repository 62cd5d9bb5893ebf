import type { Expectation } from '../schema/scenario.ts';
import { boundsText, type Verdict, within } from './bounds.ts';

/** Holds counters of conntrack -S against what is expected of them. */
export function counters(
  wanted: NonNullable<Expectation['counters']>,
  seen: Readonly<Record<string, number>>,
): Verdict[] {
  return Object.entries(wanted).flatMap(([name, bounds]) => {
    if (bounds === undefined) return [];
    const value = seen[name] ?? 0;
    const expected = `conntrack -S in the end: ${name} ${boundsText(bounds, String)}`;
    return [{ expected, met: within(value, bounds), reason: `${name}=${value}` }];
  });
}
