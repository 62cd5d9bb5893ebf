import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { readCalls, readQueryLog } from './replay.ts';

function csv(text: string) {
  const problems: Problem[] = [];
  const calls = readCalls({ file: 'queries.csv', text }, problems);
  return { calls, problems: problems.map(({ code, line }) => `${code} ${line}`) };
}

function log(text: string, client?: string) {
  const [remarks, problems]: [Problem[], Problem[]] = [[], []];
  const calls = readQueryLog({ file: 'coredns.log', text }, client, remarks, problems);
  return { calls, remarks: remarks.map(({ message }) => message), problems: problems.map(({ code }) => code) };
}

describe('a CSV file of lookups', () => {
  it('by time from the first on, whatever the times count from', () => {
    const text = 'time,name,type\n12.5,b.example.com,AAAA\n12.25,a.example.com,A\n1m,c.example.com,\n';
    expect(csv(text)).toEqual({
      calls: [
        { at: 0, lookup: 'a.example.com', family: 'ipv4' },
        { at: 250_000, lookup: 'b.example.com', family: 'ipv6' },
        { at: 47_750_000, lookup: 'c.example.com' },
      ],
      problems: [],
    });
  });

  it('with dates, in any order of columns', () => {
    const text = 'name,time\na.test,2026-01-31T12:00:00Z\nb.test,2026-01-31T13:00:01.000250+01:00\n';
    expect(csv(text).calls).toEqual([
      { at: 0, lookup: 'a.test' },
      { at: 1_000_250, lookup: 'b.test' },
    ]);
  });

  it.each([
    ['without a heading', '1,a.test\n', ['no-heading 1']],
    [
      'with a time that is none, a name that is none, a type that cannot be',
      'time,name,type\nx,a,A\n1,a..b,A\n2,a,MX\n',
      ['bad-time 2', 'bad-name 3', 'bad-type 4'],
    ],
    ['with a quote that stays open', 'time,name\n1,"a.test\n', ['bad-csv 2']],
    ['that is empty', '', ['no-heading 1']],
  ])('%s', (_, text, problems) => {
    expect(csv(text).problems).toEqual(problems);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => Array.isArray(csv(`time,name\n${text}`).calls)));
  });
});

describe("a query log of CoreDNS's log plugin", () => {
  const lines = [
    '2026-01-31T12:00:00.100000000Z [INFO] 127.0.0.1:43213 - 5566 "HINFO IN 123.456. udp 57 false 512" NXDOMAIN qr,rd,ra 132 0.002s',
    '2026-01-31T12:00:00.200000000Z [INFO] 10.244.1.5:41522 - 61234 "A IN db.example.com.default.svc.cluster.local. udp 62 false 512" NXDOMAIN qr,aa,rd 155 0.000123s',
    '2026-01-31T12:00:00.200000900Z [INFO] 10.244.1.6:41522 - 61235 "AAAA IN db.example.com. tcp 62 false 65535" NOERROR qr,aa,rd 155 0.000123s',
    '2026-01-31T12:00:00.300000000Z [ERROR] plugin/errors: 2 db.example.com. A: read udp 10.244.1.2:1->10.0.0.2:53: i/o timeout',
    '[pod/coredns-1/coredns] 2026-01-31T12:00:00.400Z [INFO] [2001:db8::5]:41522 - 61234 "A IN x.test. udp 62 false 512" NOERROR qr 155 0.1s',
  ];

  it('gives its queries for addresses', () => {
    expect(log(lines.join('\n'))).toEqual({
      calls: [
        { at: 0, lookup: 'db.example.com.default.svc.cluster.local.', family: 'ipv4' },
        { at: 0, lookup: 'db.example.com.', family: 'ipv6' },
        { at: 200_000, lookup: 'x.test.', family: 'ipv4' },
      ],
      remarks: ['queries of type HINFO are left out (1): only A and AAAA are looked up'],
      problems: [],
    });
  });

  it('gives those of one client', () => {
    expect(log(lines.join('\n'), '10.244.1.6').calls).toEqual([{ at: 0, lookup: 'db.example.com.', family: 'ipv6' }]);
    expect(log(lines.join('\n'), '10.244.9.9').problems).toEqual(['no-queries']);
  });

  it('needs the times', () => {
    expect(log('[INFO] 10.244.1.5:41522 - 6 "A IN a.test. udp 62 false 512" NOERROR qr 155 0.1s\n').problems).toEqual([
      'no-time',
    ]);
    expect(log('nothing').problems).toEqual(['no-queries']);
  });
});
