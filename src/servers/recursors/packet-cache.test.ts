import { expect, it } from 'vitest';
import { query, replyTo } from '../../dns/build.ts';
import type { Rcode } from '../../dns/message.ts';
import { parseRecord } from '../../dns/text.ts';
import { second } from '../../engine/time.ts';
import { PacketCache, type Packets } from './packet-cache.ts';

function asked(name: string, udpSize?: number) {
  const edns = udpSize === undefined ? undefined : { udpSize, do: false, version: 0, options: [] };
  const message = query(1, { name, type: 'A' }, edns === undefined ? {} : { edns });
  return { message, protocol: 'udp', trace: 0 } as const;
}

function ttlAfter(rules: Packets, answer: string[], rcode: Rcode, seconds: number): number | string | undefined {
  const cache = new PacketCache(rules);
  const told = asked('a.demo.');
  const records = answer.flatMap((line) => parseRecord(line) ?? []);
  cache.keep(told, { ...replyTo(told.message, rcode), answer: records }, 0.5 * second);
  const found = cache.find(asked('A.demo.'), (0.5 + seconds) * second);
  return found && (found.reply.answer[0]?.ttl ?? found.reply.rcode);
}

/** Recordings `recursor-m-pdns-options` and `recursor-n-pdns-packets`. */
it.each<
  [of: string, rules: Packets, answer: string[], rcode: Rcode, seconds: number, told: number | string | undefined]
>([
  ['an answer', { ttl: 86_400, failureTtl: 60 }, ['a.demo. 8 IN A 192.0.2.1'], 'NOERROR', 5, 3],
  ['whose TTL is over', { ttl: 86_400, failureTtl: 60 }, ['a.demo. 8 IN A 192.0.2.1'], 'NOERROR', 8, undefined],
  ['kept for less than its TTL', { ttl: 5, failureTtl: 60 }, ['a.demo. 8 IN A 192.0.2.1'], 'NOERROR', 5, undefined],
  ['a failure', { ttl: 86_400, failureTtl: 60 }, [], 'SERVFAIL', 59, 'SERVFAIL'],
  ['a denial without SOA', { ttl: 86_400, failureTtl: 3 }, [], 'NXDOMAIN', 3, undefined],
  ['nothing is kept', { ttl: 0, failureTtl: 60 }, ['a.demo. 8 IN A 192.0.2.1'], 'NOERROR', 1, undefined],
])('%s', (_of, rules, answer, rcode, seconds, told) => {
  expect(ttlAfter(rules, answer, rcode, seconds)).toBe(told);
});

it('knows queries of another form as others', () => {
  const cache = new PacketCache({ ttl: 60, failureTtl: 60 });
  const plain = asked('a.demo.');
  cache.keep(plain, replyTo(plain.message, 'SERVFAIL'), 0);
  expect(cache.find(asked('a.demo.', 1232), second)).toBeUndefined();
});

it.each([
  [
    'an answer',
    { ttl: 60, failureTtl: 5 },
    'NOERROR',
    ['a.demo. 8 IN A 192.0.2.1'],
    { ttl: 8, recordTtl: 8, clamp: 'whole reply' },
  ],
  [
    'kept for less',
    { ttl: 5, failureTtl: 60 },
    'NOERROR',
    ['a.demo. 8 IN A 192.0.2.1'],
    { ttl: 5, recordTtl: 8, clamp: 'packetcache-ttl 5' },
  ],
  [
    'a failure',
    { ttl: 60, failureTtl: 5 },
    'SERVFAIL',
    [],
    { ttl: 5, recordTtl: Number.NaN, clamp: 'packetcache-servfail-ttl 5' },
  ],
] as const)('notes what set the life of %s', (_of, rules, rcode, answer, noted) => {
  const cache = new PacketCache(rules);
  const told = asked('a.demo.');
  const records = answer.flatMap((line) => parseRecord(line) ?? []);
  cache.keep(told, { ...replyTo(told.message, rcode), answer: records }, 0);
  expect(cache.find(told, second)?.noted).toMatchObject(noted);
});
