import type { Micros } from '../engine/time.ts';
import type { Calls, WorkloadDescription } from './description.ts';
import type { Schedule } from './schedule.ts';

interface Place {
  readonly host: string;
  readonly instance: string;
  readonly startAt: Micros;
}

/** A workload whose times count from a start, as it is where it starts at an instant. A rate that changes is that of the run's clock. */
export function workloadAt(workload: WorkloadDescription, { startAt, ...place }: Place): WorkloadDescription {
  switch (workload.kind) {
    case 'lookups':
    case 'connections':
      return { ...workload, ...place, calls: callsFrom(workload.calls, startAt) };
    case 'fixed-port':
      return { ...workload, ...place, times: workload.times.map((time) => startAt + time) };
    case 'query':
      return { ...workload, ...place, at: startAt + workload.at };
  }
}

/** What is left of a workload whose times are those of the run, where its program starts again at an instant. */
export function workloadLeft(workload: WorkloadDescription, now: Micros): WorkloadDescription {
  switch (workload.kind) {
    case 'lookups':
    case 'connections':
      return { ...workload, calls: callsLeft(workload.calls, now) };
    case 'fixed-port':
      return { ...workload, times: workload.times.filter((time) => time >= now) };
    case 'query':
      return workload;
  }
}

function callsLeft(calls: Calls, now: Micros): Calls {
  switch (calls.kind) {
    case 'regular': {
      const { startAt, every, count } = calls;
      if (startAt >= now) return calls;
      const missed = every === 0 ? (count ?? 0) : Math.ceil((now - startAt) / every);
      const left = count === undefined ? {} : { count: Math.max(0, count - missed) };
      return { ...calls, startAt: startAt + missed * every, ...left };
    }
    case 'thinking':
      return { ...calls, startAt: Math.max(now, calls.startAt) };
    case 'listed':
      return { ...calls, list: calls.list.filter(({ at }) => at >= now) };
    case 'scheduled': {
      const { schedule } = calls;
      return { ...calls, schedule: { ...schedule, pauses: [...schedule.pauses, { from: 0, until: now }] } };
    }
  }
}

function callsFrom(calls: Calls, start: Micros): Calls {
  switch (calls.kind) {
    case 'regular':
    case 'thinking':
      return { ...calls, startAt: start + calls.startAt };
    case 'listed':
      return { ...calls, list: calls.list.map((call) => ({ ...call, at: start + call.at })) };
    case 'scheduled':
      return { ...calls, schedule: scheduleFrom(calls.schedule, start) };
  }
}

function scheduleFrom(schedule: Schedule, start: Micros): Schedule {
  const { steps, clock } = schedule;
  if (clock === 'program') return { ...schedule, steps: steps.map((step) => ({ ...step, from: start + step.from })) };
  const left = steps.filter((_, i) => (steps[i + 1]?.from ?? Number.POSITIVE_INFINITY) > start);
  return { ...schedule, steps: left.map(({ from, every }) => ({ from: Math.max(start, from), every })) };
}

/** From call to call where they come at regular times, at first; 0 otherwise. */
export function periodOf(workload: WorkloadDescription): Micros {
  if (workload.kind !== 'lookups' && workload.kind !== 'connections') return 0;
  const { calls } = workload;
  if (calls.kind === 'regular') return calls.every;
  const [first] = calls.kind === 'scheduled' ? calls.schedule.steps : [];
  return first === undefined || first.every === Number.POSITIVE_INFINITY ? 0 : Math.round(first.every);
}
