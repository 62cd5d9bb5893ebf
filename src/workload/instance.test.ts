import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import { callsOf } from './calls.ts';
import type { Calls, WorkloadDescription } from './description.ts';
import { workloadLeft } from './instance.ts';

const schedule = { clock: 'program', arrivals: 'regular', burst: 1, pauses: [] } as const;
const lookup = 'a.test';

test.each<[string, Calls, number[]]>([
  ['all that is to come', { kind: 'regular', lookup, startAt: 30, every: 10, count: 2 }, [30, 40]],
  ['on its own grid', { kind: 'regular', lookup, startAt: 3, every: 10, count: 5 }, [33, 43]],
  ['the call of the instant', { kind: 'regular', lookup, startAt: 5, every: 10, count: 4 }, [25, 35]],
  ['nothing of what is over', { kind: 'regular', lookup, startAt: 5, every: 0, count: 1 }, []],
  ['of a list', { kind: 'listed', list: [10, 24, 25, 60].map((at) => ({ at, lookup })) }, [25, 60]],
  [
    'of a schedule',
    { kind: 'scheduled', lookup, schedule: { ...schedule, steps: [{ from: 1, every: 10 }], count: 5 } },
    [31, 41],
  ],
])('at 25 there is left %s', (_, calls, expected) => {
  const resolver = { kind: 'glibc', release: '2.36', resolvConf: { file: '', text: '' } } as const;
  const workload: WorkloadDescription = { kind: 'lookups', name: 'w', host: 'h', resolver, family: 'any', calls };
  const left = workloadLeft(workload, 25);
  if (left.kind !== 'lookups') throw new Error('it is of another kind');
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  expect([...callsOf(simulation, left)].map(({ at }) => at)).toEqual(expected);
});
