import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { second } from '../engine/time.ts';
import { parseWallTime, WallClock } from './wall-clock.ts';

test.each([
  ['1970-01-01T00:00:00Z', 0],
  ['2024-05-01T02:00:00Z', 1_714_528_800],
  ['2024-05-01T10:00:00+08:00', 1_714_528_800],
  ['2024-04-30T21:30:00.5-04:30', 1_714_528_800.5],
  ['2000-02-29T23:59:59.999999Z', 951_868_799.999999],
  ['1969-12-31T23:59:59Z', -1],
])('%s is %d s from 1970', (text, seconds) => {
  expect(parseWallTime(text)?.epoch).toBe(Math.round(seconds * second));
});

test.each([
  '2024-05-01',
  '2024-05-01T02:00Z',
  '2024-05-01T02:00:00',
  '2023-02-29T00:00:00Z',
  '2024-13-01T00:00:00Z',
  '2024-00-01T00:00:00Z',
  '2024-05-00T00:00:00Z',
  '2024-05-01T24:00:00Z',
  '2024-05-01T02:00:60Z',
  '2024-05-01T02:00:00+15:00',
  'yesterday',
  '',
])('"%s" is no time', (text) => {
  expect(parseWallTime(text)).toBeUndefined();
});

test('agrees with the calendar of ECMAScript', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('2199-12-31'), noInvalidDate: true }), (date) => {
      const text = date.toISOString();
      expect(parseWallTime(text)?.epoch).toBe(date.getTime() * 1000);
      expect(new WallClock(parseWallTime(text)).stamp(0)).toBe(text.replace('Z', '000000Z'));
    }),
  );
});

describe('times of a run', () => {
  const clock = new WallClock(parseWallTime('2024-05-01T23:59:58+08:00'));

  test('as tcpdump, conntrack and kubectl print them, past midnight too', () => {
    expect(clock.timeOfDay(2.111282 * second)).toBe('00:00:00.111282');
    expect(clock.epoch(2.111282 * second)).toBe('1714579200.111282');
    expect(clock.stamp(2.111282 * second)).toBe('2024-05-02T00:00:00.111282000+08:00');
    expect(clock.words(2.111282 * second)).toBe('2024-05-02T00:00:00.111282+08:00');
    expect(clock.words(2 * second)).toBe('2024-05-02T00:00:00+08:00');
  });

  test('count from 0 without a clock', () => {
    const none = new WallClock(undefined);
    expect([none.isSet, none.timeOfDay(90.000025 * second), none.epoch(90.000025 * second)]).toEqual([
      false,
      '00:01:30.000025',
      '90.000025',
    ]);
  });
});

describe('timeOf', () => {
  const night = new WallClock(parseWallTime('2024-05-01T23:59:00+08:00'));
  test.each([
    ['23:59:30', 30],
    ['23:59', 0],
    ['00:01:00.5', 120.5],
    ['2024-05-01T16:00:10Z', 70],
    ['2024-05-01T23:58:00+08:00', -60],
  ])('%s is that many seconds after the start: %d', (text, seconds) => {
    expect(night.timeOf(text)).toBe(seconds * second);
  });

  test.each(['25 past', '7', ''])('%s is no time', (text) => expect(night.timeOf(text)).toBeUndefined());

  test('without a clock there is no such time', () => expect(new WallClock(undefined).timeOf('12:00')).toBeUndefined());
});
