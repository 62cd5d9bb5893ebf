import { expect, test } from 'vitest';
import { glibcRelease, javaRelease, muslRelease } from './releases.ts';

test.each([
  ['2.5', '2.14'],
  ['2.17', '2.14'],
  ['2.26', '2.26'],
  ['2.35', '2.31'],
  ['2.36', '2.36'],
  ['2.39', '2.36'],
  ['2.41', '2.40'],
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
