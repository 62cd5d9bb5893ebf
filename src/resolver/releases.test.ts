import { expect, test } from 'vitest';
import { caresRelease, glibcRelease, javaRelease, muslRelease } from './releases.ts';

test.each([
  ['2.5', '2.14'],
  ['2.17', '2.14'],
  ['2.26', '2.26'],
  ['2.31', '2.31'],
  ['2.34', '2.34'],
  ['2.36', '2.36'],
  ['2.40', '2.36'],
  ['2.41', '2.41'],
])('glibc %s behaves as %s', (release, row) => {
  expect(glibcRelease(release).since).toBe(row);
});

test('musl asks again over TCP from 1.2.4 on', () => {
  expect(['1.2.3', '1.2.4', '1.2.5'].map((release) => muslRelease(release).asksAgainOverTcp)).toEqual([
    false,
    true,
    true,
  ]);
});

test('Java keeps stale addresses from 21 on, when told to', () => {
  expect(['8', '17.0.15', '21', '25'].map((release) => javaRelease(release).keepsStale)).toEqual([
    false,
    false,
    true,
    true,
  ]);
});

test('c-ares waits 5 s at first until 1.20, remembers failures from 1.22 on, measures from 1.32 on', () => {
  const rows = ['1.19.1', '1.20.1', '1.28.1', '1.34.6'].map(caresRelease);
  expect(rows.map(({ timeout, sortsByFailures, adaptsTimeout }) => [timeout, sortsByFailures, adaptsTimeout])).toEqual([
    [5, false, false],
    [2, false, false],
    [2, true, false],
    [2, true, true],
  ]);
});
