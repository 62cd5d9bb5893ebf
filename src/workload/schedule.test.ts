import { expect, test } from 'vitest';
import { randomStream } from '../engine/random.ts';
import { second } from '../engine/time.ts';
import { workloadAt } from './instance.ts';
import { type Schedule, timesOf } from './schedule.ts';

const plain = { arrivals: 'regular', burst: 1, pauses: [], clock: 'run' } as const;
const step = (from: number, perSecond: number) => ({ from: from * second, every: second / perSecond });

function times(schedule: Schedule, until: number): number[] {
  const found: number[] = [];
  for (const time of timesOf(schedule, randomStream('1', 'arrivals'))) {
    if (time > until * second) break;
    found.push(time / second);
  }
  return found;
}

test('a rate that changes: what is left of a gap passes at the new pace', () => {
  // One a second until 1.5 s, where half a gap is left; four a second: an eighth of a second for it.
  expect(times({ ...plain, steps: [step(0, 1), step(1.5, 4)] }, 2.2)).toEqual([0, 1, 1.625, 1.875, 2.125]);
});

test('none at a rate of 0, and on again where it left off', () => {
  const steps = [step(0, 1), step(0.5, 0), step(10, 1)];
  expect(times({ ...plain, steps }, 12)).toEqual([0, 10.5, 11.5]);
  expect(times({ ...plain, steps: [step(0, 0), step(3, 2)] }, 4)).toEqual([3, 3.5, 4]);
});

test.each(['regular', 'poisson'] as const)('%s arrivals: as many as the rates say', (arrivals) => {
  const found = times({ ...plain, arrivals, steps: [step(0, 50), step(100, 200)] }, 200);
  const early = found.filter((time) => time < 100).length;
  // A Poisson process of a mean of 5000 lies within 5 % of it.
  expect(early / 5000).toBeCloseTo(1, 1);
  expect((found.length - early) / 20_000).toBeCloseTo(1, 1);
});

test('bursts, pauses and a count', () => {
  const pauses = [{ from: 1 * second, until: 2 * second }];
  expect(times({ ...plain, burst: 2, pauses, count: 7, steps: [step(0, 1)] }, 9)).toEqual([0, 0, 2, 2, 3]);
});

test('in a pod that starts later: times of its own count from then, a rate of the run is that of the moment', () => {
  const lookups = {
    kind: 'lookups',
    name: 'web',
    host: '',
    family: 'ipv4',
    resolver: { kind: 'glibc', release: '2.36', resolvConf: { file: 'resolv.conf', text: '' } },
  } as const;
  const at = (schedule: Schedule) => {
    const place = { host: 'web-2', instance: 'web-2', startAt: 7 * second };
    const own = workloadAt({ ...lookups, calls: { kind: 'scheduled', lookup: 'a.test', schedule } }, place);
    if (own.kind !== 'lookups' || own.calls.kind !== 'scheduled') throw new Error('it is of the same kind');
    expect([own.name, own.host, own.instance]).toEqual(['web', 'web-2', 'web-2']);
    return own.calls.schedule.steps;
  };
  const steps = [step(0, 1), step(5, 2), step(10, 4)];
  expect(at({ ...plain, steps })).toEqual([step(7, 2), step(10, 4)]);
  expect(at({ ...plain, steps, clock: 'program' })).toEqual([step(7, 1), step(12, 2), step(17, 4)]);
});
