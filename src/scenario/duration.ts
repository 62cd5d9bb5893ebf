import { type Micros, microsecond, millisecond, minute, second } from '../engine/time.ts';

const units: Readonly<Record<string, Micros>> = {
  us: microsecond,
  µs: microsecond,
  ms: millisecond,
  s: second,
  m: minute,
  h: 60 * minute,
};
const part = /(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)/y;

/** A span as text with units: `200us`, `1.5s`, `1m30s`; undefined for anything else. */
export function parseDuration(text: string): Micros | undefined {
  let total = 0;
  part.lastIndex = 0;
  for (let at = 0; at < text.length; at = part.lastIndex) {
    const match = part.exec(text);
    if (match === null) return undefined;
    total += Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN);
  }
  return text === '' ? undefined : Math.round(total);
}

/** A span as text with the largest unit that leaves a short number: `10m`, `60s`, `1.5s`, `200us`. */
export function formatDuration(span: Micros): string {
  if (span === 0) return '0s';
  if (span >= 2 * minute && span % minute === 0) return `${span / minute}m`;
  if (span >= second) return `${span / second}s`;
  return span >= millisecond ? `${span / millisecond}ms` : `${span}us`;
}
