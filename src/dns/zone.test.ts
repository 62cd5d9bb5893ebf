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
});
