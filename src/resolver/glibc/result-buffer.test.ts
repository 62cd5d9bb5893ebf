import { expect, test } from 'vitest';
import { query, replyTo } from '../../dns/build.ts';
import type { Message } from '../../dns/message.ts';
import { glibcRelease } from '../releases.ts';
import { firstBuffer, resultLength } from './result-buffer.ts';

/** A reply with that many addresses for a name of fifteen characters. */
function replyWith(count: number): Message {
  const name = 'n99.example.org.';
  const asked = replyTo(query(1, { name, type: 'A', class: 'IN' }, { flags: { rd: true } }), 'NOERROR');
  const record = (i: number) =>
    ({ name, ttl: 60, class: 'IN', data: { type: 'A', address: `192.0.2.${i + 1}` } }) as const;
  return { ...asked, answer: Array.from({ length: count }, (_, i) => record(i)) };
}

// Recording path-many-addresses-asked-twice.
test.each([
  ['any', 25, firstBuffer, true],
  ['any', 26, firstBuffer, false],
  ['any', 50, 2 * firstBuffer, true],
  ['any', 51, 2 * firstBuffer, false],
  ['ipv4', 82, firstBuffer, true],
  ['ipv4', 83, firstBuffer, false],
] as const)('family %s: %i addresses in a buffer of %i octets fit: %s', (family, count, room, fits) => {
  expect(resultLength([replyWith(count)], family, glibcRelease('2.36')) <= room).toBe(fits);
});

// getanswer_r of glibc 2.31: 400 octets for aliases, the name twice, and room for the last owner's name.
test('before 2.34 room for 48 aliases is reserved', () => {
  const fits = (count: number) => resultLength([replyWith(count)], 'ipv4', glibcRelease('2.31')) <= firstBuffer;
  expect([fits(47), fits(48)]).toEqual([true, false]);
});
