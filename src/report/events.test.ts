import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder, recordKind } from '../engine/recorder.ts';
import { EventStream, eventLines } from './events.ts';

const packet = recordKind('test.packet', { to: 'text', size: 'number', lost: 'flag' });
const tick = recordKind('test.tick', {});

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
  expect([...eventLines(store)]).toEqual(streamed);
});
