import { expect, test } from 'vitest';
import { formatGoDuration, goDuration, goInteger, goUnsigned } from './go-values.ts';

test.each([
  ['1h30m5s', 5_405_000_000],
  ['300ms', 300_000],
  ['1.5s', 1_500_000],
  ['-1s', -1_000_000],
  ['0', 0],
  ['0s', 0],
])('duration %s', (text, micros) => expect(goDuration(text)).toEqual({ value: micros }));

test.each([
  ['10', 'time: missing unit in duration "10"'],
  ['forever', 'time: invalid duration "forever"'],
  ['5x', 'time: unknown unit "x" in duration "5x"'],
  ['', 'time: invalid duration ""'],
  ['99999999999s', 'time: invalid duration "99999999999s"'],
])('no duration: %s', (text, error) => expect(goDuration(text)).toEqual({ error }));

test('numbers', () => {
  expect(goInteger('-5')).toEqual({ value: -5 });
  expect(goInteger('many')).toEqual({ error: 'strconv.Atoi: parsing "many": invalid syntax' });
  expect(goUnsigned('-1')).toEqual({ error: 'strconv.ParseUint: parsing "-1": invalid syntax' });
});

test.each([
  [5_000_000, '5s'],
  [90_000_000, '1m30s'],
  [0, '0s'],
  [300_000, '300ms'],
  [3_600_000_000, '1h0m0s'],
])('%i µs prints as %s', (micros, text) => expect(formatGoDuration(micros)).toBe(text));
