import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { formatRecord } from './text.ts';
import { checkZone, parseZoneFile } from './zone-file.ts';

function parse(text: string, origin = 'example.com.') {
  const problems: Problem[] = [];
  const source = { file: 'example.com.zone', text };
  const records = parseZoneFile(source, origin, problems);
  checkZone(source, origin, records, problems);
  return {
    records: records.map(({ record }) => formatRecord(record)),
    problems: problems.map((p) => `${p.line}:${p.column} ${p.code}: ${p.message}`),
    hints: problems.map((p) => p.hint),
  };
}

const soa = '@ 60 IN SOA ns host 1 7200 900 1209600 60\n';

describe('zone file', () => {
  it('includes files, below an origin of their own (corefile-file-include-origin)', () => {
    const files: Record<string, string> = {
      'in.zone': 'x A 10.0.0.7\n$TTL 5\n$INCLUDE deep.zone\n',
      'deep.zone': 'y A 10.0.0.8\n',
    };
    const source = { file: 'a.zone', text: '$TTL 60\n$INCLUDE in.zone in\nz A 10.0.0.9\n$INCLUDE a.zone\n' };
    const problems: Problem[] = [];
    const include = (path: string) => ({ file: path, text: files[path] ?? source.text });
    const records = parseZoneFile(source, 'a.test.', problems, include).map(({ record }) => formatRecord(record));
    expect(records.slice(0, 3)).toEqual([
      'x.in.a.test. 60 IN A 10.0.0.7',
      'y.in.a.test. 5 IN A 10.0.0.8',
      'z.a.test. 60 IN A 10.0.0.9',
    ]);
    expect(problems.map(({ line, code }) => `${line} ${code}`)).toEqual(['3 no-file', '2 no-file', '4 no-file']);
  });

  it('reads the authority of recording path-failover-recursor-ttl60', () => {
    const text =
      '$TTL 60\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.100.22\nredis 60 IN A 10.0.0.1\n';
    expect(parse(text)).toEqual({
      records: [
        'example.com. 60 IN SOA ns.example.com. host.example.com. 1 7200 900 1209600 60',
        'example.com. 60 IN NS ns.example.com.',
        'ns.example.com. 60 IN A 192.168.100.22',
        'redis.example.com. 60 IN A 10.0.0.1',
      ],
      problems: [],
      hints: [],
    });
  });

  it.each<[name: string, text: string, records: string[]]>([
    [
      'TTL and class in either order, or not at all',
      'a IN 5 A 192.0.2.1\nb 5 IN A 192.0.2.2\nc A 192.0.2.3\n',
      ['a.example.com. 5 IN A 192.0.2.1', 'b.example.com. 5 IN A 192.0.2.2', 'c.example.com. 5 IN A 192.0.2.3'],
    ],
    [
      'the owner of the line before',
      'a 5 A 192.0.2.1\n  A 192.0.2.2\n\t7 A 192.0.2.3\n',
      ['a.example.com. 5 IN A 192.0.2.1', 'a.example.com. 5 IN A 192.0.2.2', 'a.example.com. 7 IN A 192.0.2.3'],
    ],
    [
      '$ORIGIN, relative itself',
      '$ORIGIN eu\na 5 A 192.0.2.1\n$ORIGIN org.example.com.\n@ 5 A 192.0.2.2\n',
      ['a.eu.example.com. 5 IN A 192.0.2.1', 'org.example.com. 5 IN A 192.0.2.2'],
    ],
    [
      'units of TTLs',
      '$TTL 1h30m\na A 192.0.2.1\nb 1W2d A 192.0.2.2\n',
      ['a.example.com. 5400 IN A 192.0.2.1', 'b.example.com. 777600 IN A 192.0.2.2'],
    ],
    [
      'comments, quotes and a semicolon inside of them',
      'a 5 TXT "x;y" z ; the end\n; nothing\n',
      ['a.example.com. 5 IN TXT "x;y" "z"'],
    ],
    ['parentheses over lines', 'a 5 MX ( 10 ; ten\n  mail\n)\n', ['a.example.com. 5 IN MX 10 mail.example.com.']],
    [
      'names that look like types or numbers',
      'a 5 CNAME 300\nmx 5 A 192.0.2.1\n300 5 A 192.0.2.2\n',
      [
        'a.example.com. 5 IN CNAME 300.example.com.',
        'mx.example.com. 5 IN A 192.0.2.1',
        '300.example.com. 5 IN A 192.0.2.2',
      ],
    ],
    [
      'letters as written, types in any case',
      'A.b 5 in cname WWW.Example.ORG.\n',
      ['A.b.example.com. 5 IN CNAME WWW.Example.ORG.'],
    ],
    ['line ends of Windows', 'a 5 A 192.0.2.1\r\n', ['a.example.com. 5 IN A 192.0.2.1']],
    [
      'SRV and wildcards',
      '*._tcp 5 SRV 0 1 6379 redis\n',
      ['*._tcp.example.com. 5 IN SRV 0 1 6379 redis.example.com.'],
    ],
  ])('takes %s', (_, text, records) => {
    expect(parse(soa + text)).toEqual({
      records: ['example.com. 60 IN SOA ns.example.com. host.example.com. 1 7200 900 1209600 60', ...records],
      problems: [],
      hints: [],
    });
  });

  it('takes the SOA minimum where there is no TTL at all (RFC 1035)', () => {
    expect(parse('@ IN SOA ns host 1 7200 900 1209600 45\n').records).toEqual([
      'example.com. 45 IN SOA ns.example.com. host.example.com. 1 7200 900 1209600 45',
    ]);
  });

  it.each<[text: string, problem: string, hint: string]>([
    ['a 5 A 10.0.0\n', '2:7 bad-data: 10.0.0 is no data of type A', 'expected: A 192.0.2.1'],
    ['a 5 A\n', '2:5 bad-data: A has no data', 'expected: A 192.0.2.1'],
    ['a 5 CNMAE b\n', '2:5 unknown-type: unknown record type CNMAE', 'did you mean CNAME?'],
    ['a 5q A 192.0.2.1\n', '2:3 bad-ttl: 5q is no TTL', 'seconds up to 2147483647, or 5m, 1h30m'],
    ['a..b 5 A 192.0.2.1\n', '2:1 bad-name: a..b is no domain name', 'labels have 1 to 63 octets, a name at most 255'],
    ['a 5 CH TXT x\n', '2:5 not-modelled: class CH is not modelled', 'only IN is'],
    ['a 5 MX 10 ( mail\n', '2:11 open-parenthesis: this ( is never closed', 'add the ) that ends the record'],
    ['a 5 A 192.0.2.1 )\n', '2:17 stray-parenthesis: this ) closes nothing', 'remove it, or open a ( before it'],
    ['a 5 TXT "x\n', '2:9 open-quote: a quoted text is not closed on its line', 'add the closing "'],
    ['$TTl\n', '2:1 bad-ttl: $TTL needs a number of seconds', '$TTL 300 or $TTL 5m'],
    ['$ORIGN x.\n', '2:1 unknown-control: unknown control entry $ORIGN', 'did you mean $ORIGIN?'],
    ['$INCLUDE x\n', '2:1 not-modelled: $INCLUDE is not modelled', 'write the records out in this file'],
    [
      'a.test. 5 A 192.0.2.1\n',
      '2:1 out-of-zone: a.test. is outside of the zone example.com.',
      'a name without final dot is relative to the origin',
    ],
    [soa, '2:1 second-soa: a zone has one SOA record', 'remove this one'],
    [
      'a 5 CNAME b\na 5 A 192.0.2.1\n',
      '3:1 cname-and-other-data: a.example.com. has a CNAME and other records',
      'a CNAME stands alone',
    ],
    ['lonely\n', '2:1 no-type: the record has no type', 'a record is: name ttl IN type data'],
  ])('refuses %j', (text, problem, hint) => {
    const { problems, hints } = parse(soa + text);
    expect(problems).toEqual([problem]);
    expect(hints).toEqual([hint]);
  });

  it('names all faults at once', () => {
    expect(parse('a A 192.0.2.1\nb 5 A x\n').problems).toEqual([
      '1:3 no-ttl: the record has no TTL and none is set before it',
      '2:7 bad-data: x is no data of type A',
      '1:1 no-soa: the zone example.com. has no SOA record',
    ]);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.constantFrom(
      '@',
      'a',
      '$TTL',
      '$ORIGIN',
      ' ',
      '\n',
      '(',
      ')',
      '"',
      ';',
      '\\',
      'IN',
      'A',
      'SOA',
      '5',
      '1.2.3.4',
      '.',
      '\t',
      'TXT',
      'NSEC',
      'HTTPS',
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((p) => p.join('')),
        (text) => void parse(text),
      ),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(text)));
  });
});
