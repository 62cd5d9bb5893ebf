import { expect, test } from 'vitest';
import { noSockets } from '../coredns/server/lone-runtime.ts';
import { parseAddress } from '../network/address.ts';
import { glibcPreference, goPreference, inOrder, muslPreference } from './address-order.ts';

/** A host with these sources; what none of them is for cannot be reached. */
const host = (ipv4: string | undefined, ipv6: string | undefined) => ({
  ...noSockets,
  sourceFor: (to: unknown) => parseAddress((typeof to === 'number' ? ipv4 : ipv6) ?? ''),
});

// RFC 6724 §10.2; without a way to either, recording glibc-z10-many-addresses.
test.each([
  ['without IPv6', '10.244.1.5', undefined, ['2001:db8::1', '192.0.2.1'], ['192.0.2.1', '2001:db8::1']],
  [
    'with a link-local address alone',
    '10.244.1.5',
    undefined,
    ['192.0.2.1', '2001:db8::1'],
    ['192.0.2.1', '2001:db8::1'],
  ],
  ['with both', '10.244.1.5', '2001:db8:1::5', ['192.0.2.1', '2001:db8::1'], ['2001:db8::1', '192.0.2.1']],
  ['with a unique local one', '10.244.1.5', 'fd00::5', ['2001:db8::1', '192.0.2.1'], ['192.0.2.1', '2001:db8::1']],
  ['with no way to either', undefined, undefined, ['192.0.2.1', '2001:db8::1'], ['2001:db8::1', '192.0.2.1']],
  ['on itself', '127.0.0.1', '::1', ['127.0.0.1', '::1'], ['::1', '127.0.0.1']],
])('%s', (_, ipv4, ipv6, addresses, expected) => {
  expect(inOrder(addresses, host(ipv4, ipv6), muslPreference)).toEqual(expected);
  expect(inOrder(addresses, host(ipv4, ipv6), glibcPreference)).toEqual(expected);
});

test('a unique local address is wanted by glibc, and less than IPv4 by RFC 6724', () => {
  const [sockets, addresses] = [host('10.244.1.5', 'fd00::5'), ['10.0.0.1', 'fd00::1']];
  expect(inOrder(addresses, sockets, glibcPreference)).toEqual(['fd00::1', '10.0.0.1']);
  expect(inOrder(addresses, sockets, muslPreference)).toEqual(['10.0.0.1', 'fd00::1']);
});

// Recording go-w01-more-than-six-addresses.
test('without a way to either, Go leaves them as they came', () => {
  const addresses = ['192.0.2.1', '2001:db8::1', '192.0.2.2'];
  expect(inOrder(addresses, host(undefined, undefined), goPreference)).toEqual(addresses);
  expect(inOrder(addresses, host('10.244.1.5', '2001:db8:1::5'), goPreference)).toEqual([
    '2001:db8::1',
    '192.0.2.1',
    '192.0.2.2',
  ]);
});
