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

/** What a workload calls, and when, is said in one way. */
export function checkCalls(context: CheckContext): void {
  for (const [name, workload] of Object.entries(context.file.workloads)) {
    const at = (key: string): Path => ['workloads', name, key];
    const isGiven = (key: string) => context.document.get(at(key)) !== undefined;
    const { replay } = workload;
    const ways = waysOf(workload, isGiven);
    const conflict = (key: string, message: string, hint: string) => {
      if (isGiven(key)) objectTo(context, at(key), 'conflict', message, hint);
    };
    const lacks = (message: string, hint: string) => {
      const position = context.document.keyAt(['workloads', name]);
      context.problems.push({ code: 'missing-key', ...position, message, hint });
    };
    if (ways.length === 0) {
      const hint =
        'say every (a regular time), think (a pause after each result) or replay (a CSV file or a query log)';
      lacks(`workload ${name} does not say when it looks up`, hint);
    }
    if (ways.length > 1) conflict(ways[1] ?? '', `stands beside ${ways[0]}`, 'leave one of the two out');
    if (replay === undefined && workload.lookup === undefined && !isGiven('lookup') && ways.length > 0)
      lacks(`workload ${name} does not say which name it looks up`, 'add lookup');
    if (workload.replay !== undefined) {
      for (const key of ['lookup', 'arrivals', 'burst', 'pauses', 'port'])
        conflict(key, 'what is replayed brings its own names and times', 'leave it out');
      checkReplay(context, at('replay'), workload.replay);
    }
    if (workload.connects !== undefined)
      for (const key of ['port', 'threads'])
        conflict(key, 'a workload that connects has one connection at a time', 'leave it out');
    if (workload.think !== undefined)
      for (const key of ['arrivals', 'burst', 'pauses', 'port'])
        conflict(key, 'with think the next lookup comes after the last result', 'leave it out, or use every');
  }
}

/** How it is said when the calls come. To look keys up in a long document is slow: only where the values do not tell. */
function waysOf(
  { every, think, replay }: CheckContext['file']['workloads'][string],
  isGiven: (key: string) => boolean,
): string[] {
  const said = Object.entries({ every, think, replay }).flatMap(([key, value]) => (value === undefined ? [] : [key]));
  return said.length === 1 ? said : ['every', 'think', 'replay'].filter(isGiven);
}

function checkReplay(
  context: CheckContext,
  path: Path,
  { csv, queryLog, client }: NonNullable<CheckContext['file']['workloads'][string]['replay']>,
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
