import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ColumnStore } from './columns.ts';
import { Recorder, recordKind } from './recorder.ts';

const packet = recordKind('test.packet', { to: 'text', size: 'number', lost: 'flag' });
const tick = recordKind('test.tick', {});

describe('ColumnStore', () => {
  test('gives back what was written, kind by kind and all in order', () => {
    const store = new ColumnStore();
    const recorder = new Recorder(store);
    let now = 0;
    recorder.clock = () => now;
    recorder.write(packet, 'node-1', 1, 'sent', { to: '10.0.0.1', size: 60, lost: false });
    now = 5;
    recorder.write(tick, 'node-2', 0, '', {});
    recorder.write(packet, 'node-2', 2, 'noise', { to: '', size: Number.NaN, lost: true });
    const first = { t: 0, seq: 0, at: 'node-1', trace: 1, cause: 'sent', to: '10.0.0.1', size: 60, lost: false };
    const last = { t: 5, seq: 2, at: 'node-2', trace: 2, cause: 'noise', to: '', size: Number.NaN, lost: true };
    const between = { t: 5, seq: 1, at: 'node-2', trace: 0, cause: '' };
    expect([...store.rows(packet)]).toMatchObject([first, last]);
    expect([...store.rows(tick)]).toMatchObject([between]);
    expect([...store.all()]).toMatchObject([
      { kind: 'test.packet', row: first },
      { kind: 'test.tick', row: between },
      { kind: 'test.packet', row: last },
    ]);
    expect(store.count(packet)).toBe(2);
    expect(store.count(recordKind('test.never', {}))).toBe(0);
  });

  test('any rows, more than one chunk of them, come back as they were', () => {
    const row = fc.record({ size: fc.double(), to: fc.string(), lost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), fc.constantFrom(1, 500), (rows, times) => {
        const store = new ColumnStore();
        const recorder = new Recorder(store);
        const written = Array.from({ length: times }, () => rows).flat();
        for (const [i, fields] of written.entries()) recorder.write(packet, `host-${i % 3}`, i, 'why', fields);
        const back = [...store.rows(packet)].map(({ to, size, lost }) => ({ size, to, lost }));
        expect(back).toEqual(written);
      }),
      { numRuns: 30 },
    );
  });

  test('gives the rows that descend from a root, also those written later', () => {
    const store = new ColumnStore();
    const recorder = new Recorder(store);
    const lookup = recorder.trace(0);
    const other = recorder.trace(0);
    const query = recorder.trace(lookup);
    recorder.write(tick, 'a', query, '', {});
    recorder.write(packet, 'b', lookup, '', { to: '', size: 1, lost: false });
    recorder.write(packet, 'c', other, '', { to: '', size: 1, lost: false });
    const places = (root: number) => [...store.below(root)].map(({ kind, row }) => `${kind} ${row.at}`);
    expect(places(lookup)).toEqual(['test.tick a', 'test.packet b']);
    expect(places(query)).toEqual([]);
    recorder.write(tick, 'd', recorder.trace(query), '', {});
    expect(places(lookup)).toEqual(['test.tick a', 'test.packet b', 'test.tick d']);
  });

  test('knows which strand was caused by which', () => {
    const store = new ColumnStore();
    const recorder = new Recorder(store);
    const lookup = recorder.trace(0);
    const query = recorder.trace(lookup);
    const other = recorder.trace(0);
    const packetOfQuery = recorder.trace(query);
    expect([lookup, query, other, packetOfQuery].map((id) => store.parentOf(id))).toEqual([0, lookup, 0, query]);
    expect(store.descends(packetOfQuery, lookup)).toBe(true);
    expect(store.descends(lookup, lookup)).toBe(true);
    expect(store.descends(packetOfQuery, other)).toBe(false);
    expect(store.descends(lookup, packetOfQuery)).toBe(false);
  });
});
