import { describe, expect, it } from 'vitest';
import { formatRecord, parseRecord, ttlSeconds } from './text.ts';

const octetsOf = (line: string) => {
  const data = parseRecord(line)?.data;
  return data?.type === 'other' ? Array.from(data.octets, (o) => o.toString(16).padStart(2, '0')).join('') : undefined;
};

describe('records as text', () => {
  it.each([
    'a.test. 30 IN A 192.0.2.1',
    'A.Example.TEST. 60 IN A 192.0.2.1',
    'a.test. 60 IN AAAA 2001:db8::77',
    'four.a.test. 30 IN AAAA 64:ff9b::c000:201',
    'WWW.test. 30 IN CNAME node.test.',
    'demo. 300 IN SOA ns.demo. host.demo. 1 7200 900 1209600 60',
    '_udp.a.test. 0 IN SRV 0 0 40052 .',
    'm.demo. 59 IN MX 10 mx.demo.',
    '. 60 IN TXT "root"',
    'a.test. 60 IN TXT "a \\"b\\"" "c"',
    't18.example.org. 60 IN CAA 0 issue "ca00.example.net"',
    't21.example.org. 60 IN HINFO "CPU-00" "OS"',
    'a.test. 29 IN RRSIG A 13 2 60 20360101000000 20200101000000 12345 test. AAAA',
  ])('%s comes out as it went in', (line) => {
    expect(formatRecord(parseRecord(line) ?? { name: '', ttl: 0, class: '', data: { type: 'A', address: '' } })).toBe(
      line,
    );
  });

  it.each([
    ['a.test 60 IN CNAME d.test.', 'a.test. 60 IN CNAME d.test.'],
    ['a.test 60 IN TXT t', 'a.test. 60 IN TXT "t"'],
    ['a.test 60 IN SPF v=spf1', 'a.test. 60 IN SPF "v=spf1"'],
    ['a.test 60 IN NSEC b.test A', 'a.test. 60 IN NSEC b.test. A'],
    ['a 60 IN NAPTR 0 10 "S" "SIP+D2U" "" _sip.a', 'a. 60 IN NAPTR 0 10 "S" "SIP+D2U" "" _sip.a.'],
    ['a.test 60 IN AAAA 2001:DB8:0:0:0:0:0:1', 'a.test. 60 IN AAAA 2001:db8::1'],
    ['a.test 60 IN AAAA 2001:db8:0:0:1:0:0:1', 'a.test. 60 IN AAAA 2001:db8::1:0:0:1'],
    ['a.test 60 IN AAAA 0:0:0:0:0:0:0:0', 'a.test. 60 IN AAAA ::'],
    ['a.test 60 IN AAAA ::ffff:192.0.2.1', 'a.test. 60 IN AAAA ::ffff:192.0.2.1'],
  ])('%s is printed %s', (line, printed) => {
    const record = parseRecord(line);
    expect(record && formatRecord(record)).toBe(printed);
  });

  it.each([
    'a.test. 30 IN A 192.0.2.256',
    'a.test. 30 IN A 010.0.2.1',
    'a.test. 30 IN AAAA 1::2::3',
    'a.test. 30 IN AAAA 1:2:3',
    'a.test. 30 IN MX mx.test.',
    'a.test. 30 IN FOO x',
    'a.test. x IN A 192.0.2.1',
    'a.test. 30 IN A',
    '',
  ])('%j is no record', (line) => {
    expect(parseRecord(line)).toBeUndefined();
  });

  it('knows the octets of types that are only carried (RFC 4034 §4.3, RFC 9460 appendix D)', () => {
    expect(octetsOf('alfa.example.com. 86400 IN NSEC host.example.com. A MX RRSIG NSEC TYPE1234')).toBe(
      `04686f7374076578616d706c6503636f6d000006400100000003041b${'00'.repeat(26)}20`,
    );
    expect(octetsOf('example.com. 60 IN HTTPS 16 foo.example.com. port=53')).toBe(
      '001003666f6f076578616d706c6503636f6d00000300020035',
    );
    expect(octetsOf('a. 60 IN RRSIG A 5 3 86400 20030322173103 20030220173103 2642 b. AAAA')).toBe(
      '00010503000151803e7c9dd73e5510d70a52016200000000',
    );
  });

  it.each([
    ['300', 300],
    ['1h30m', 5400],
    ['2W', 1_209_600],
    ['5q', undefined],
    ['-1', undefined],
    ['99999999999', undefined],
  ])('TTL %s is %s seconds', (text, seconds) => {
    expect(ttlSeconds(text)).toBe(seconds);
  });
});
