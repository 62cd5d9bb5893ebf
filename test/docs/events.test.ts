import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventKinds } from '../../src/scenario/schema/events.ts';

test('docs/events.md tells of each kind of event', () => {
  const page = readFileSync('docs/events.md', 'utf8');
  expect(Object.keys(eventKinds).filter((kind) => !page.includes(`\`${kind}: `))).toEqual([]);
});
