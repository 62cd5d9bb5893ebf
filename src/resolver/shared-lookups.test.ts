import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { type Process, sleep } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import type { Lookup, LookupResult } from './lookup.ts';
import { SharedLookups } from './shared-lookups.ts';

const db: Lookup = { name: 'db.example.com.', family: 'ipv4' };

test('a lookup that one of those who waited begins at once is shared by who comes after', () => {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  let made = 0;
  const lookUp = function* (): Process<LookupResult> {
    made++;
    yield* sleep(10);
    return { result: 'OK', addresses: [], printed: '', errno: 0 };
  };
  const shared = new SharedLookups({ simulation, noteShared: () => {} }, lookUp);
  const asks = function* (after: number, times: number): Process {
    yield* sleep(after);
    for (let i = 0; i < times; i++) yield* shared.lookup(db, 1);
  };
  simulation.spawn(asks(0, 2));
  simulation.spawn(asks(1, 1));
  simulation.spawn(asks(15, 1));
  simulation.run(100);
  expect(made).toBe(2);
});
