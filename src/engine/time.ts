/** An instant or a span in whole microseconds of simulated time. */
export type Micros = number;

export const microsecond = 1;
export const millisecond = 1_000;
export const second = 1_000_000;
export const minute = 60 * second;

/** Microseconds as seconds, exact to the microsecond. */
export function toSeconds(micros: Micros): number {
  return micros / second;
}

/** Seconds to the nearest microsecond. */
export function fromSeconds(seconds: number): Micros {
  return Math.round(seconds * second);
}
