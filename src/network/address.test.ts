import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  formatEndpoint,
  formatPrefix,
  hears,
  inPrefix,
  isBetween,
  isLoopback,
  joinEndpoint,
  networkOf,
  octetsOf,
  parseAddress,
  parseEndpoint,
  parsePrefix,
  pickAddress,
  splitEndpoint,
} from './address.ts';
import type { Address } from './packet.ts';

const address = (text: string): Address => parseAddress(text) ?? 0;
const anyAddress = fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }));

describe('text of addresses', () => {
  it.each([
    ['10.96.0.10', 0x0a60000a],
    ['0.0.0.0', 0],
    ['255.255.255.255', 0xffffffff],
    ['::', 0n],
    ['::1', 1n],
    ['2001:db8::1', 0x20010db8000000000000000000000001n],
    ['fd00:10:96::a', 0xfd00001000960000000000000000000an],
    ['::ffff:192.0.2.1', 0xffffc0000201n],
    ['010.1.2.3', undefined],
    ['1.2.3', undefined],
    ['1.2.3.256', undefined],
    ['1.2.3.4 ', undefined],
    ['fe80::1%eth0', undefined],
    ['2001:db8::1::2', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['12345::', undefined],
    ['::1.2.3', undefined],
    ['[::1]', undefined],
  ])('reads %s', (text, expected) => {
    expect(parseAddress(text)).toBe(expected);
  });

  // RFC 5952 §4.
  it.each([
    ['2001:0db8:0000:0000:0000:0000:0002:0001', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::AAAA', '2001:db8::aaaa'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
  ])('prints %s as %s', (text, expected) => {
    expect(formatAddress(address(text))).toBe(expected);
  });

  it('reads what it prints', () => {
    fc.assert(fc.property(anyAddress, (a) => parseAddress(formatAddress(a)) === a));
    fc.assert(
      fc.property(anyAddress, fc.nat(65_535), (a, port) => {
        expect(parseEndpoint(formatEndpoint({ address: a, port }))).toEqual({ address: a, port });
      }),
    );
  });

  it('writes end points and prefixes', () => {
    expect(formatEndpoint({ address: address('2001:db8::1'), port: 53 })).toBe('[2001:db8::1]:53');
    expect(formatPrefix({ address: address('fd00:10:244::'), length: 56 })).toBe('fd00:10:244::/56');
    expect(parsePrefix('2001:db8::1')).toEqual({ address: address('2001:db8::1'), length: 128 });
    expect(parsePrefix('10.0.0.0/33')).toBeUndefined();
    expect(parsePrefix('2001:db8::/129')).toBeUndefined();
    expect(parseEndpoint('10.0.0.1:65536')).toBeUndefined();
    expect(parseEndpoint('2001:db8::1:53')).toBeUndefined();
    expect(parseEndpoint('[10.0.0.1]:53')).toBeUndefined();
  });
});

describe('networks', () => {
  it.each([
    ['10.244.1.200', '10.244.1.0/24', true],
    ['10.244.2.1', '10.244.1.0/24', false],
    ['2001:db8:1::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['fd00:10:244:7f::1', 'fd00:10:244::/57', true],
    ['fd00:10:244:80::1', 'fd00:10:244::/57', false],
    ['0.0.0.0', '::/0', false],
    ['::', '0.0.0.0/0', false],
  ])('%s in %s: %s', (text, prefix, expected) => {
    const parsed = parsePrefix(prefix) ?? { address: 0, length: 0 };
    expect(inPrefix(address(text), parsed)).toBe(expected);
  });

  it('keeps the first bits', () => {
    expect(networkOf(0xffffffff, 0)).toBe(0);
    expect(networkOf(address('2001:db8::ffff'), 120)).toBe(address('2001:db8::ff00'));
    expect(networkOf(address('2001:db8::ffff'), 0)).toBe(0n);
    fc.assert(fc.property(anyAddress, (a) => networkOf(a, typeof a === 'number' ? 32 : 128) === a));
  });

  it('knows loopback, and what a socket hears', () => {
    expect([address('127.0.0.53'), address('::1'), address('::2'), 0].map(isLoopback)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([hears(0, 1), hears(0, 1n), hears(0n, 1), hears(0n, 1n), hears(1n, 1), hears(1n, 1n)]).toEqual([
      true,
      false,
      true,
      true,
      false,
      true,
    ]);
  });
});

it.each([
  ['10.0.0.1:53', '10.0.0.1', 53],
  ['[2001:db8::1]:53', '2001:db8::1', 53],
])('%s is %s and %i', (text, address, port) => {
  expect(joinEndpoint(address, port)).toBe(text);
  expect(splitEndpoint(text)).toEqual({ address, port });
});

it('octets stand as in a packet', () => {
  expect(octetsOf(address('192.0.2.1'))).toEqual([192, 0, 2, 1]);
  expect(octetsOf(address('2001:db8::1'))).toEqual([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
});

it('picks addresses of a range only', () => {
  const bounds = fc.tuple(anyAddress, fc.nat(100), fc.nat());
  fc.assert(
    fc.property(bounds, ([from, span, draw]) => {
      const to = typeof from === 'number' ? Math.min(0xffffffff, from + span) : from + BigInt(span);
      expect(
        isBetween(
          pickAddress(from, to, (n) => draw % n),
          from,
          to,
        ),
      ).toBe(true);
    }),
  );
});
