import type { Path } from '../document.ts';
import { type CheckContext, objectTo } from './check.ts';

/** A workload with a port of its own is a bare socket: what only a resolver does has no place there. */
export function checkPorts(context: CheckContext): void {
  const { file } = context;
  const taken = new Map<string, string>();
  for (const [name, workload] of Object.entries(file.workloads)) {
    const at = (key: string): Path => ['workloads', name, key];
    const { pod, port, family, timeout } = workload;
    if (port === undefined) {
      if (timeout !== undefined)
        objectTo(
          context,
          at('timeout'),
          'conflict',
          'a resolver has time-outs of its own',
          'leave it out, or add a port',
        );
      continue;
    }
    const other = taken.get(`${pod} ${port}`);
    if (other !== undefined)
      objectTo(
        context,
        at('port'),
        'port-taken',
        `port ${port} of ${pod} is already that of ${other}`,
        'choose another',
      );
    taken.set(`${pod} ${port}`, name);
    if (family === 'any') {
      const hint = 'add family: ipv4, or ipv6';
      objectTo(context, at('port'), 'conflict', 'with a port each lookup is one question, of one family', hint);
    }
    if (file.pods[pod]?.jvm !== undefined) {
      const hint = 'leave the port out, or the jvm of the pod';
      objectTo(
        context,
        at('port'),
        'conflict',
        `what is asked from a port of its own passes by the JVM of ${pod}`,
        hint,
      );
    }
  }
  for (const [i, { workload, entry }] of file.expect.entries()) {
    const expected = file.workloads[workload];
    const isGiven = context.document.get(['workloads', workload, 'port']) !== undefined;
    if (entry === undefined || expected === undefined || isGiven) continue;
    const hint = 'only a workload with a port has one entry that can be named';
    objectTo(context, ['expect', i, 'entry'], 'no-port', `${workload} has no port of its own`, hint);
  }
}

type Workload = CheckContext['file']['workloads'][string];

/** Keys that have no place beside another. */
const misfits: readonly {
  readonly beside: 'replay' | 'connects' | 'think' | 'port';
  readonly keys: readonly string[];
  readonly message: string;
  readonly hint: string;
}[] = [
  {
    beside: 'replay',
    keys: ['lookup', 'arrivals', 'burst', 'pauses', 'port'],
    message: 'what is replayed brings its own names and times',
    hint: 'leave it out',
  },
  {
    beside: 'port',
    keys: ['retries', 'exitsOnFailure'],
    message: 'with a port each lookup is one question',
    hint: 'leave it out',
  },
  {
    beside: 'connects',
    keys: ['port', 'threads', 'retries', 'exitsOnFailure'],
    message: 'a workload that connects has one connection at a time',
    hint: 'leave it out',
  },
  {
    beside: 'think',
    keys: ['arrivals', 'burst', 'pauses', 'port'],
    message: 'with think the next lookup comes after the last result',
    hint: 'leave it out, or use every',
  },
];

/** What a workload calls, and when, is said in one way. */
export function checkCalls(context: CheckContext): void {
  for (const [name, workload] of Object.entries(context.file.workloads)) {
    const at = (key: string): Path => ['workloads', name, key];
    const isGiven = (key: string) => context.document.get(at(key)) !== undefined;
    const conflict = (key: string, message: string, hint: string) => {
      if (isGiven(key)) objectTo(context, at(key), 'conflict', message, hint);
    };
    checkWays(context, name, workload, waysOf(workload, isGiven));
    for (const { beside, keys, message, hint } of misfits)
      if (workload[beside] !== undefined) for (const key of keys) conflict(key, message, hint);
    if (workload.replay !== undefined) checkReplay(context, at('replay'), workload.replay);
    if (workload.rate !== undefined) checkRate(context, name, workload);
  }
}

/** One way of saying when, and a name. */
function checkWays(context: CheckContext, name: string, { replay, lookup }: Workload, ways: readonly string[]): void {
  const lacks = (message: string, hint: string) => {
    const position = context.document.keyAt(['workloads', name]);
    context.problems.push({ code: 'missing-key', ...position, message, hint });
  };
  const [first, second] = ways;
  if (first === undefined) {
    const hint =
      'say every (a regular time), rate (so many a second), think (a pause after each result) or replay (a CSV file or a query log)';
    lacks(`workload ${name} does not say when it looks up`, hint);
  } else if (second !== undefined)
    objectTo(context, ['workloads', name, second], 'conflict', `stands beside ${first}`, 'leave one of the two out');
  const isGiven = context.document.get(['workloads', name, 'lookup']) !== undefined;
  if (replay === undefined && lookup === undefined && !isGiven && first !== undefined)
    lacks(`workload ${name} does not say which name it looks up`, 'add lookup');
}

/** How it is said when the calls come. To look keys up in a long document is slow: only where the values do not tell. */
function waysOf({ every, think, replay, rate }: Workload, isGiven: (key: string) => boolean): string[] {
  const said = Object.entries({ every, think, replay, rate }).flatMap(([key, value]) =>
    value === undefined ? [] : [key],
  );
  return said.length === 1 ? said : ['every', 'think', 'replay', 'rate'].filter(isGiven);
}

/** Its steps come one after the other; those of a file count from its first row. */
function checkRate(context: CheckContext, name: string, { rate, at }: Workload): void {
  if (typeof rate === 'string' || rate === undefined) return;
  const path: Path = ['workloads', name, 'rate'];
  for (const [i, step] of rate.entries()) {
    if (step.at <= (rate[i - 1]?.at ?? -1))
      objectTo(
        context,
        [...path, i, 'at'],
        'out-of-order',
        'is not later than the step before',
        'sort the steps by time',
      );
    if (step.at > context.file.duration)
      objectTo(context, [...path, i, 'at'], 'after-the-end', 'is after the end of the run', 'make it earlier');
  }
  if (at !== undefined)
    objectTo(
      context,
      ['workloads', name, 'at'],
      'conflict',
      'the steps of the rate say when it begins',
      'leave it out',
    );
}

function checkReplay(
  context: CheckContext,
  path: Path,
  { csv, queryLog, client }: NonNullable<Workload['replay']>,
): void {
  if ((csv === undefined) === (queryLog === undefined))
    objectTo(context, path, 'conflict', 'replays either csv or queryLog', 'give one of the two');
  else if (csv !== undefined && client !== undefined)
    objectTo(context, [...path, 'client'], 'conflict', 'a CSV file names no clients', 'leave it out');
}

/** Lookups that overlap: dig and its like make one and are gone. */
export function checkThreads(context: CheckContext): void {
  const { file } = context;
  for (const [name, { pod, port, threads }] of Object.entries(file.workloads)) {
    if (threads === 1) continue;
    const object = (message: string, hint: string): void =>
      objectTo(context, ['workloads', name, 'threads'], 'conflict', message, hint);
    const [tool = ''] = (file.pods[pod]?.resolver ?? 'glibc').split(' ');
    if (port !== undefined) object('from a port of its own it never waits for an answer', 'leave threads out');
    if (['dig', 'nslookup', 'host', 'busybox-nslookup'].includes(tool))
      object(`${tool} makes one lookup at a time`, 'take a resolver of a program, or leave threads out');
  }
}
