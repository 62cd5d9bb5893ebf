import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder, recordKind } from '../engine/recorder.ts';
import { traceOf } from './records.ts';

it('unites every records.ts of the rooms', () => {
  const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  const files = readdirSync(new URL('..', import.meta.url), { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('/records.ts') && read(name).includes('= recordKind('));
  const union = read('trace/records.ts');
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !union.includes(`'../${file}'`))).toEqual([]);
});

it('refuses a record that no room declares', () => {
  const store = new ColumnStore();
  new Recorder(store).write(recordKind('nobody.knows', {}), '', 0, '', {});
  expect(() => [...traceOf(store)]).toThrow('records of kind nobody.knows are declared in no room');
});
