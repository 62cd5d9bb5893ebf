import type { ColumnStore } from '../../../src/engine/columns.ts';
import { toSeconds } from '../../../src/engine/time.ts';
import { datagramSent, lookupEnded, replySeen } from '../../../src/workload/records.ts';
import { workloadNames } from './clients.ts';
import { onClock } from './observe.ts';
import type { PathClient, PathRecording } from './recording.ts';

interface Call {
  readonly t: number;
  readonly latency?: number;
  readonly name?: string;
  readonly result?: string;
  readonly addresses?: readonly string[];
  readonly from?: string;
}

/** The calls of each client, as the recorder's clients print them. */
export function observedCalls(recording: PathRecording, store: ColumnStore): Record<string, Call[]> {
  const lookups = lookupsByWorkload(store);
  return Object.fromEntries(
    Object.entries(recording.clients).map(([name, client]) => {
      if (client.resolver === 'udp') return [name, datagrams(name, client, store)];
      const calls = workloadNames(name, client).flatMap((workload) => lookups.get(workload) ?? []);
      const told = client.resolver === 'dig' ? calls.map(({ t, latency = 0 }) => ({ t, latency })) : calls;
      return [name, told.sort((a, b) => a.t - b.t)];
    }),
  );
}

/** An address that comes twice in a row is printed once. */
function lookupsByWorkload(store: ColumnStore): Map<string, Call[]> {
  const calls = new Map<string, Call[]>();
  for (const { workload, name, startedAt, latency, result, addresses } of store.rows(lookupEnded)) {
    const list = calls.get(workload) ?? [];
    calls.set(workload, list);
    const found = addresses === '' ? {} : { addresses: addresses.split(' ').filter((a, i, all) => a !== all[i - 1]) };
    list.push({ t: onClock(startedAt), latency: milliseconds(latency), name, result, ...found });
  }
  return calls;
}

/** Names of Python's exceptions by errno; any other is a plain OSError. */
const exceptions: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'ConnectionRefusedError',
  EPERM: 'PermissionError',
  EACCES: 'PermissionError',
};

function datagrams(name: string, client: PathClient, store: ColumnStore): Call[] {
  if (client.text !== undefined) {
    return [...store.rows(datagramSent)]
      .filter(({ workload }) => workload === name)
      .map(({ t }) => ({ t: onClock(t) }));
  }
  const calls: Call[] = [];
  for (const row of store.rows(replySeen)) {
    if (row.workload !== name) continue;
    const call = { t: onClock(row.startedAt) };
    if (row.error === 'timeout') calls.push({ ...call, result: 'timeout' });
    else if (row.error !== '')
      calls.push({ ...call, latency: milliseconds(row.latency), result: exceptions[row.error] ?? 'OSError' });
    else calls.push({ ...call, latency: milliseconds(row.latency), result: row.rcode, addresses: dataOf(row.answer) });
  }
  return calls.sort((a, b) => a.t - b.t);
}

/** The data of each record of a section: what stands behind name, TTL, class and type. */
function dataOf(section: string): string[] {
  return section === '' ? [] : section.split('\n').map((line) => line.split(' ').slice(4).join(' '));
}

function milliseconds(span: number): number {
  return Math.round(toSeconds(span) * 1000) / 1000;
}
