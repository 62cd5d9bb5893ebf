import { describe, expect, it } from 'vitest';
import { query, replyTo } from '../dns/build.ts';
import type { Message } from '../dns/message.ts';
import type { ResourceRecord } from '../dns/record.ts';
import { decode, encode, frame } from './decode.ts';
import { Garbage } from './payload.ts';

const address = (i: number): ResourceRecord => {
  return { name: 'api-push.vivo.com.cn.', ttl: 60, class: 'IN', data: { type: 'A', address: `192.0.2.${i}` } };
};

/** Twenty addresses of a name of 22 octets: 758 octets uncompressed, 358 compressed; 11 more with OPT. */
function reply(withOpt = false): Message {
  const edns = withOpt ? { udpSize: 1232, do: false, version: 0, options: [] } : undefined;
  const answer = Array.from({ length: 20 }, (_, i) => address(i + 1));
  return { ...replyTo(query(7, { name: 'api-push.vivo.com.cn.', type: 'A' })), answer, edns };
}

/** The error, or how many answers came through. */
function outcome(message: Message, compress: boolean, buffer: number): string | number | undefined {
  const decoded = decode(encode(message, { compress }), buffer);
  if (decoded === undefined) return undefined;
  return 'unpackError' in decoded ? decoded.unpackError : decoded.message.answer.length;
}

describe('a datagram that its buffer cuts (coredns.md 2a)', () => {
  // 38 octets, then records of 22 + 10 + 4.
  it.each<[name: string, buffer: number, outcome: string | number]>([
    ['nothing cut', 758, 20],
    ['between records: the rest is just missing', 38 + 36 * 13, 13],
    ['512: 6 octets of the fourteenth record', 512, 'dns: buffer size too small'],
    ['in the owner, last octet', 38 + 36 + 21, 'dns: buffer size too small'],
    ['behind the owner', 38 + 36 + 22, 'dns: overflow unpacking uint16'],
    ['in the class', 38 + 36 + 25, 'dns: overflow unpacking uint16'],
    ['in the TTL', 38 + 36 + 26, 'dns: overflow unpacking uint32'],
    ['in the data length', 38 + 36 + 30, 'dns: overflow unpacking uint16'],
    ['in the data', 38 + 36 + 32, 'dns: overflowing header size'],
    ['in the question', 20, 'dns: buffer size too small'],
  ])('uncompressed, %s', (_, buffer, expected) => {
    expect(outcome(reply(), false, buffer)).toBe(expected);
  });

  it.each<[buffer: number, outcome: string | number]>([
    [38 + 16, 1],
    [38 + 16 + 1, 'dns: buffer size too small'],
    [38 + 16 + 2, 'dns: overflow unpacking uint16'],
    [38 + 16 + 6, 'dns: overflow unpacking uint32'],
    [38 + 16 + 10, 'dns: overflow unpacking uint16'],
    [38 + 16 + 12, 'dns: overflowing header size'],
  ])('compressed, at %i', (buffer, expected) => {
    expect(outcome(reply(), true, buffer)).toBe(expected);
  });

  it.each<[buffer: number, outcome: string | number]>([
    [768, 'dns: overflow unpacking uint16'],
    [758, 20],
  ])('with OPT as its tail, at %i', (buffer, expected) => {
    expect(outcome(reply(true), false, buffer)).toBe(expected);
  });

  it('keeps the head of a message that could not be unpacked, so that its id can be matched', () => {
    const decoded = decode(encode(reply(), { compress: false }), 512);
    expect(decoded !== undefined && 'unpackError' in decoded && decoded.head?.id).toBe(7);
  });
});

describe('payloads', () => {
  it('in a stream stand behind two octets of length', () => {
    expect(frame(reply(), { compress: true }).size).toBe(360);
  });

  it('that are too short for a header cannot be read', () => {
    expect(decode(new Garbage(5))).toEqual({ unpackError: 'dns: short read', head: undefined });
  });

  it('that are not DNS are nothing', () => {
    expect(decode({ size: 100 })).toBeUndefined();
  });
});
