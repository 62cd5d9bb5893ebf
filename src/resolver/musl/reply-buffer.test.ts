import { expect, test } from 'vitest';
import { query, replyTo } from '../../dns/build.ts';
import { sizeOf } from '../../dns/size.ts';
import type { Arrived } from '../client.ts';
import { muslRelease } from '../releases.ts';
import { addressesRead } from './reply-buffer.ts';

function arrived(name: string, count: number, compress: boolean): Arrived {
  const asked = replyTo(query(0x1234, { name, type: 'A', class: 'IN' }, { flags: { rd: true } }), 'NOERROR');
  const record = (i: number) =>
    ({ name, ttl: 60, class: 'IN', data: { type: 'A', address: `192.0.2.${i + 1}` } }) as const;
  const message = { ...asked, answer: Array.from({ length: count }, (_, i) => record(i)) };
  return { message, size: sizeOf(message, { compress }), from: '10.96.0.10', trace: 0 };
}

const read = (release: string, ...replies: Arrived[]) =>
  addressesRead(replies, muslRelease(release)).map((a) => a.length);

// Recordings path-bufsize-reply-larger-than-asked (the first two) and path-no-cluster-dns-unlimited-server.
test.each([
  ['big.example.org.', 20, 15],
  ['small.example.org.', 15, 14],
  ['n60.example.org.', 60, 15],
  ['n70.example.org.', 70, 0],
])('musl 1.2.3: of %s with %i uncompressed records %i addresses are read', (name, count, expected) => {
  expect(read('1.2.3', arrived(name, count, false))).toEqual([expected]);
});

// Seen in a run of CoreDNS 1.8.6 with bufsize; not kept, as the octet is one of a random id.
test('the last address reaches into the reply that lies behind', () => {
  const name = 'big.example.org.';
  const [first] = addressesRead([arrived(name, 40, true), arrived(name, 1, true)], muslRelease('1.2.3'));
  expect(first?.slice(-2)).toEqual(['192.0.2.29', `192.0.2.${0x12}`]);
});

// ABUF_SIZE of src/network/lookup_name.c: 768 in 1.2.4, 4800 since 1.2.5.
test('later releases keep more', () => {
  const reply = arrived('n60.example.org.', 60, true);
  expect([read('1.2.4', reply), read('1.2.5', reply), read('1.2.5', arrived('n90.example.org.', 90, true))]).toEqual([
    [45],
    [60],
    [90],
  ]);
});
