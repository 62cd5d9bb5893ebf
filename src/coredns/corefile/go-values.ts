import type { Micros } from '../../engine/time.ts';

/** A value, or the text of the error that Go's own package gives for it. */
export type GoValue<T> = { readonly value: T } | { readonly error: string };

/** 64 bits of nanoseconds. */
const longestDuration = 2 ** 63 / 1_000;
const microsPerUnit: Readonly<Record<string, number>> = {
  ns: 0.001,
  us: 1,
  µs: 1,
  μs: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
};

const quoted = (text: string): string => JSON.stringify(text);

/** `time.ParseDuration`: `1h30m`, `-1.5s`, `300ms`, `0`. */
export function goDuration(text: string): GoValue<Micros> {
  const invalid = { error: `time: invalid duration ${quoted(text)}` };
  const negative = text.startsWith('-');
  let rest = /^[+-]/.test(text) ? text.slice(1) : text;
  if (rest === '0') return { value: 0 };
  if (rest === '') return invalid;
  let micros = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^.\d]+/.exec(rest)?.[0];
    if (unit === undefined) return { error: `time: missing unit in duration ${quoted(text)}` };
    const scale = microsPerUnit[unit];
    if (scale === undefined) return { error: `time: unknown unit ${quoted(unit)} in duration ${quoted(text)}` };
    rest = rest.slice(unit.length);
    micros += Number(number) * scale;
    if (micros > longestDuration) return invalid;
  }
  return { value: Math.round(negative ? -micros : micros) };
}

/** `strconv.Atoi`. */
export function goInteger(text: string): GoValue<number> {
  if (!/^[+-]?\d+$/.test(text)) return { error: `strconv.Atoi: parsing ${quoted(text)}: invalid syntax` };
  const value = Number(text);
  if (!Number.isSafeInteger(value)) return { error: `strconv.Atoi: parsing ${quoted(text)}: value out of range` };
  return { value };
}

/** `strconv.ParseFloat`, for what an operator would write. */
export function goFloat(text: string): GoValue<number> {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) {
    return { error: `strconv.ParseFloat: parsing ${quoted(text)}: invalid syntax` };
  }
  return { value: Number(text) };
}

/** `strconv.ParseUint` with so many bits. */
export function goUnsigned(text: string, bits = 32): GoValue<number> {
  if (!/^\d+$/.test(text)) return { error: `strconv.ParseUint: parsing ${quoted(text)}: invalid syntax` };
  const value = Number(text);
  if (value >= 2 ** bits) return { error: `strconv.ParseUint: parsing ${quoted(text)}: value out of range` };
  return { value };
}

/** A duration as Go prints it: `5s`, `1m0s`, `300ms`, `0s`. */
export function formatGoDuration(span: Micros): string {
  if (span === 0) return '0s';
  if (span < 0) return `-${formatGoDuration(-span)}`;
  if (span < 1_000) return `${span}µs`;
  if (span < 1_000_000) return `${span / 1_000}ms`;
  const seconds = span / 1_000_000;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = `${Number((seconds % 60).toFixed(6))}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}
