import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder, recordKind } from '../engine/recorder.ts';
import { EventStream, writeEvents } from './events.ts';

const packet = recordKind('test.packet', { to: 'text', size: 'number', lost: 'flag' });
const tick = recordKind('test.tick', {});

function eventLines(store: ColumnStore, wanted: 'all' | { readonly alike: readonly number[][] }): string[] {
  const decoder = new TextDecoder();
  let text = '';
  writeEvents(store, wanted, (octets) => {
    text += decoder.decode(octets, { stream: true });
  });
  return text.split(/(?<=\n)/);
}

test('a stream writes the lines that a kept run would', () => {
  const streamed: string[] = [];
  const store = new ColumnStore();
  for (const sink of [store, new EventStream((line) => streamed.push(line))]) {
    const recorder = new Recorder(sink);
    recorder.clock = () => 1_500_000;
    recorder.write(packet, 'node-1', recorder.trace(0), 'sent', { to: '10.0.0.1', size: Number.NaN, lost: true });
    recorder.write(tick, 'node-2', 0, '', {});
  }
  expect(streamed).toEqual([
    '{"t":1.5,"seq":0,"at":"node-1","kind":"test.packet","cause":"sent","trace":1,"to":"10.0.0.1","lost":true}\n',
    '{"t":1.5,"seq":1,"at":"node-2","kind":"test.tick","cause":"","trace":0}\n',
  ]);
  expect(eventLines(store, 'all')).toEqual(streamed);
});

test('of a strand that caused very many, the first and the last are told, and how much lies between', () => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  let now = 0;
  recorder.clock = () => now;
  const query = recorder.trace(recorder.trace(0));
  const write = (trace: number) => recorder.write(tick, 'node-1', trace, '', {});
  for (let attempt = 0; attempt < 200; attempt++) {
    now = 1_000_000 + attempt;
    const child = recorder.trace(query);
    write(child);
    write(recorder.trace(child));
    write(query);
  }
  const lines = eventLines(store, { alike: [] });
  const shown = lines.map((line) => JSON.parse(line));
  expect(shown.filter(({ trace }) => trace === query).length).toBe(200 + 1);
  expect(shown.filter(({ trace }) => trace !== query).length).toBe(2 * (100 + 20));
  expect(lines.filter((line) => line.includes('left-out'))).toEqual([
    '{"t":1.0001,"seq":300,"at":"","kind":"left-out","cause":"storm","trace":2,"strands":160,"records":160,"until":1.000179,"with":"--all-events"}\n',
  ]);
  expect(shown.findIndex(({ kind }) => kind === 'left-out')).toBe(300);
  expect(eventLines(store, 'all').length).toBe(600);
});

test('of many strands that are alike, too, and of what they caused', () => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  const alike: number[] = [];
  for (let lookup = 0; lookup < 130; lookup++) {
    const root = recorder.trace(0);
    alike.push(root);
    recorder.write(tick, 'node-1', root, '', {});
    recorder.write(tick, 'node-1', recorder.trace(root), '', {});
  }
  recorder.write(tick, 'node-1', recorder.trace(0), '', {});
  const lines = eventLines(store, { alike: [alike] });
  expect(lines.length).toBe(2 * (100 + 20) + 1 + 1);
  expect(lines[200]).toBe(
    '{"t":0,"seq":200,"at":"","kind":"left-out","cause":"alike","trace":1,"strands":20,"records":20,"until":0,"with":"--all-events"}\n',
  );
});

test('a line is the JSON of its record, whatever stands in it', () => {
  const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeNat());
  const fields = fc.record({ to: fc.string({ unit: 'binary' }), size: number, lost: fc.boolean() });
  const record = fc.record({ t: fc.maxSafeNat(), at: fc.string(), fields });
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 15 }), fc.constantFrom(1, 20), (records, times) => {
      const store = new ColumnStore();
      const recorder = new Recorder(store);
      const expected: string[] = [];
      // What a column says seldom is written otherwise than what it says often.
      for (let seq = 0; seq < records.length * times; seq++) {
        const { t, at, fields } = records[seq % records.length] ?? { t: 0, at: '', fields: undefined };
        if (fields === undefined) continue;
        const to = `${fields.to}${Math.floor(seq / records.length)}`;
        recorder.clock = () => t;
        recorder.write(packet, at, 7, 'sent', { ...fields, to });
        const { size, lost } = fields;
        const header = { t: t / 1_000_000, seq, at, kind: 'test.packet', cause: 'sent', trace: 7 };
        expected.push(`${JSON.stringify({ ...header, to, ...(Number.isNaN(size) ? {} : { size }), lost })}\n`);
      }
      expect(eventLines(store, 'all')).toEqual(expected);
    }),
    { numRuns: 10 },
  );
});

test('texts longer than a piece of the file are written whole', () => {
  const store = new ColumnStore();
  const recorder = new Recorder(store);
  const to = 'ä'.repeat(300_000);
  for (const lost of [true, false]) recorder.write(packet, 'node-1', 0, '', { to, size: 0.1, lost });
  const lines = eventLines(store, 'all').map((line) => JSON.parse(line));
  expect(lines.map(({ lost }) => lost)).toEqual([true, false]);
  expect(lines.every((line) => line.to === to && line.size === 0.1)).toBe(true);
});
