import { describe, expect, it } from 'vitest';
import { formatRecord } from '../../dns/text.ts';
import { Zone } from '../../dns/zone.ts';
import { parseZoneFile } from '../../dns/zone-file.ts';
import type { Problem } from '../../problem/problem.ts';
import { lookUp } from './lookup.ts';
import { authorityRules } from './programs.ts';

/** The zone of recording `recursor-auth-shapes`. */
const text = `$ORIGIN demo.
@ 300 IN SOA ns1.demo. host.demo. 1 7200 900 1209600 60
@ 300 IN NS ns1.demo.
@ 300 IN NS ns2.demo.
ns1 300 IN A 192.0.2.11
ns2 300 IN A 192.0.2.12
a 30 IN A 192.0.2.1
www 30 IN CNAME a.demo.
out 30 IN CNAME x.example.
dangle 30 IN CNAME nothere.demo.
loop 30 IN CNAME pool.demo.
pool 30 IN CNAME loop.demo.
mx 60 IN MX 10 a.demo.
srv 60 IN SRV 0 0 80 a.demo.
sub 300 IN NS ns.sub.demo.
ns.sub 300 IN A 192.0.2.50
*.wild 30 IN A 192.0.2.60
`;
const problems: Problem[] = [];
const zone = new Zone(
  'demo.',
  parseZoneFile({ file: 'zone', text }, 'demo.', problems).map(({ record }) => record),
);

const soa = 'demo. 60 IN SOA ns1.demo. host.demo. 1 7200 900 1209600 60';

describe('what an authority says (recording recursor-auth-shapes)', () => {
  it.each<[question: string, rcode: string, answer: string[], authority?: string[], additional?: string[]]>([
    ['a.demo. A', 'NOERROR', ['a.demo. 30 IN A 192.0.2.1']],
    ['nothere.demo. A', 'NXDOMAIN', [], [soa]],
    ['a.demo. AAAA', 'NOERROR', [], [soa]],
    ['wild.demo. A', 'NOERROR', [], [soa]],
    ['www.demo. A', 'NOERROR', ['www.demo. 30 IN CNAME a.demo.', 'a.demo. 30 IN A 192.0.2.1']],
    ['www.demo. CNAME', 'NOERROR', ['www.demo. 30 IN CNAME a.demo.']],
    ['www.demo. AAAA', 'NOERROR', ['www.demo. 30 IN CNAME a.demo.'], [soa]],
    ['out.demo. A', 'NOERROR', ['out.demo. 30 IN CNAME x.example.']],
    ['dangle.demo. A', 'NXDOMAIN', ['dangle.demo. 30 IN CNAME nothere.demo.'], [soa]],
    ['loop.demo. A', 'NOERROR', ['loop.demo. 30 IN CNAME pool.demo.', 'pool.demo. 30 IN CNAME loop.demo.']],
    ['mx.demo. MX', 'NOERROR', ['mx.demo. 60 IN MX 10 a.demo.'], [], ['a.demo. 30 IN A 192.0.2.1']],
    ['srv.demo. SRV', 'NOERROR', ['srv.demo. 60 IN SRV 0 0 80 a.demo.'], [], ['a.demo. 30 IN A 192.0.2.1']],
    [
      'demo. NS',
      'NOERROR',
      ['demo. 300 IN NS ns1.demo.', 'demo. 300 IN NS ns2.demo.'],
      [],
      ['ns1.demo. 300 IN A 192.0.2.11', 'ns2.demo. 300 IN A 192.0.2.12'],
    ],
    ['q.wild.demo. A', 'NOERROR', ['q.wild.demo. 30 IN A 192.0.2.60']],
    ['p.q.wild.demo. A', 'NOERROR', ['p.q.wild.demo. 30 IN A 192.0.2.60']],
    ['q.wild.demo. AAAA', 'NOERROR', [], [soa]],
    ['a.demo. ANY', 'NOERROR', ['a.demo. 30 IN A 192.0.2.1']],
    ['A.DeMo. A', 'NOERROR', ['A.DeMo. 30 IN A 192.0.2.1']],
    ['demo. SOA', 'NOERROR', ['demo. 300 IN SOA ns1.demo. host.demo. 1 7200 900 1209600 60']],
  ])('%s', (question, rcode, answer, authority = [], additional = []) => {
    const [name = '', type = ''] = question.split(' ');
    const reply = lookUp(zone, { name, type, class: 'IN' }, authorityRules('knot'));
    expect({
      rcode: reply.rcode,
      aa: reply.aa,
      answer: reply.answer.map(formatRecord),
      authority: reply.authority.map(formatRecord),
      additional: reply.additional.map(formatRecord),
    }).toEqual({ rcode, aa: true, answer, authority, additional });
  });

  it('refers to the servers of a delegated zone, without AA', () => {
    const { aa, authority, additional } = lookUp(
      zone,
      { name: 'x.sub.demo.', type: 'A', class: 'IN' },
      authorityRules('knot'),
    );
    expect({ aa, authority: authority.map(formatRecord), additional: additional.map(formatRecord) }).toEqual({
      aa: false,
      authority: ['sub.demo. 300 IN NS ns.sub.demo.'],
      additional: ['ns.sub.demo. 300 IN A 192.0.2.50'],
    });
  });

  it.each([
    ['bind', 'SERVFAIL', 2],
    ['powerdns', 'SERVFAIL', 0],
    ['nsd', 'NOERROR', 2],
  ] as const)('aliases that lead back (recording recursor-n-auth-kinds): %s', (software, rcode, told) => {
    const reply = lookUp(zone, { name: 'loop.demo.', type: 'A', class: 'IN' }, authorityRules(software));
    expect([reply.rcode, reply.answer.length]).toEqual([rcode, told]);
  });

  it.each([
    ['bind', ['SOA', 'NS', 'NS']],
    ['nsd', ['SOA']],
    ['knot', ['NS', 'NS']],
  ] as const)('ANY (recording recursor-n-auth-kinds): %s', (software, types) => {
    const reply = lookUp(zone, { name: 'demo.', type: 'ANY', class: 'IN' }, authorityRules(software));
    expect(reply.answer.map(({ data }) => data.type)).toEqual(types);
  });
});
