import { decode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { query, replyTo } from './build.ts';
import { bytesOf } from './bytes.ts';
import type { Message } from './message.ts';
import type { ResourceRecord } from './record.ts';
import { sizeOf } from './size.ts';
import { parseRecord } from './text.ts';

const lines = [
  'a.test 60 IN A 192.0.2.1',
  'www.a.test 60 IN AAAA 2001:db8::1',
  'w.a.test 5 IN CNAME www.a.test',
  'test 300 IN SOA ns.test host.test 1 7200 900 1209600 60',
  'test 60 IN MX 10 mail.test',
  '_http._tcp.a.test 60 IN SRV 1 2 8080 www.a.test',
  'a.test 60 IN TXT "text" "ü"',
  'a.test 60 IN HINFO "cpu" "os"',
  'a.test 60 IN CAA 0 issue "ca.test"',
  '1.2.0.192.in-addr.arpa 60 IN PTR a.test',
  'test 60 IN NS ns.test',
];
const records = lines.flatMap((line) => parseRecord(line) ?? []);
const anyRecords = fc.array(fc.constantFrom(...records), { maxLength: 40 });

const anyMessage = fc
  .record({
    answer: anyRecords,
    authority: anyRecords,
    additional: anyRecords,
    id: fc.nat(65_535),
    udpSize: fc.option(fc.nat(65_535)),
  })
  .map(({ udpSize, ...sections }): Message => {
    const edns = udpSize === null ? undefined : { udpSize, do: true, version: 0, options: [] };
    return { ...replyTo(query(0, { name: 'a.test.', type: 'A' })), ...sections, edns };
  });

/** What dns-packet calls a record of ours. */
function decoded({ name, ttl, data }: ResourceRecord): object {
  const bare = (text: string) => text.replace(/\.$/, '');
  const common = { name: bare(name), ttl, type: data.type, class: 'IN' };
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return { ...common, data: data.address };
    case 'CNAME':
    case 'NS':
    case 'PTR':
    case 'DNAME':
      return { ...common, data: bare(data.target) };
    case 'MX':
      return { ...common, data: { preference: data.preference, exchange: bare(data.exchange) } };
    case 'SRV': {
      const { priority, weight, port, target } = data;
      return { ...common, data: { priority, weight, port, target: bare(target) } };
    }
    case 'SOA': {
      const { type: _, mname, rname, ...numbers } = data;
      return { ...common, data: { mname: bare(mname), rname: bare(rname), ...numbers } };
    }
    case 'TXT':
      return { ...common, data: data.strings.map((text) => Buffer.from(text)) };
    case 'HINFO':
      return { ...common, data: { cpu: data.cpu, os: data.os } };
    case 'CAA':
      return { ...common, data: { tag: data.tag, value: data.value } };
    case 'other':
      return common;
  }
}

describe('octets of a message', () => {
  it('are as many as counted', () => {
    fc.assert(
      fc.property(anyMessage, fc.boolean(), (message, compress) => {
        expect(bytesOf(message, { compress }).length).toBe(sizeOf(message, { compress }));
      }),
    );
  });

  it('are read back by dns-packet', () => {
    fc.assert(
      fc.property(anyMessage, fc.boolean(), (message, compress) => {
        const packet = decode(Buffer.from(bytesOf(message, { compress })));
        expect(packet).toMatchObject({ id: message.id, flag_qr: true, flag_rd: true, flag_aa: false, flag_tc: false });
        expect(packet.questions).toMatchObject([{ name: 'a.test', type: 'A', class: 'IN' }]);
        expect(packet.answers).toMatchObject(message.answer.map(decoded));
        expect(packet.authorities).toMatchObject(message.authority.map(decoded));
        const opt = message.edns && { type: 'OPT', udpPayloadSize: message.edns.udpSize, flag_do: true };
        expect(packet.additionals).toMatchObject([...message.additional.map(decoded), ...(opt ? [opt] : [])]);
      }),
    );
  });

  it('of a query, by hand (RFC 1035 §4.1)', () => {
    const message = query(0x1234, { name: 'ab.c.', type: 'AAAA' });
    expect([...bytesOf(message, { compress: true })]).toEqual([
      ...[0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0],
      ...[2, 0x61, 0x62, 1, 0x63, 0, 0, 28, 0, 1],
    ]);
  });
});
