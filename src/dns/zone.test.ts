import { describe, expect, it } from 'vitest';
import { formatRecord, parseRecord } from './text.ts';
import { Zone } from './zone.ts';

const records = (...lines: string[]) => lines.flatMap((line) => parseRecord(line) ?? []);

describe('Zone', () => {
  const zone = new Zone(
    'example.com.',
    records(
      'example.com. 60 IN SOA ns.example.com. host.example.com. 4294967295 7200 900 1209600 60',
      'A.b.Example.com. 60 IN A 192.0.2.1',
      'a.b.example.com. 60 IN A 192.0.2.2',
    ),
  );

  it('finds sets whatever the letters case, in the order of the file', () => {
    expect(zone.set('a.B.example.com.', 'A').map(formatRecord)).toEqual([
      'A.b.Example.com. 60 IN A 192.0.2.1',
      'a.b.example.com. 60 IN A 192.0.2.2',
    ]);
  });

  it('has names that only have names below them (RFC 4592 §2.2.2)', () => {
    expect([zone.has('b.example.com.'), zone.has('c.example.com.'), zone.has('com.')]).toEqual([true, false, false]);
  });

  it('replaces the records of a name and type, adds new ones and raises the serial', () => {
    const changed = zone.replacing(records('a.b.example.com. 5 IN A 192.0.2.9', 'new.example.com. 5 IN TXT "x"'));
    expect(changed.records.map(formatRecord)).toEqual([
      'example.com. 60 IN SOA ns.example.com. host.example.com. 0 7200 900 1209600 60',
      'a.b.example.com. 5 IN A 192.0.2.9',
      'new.example.com. 5 IN TXT "x"',
    ]);
    expect(zone.records).toHaveLength(3);
  });

  it('finds the highest cut above a name, but the zone itself answers DS of the cut', () => {
    const cut = new Zone('a.test.', records('sub.a.test. 60 IN NS ns.x.test.', 'b.sub.a.test. 60 IN NS ns.y.test.'));
    const servers = (name: string, type: string) => cut.delegation(name, type).map(formatRecord);
    expect(servers('c.b.sub.a.test.', 'A')).toEqual(['sub.a.test. 60 IN NS ns.x.test.']);
    expect(servers('sub.a.test.', 'DS')).toEqual([]);
    expect(servers('a.test.', 'NS')).toEqual([]);
  });

  it('lets a wildcard stand for what is not there, below the closest name that is (RFC 4592 §2.2.1)', () => {
    const wild = new Zone('a.test.', records('*.a.test. 60 IN A 192.0.2.1', 'x.y.a.test. 60 IN A 192.0.2.2'));
    expect(['n.a.test.', 'm.n.a.test.', 'y.a.test.', 'z.y.a.test.'].map((name) => wild.ownerFor(name))).toEqual([
      '*.a.test.',
      '*.a.test.',
      'y.a.test.',
      undefined,
    ]);
  });
});
