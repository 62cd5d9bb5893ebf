import { expect, test } from 'vitest';
import { grouped } from './grouped.ts';

test('groups stand in the order of their first, and so do their own', () => {
  const groups = grouped(['pear', 'apple', 'plum', 'avocado'], (word) => word[0]);
  expect([...groups]).toEqual([
    ['p', ['pear', 'plum']],
    ['a', ['apple', 'avocado']],
  ]);
  expect(grouped([], String).size).toBe(0);
});
