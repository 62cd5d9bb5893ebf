import { parseRecord } from '../../../src/dns/text.ts';
import type { ColumnStore } from '../../../src/engine/columns.ts';
import { fromSeconds, type Micros, toSeconds } from '../../../src/engine/time.ts';
import { parseAddress } from '../../../src/network/address.ts';
import type { Endpoint } from '../../../src/network/packet.ts';
import type { WorkloadDescription } from '../../../src/workload/description.ts';
import { replySeen } from '../../../src/workload/records.ts';
import { pythonError, shownRecords } from './client.ts';
import { type CoreDnsRecording, machine, type Query } from './recording.ts';

type Entry = Record<string, unknown>;

/** Can a workload ask this? Those that a client must shape or look at more closely, it cannot. */
export function isPlain(query: Query): boolean {
  const { name, on_tc, options, edns_version } = query;
  return on_tc === undefined && options.length === 0 && edns_version === undefined && name === name.toLowerCase();
}

/** The plain queries of a recording as workloads, named by step and number. */
export function queryWorkloads(recording: CoreDnsRecording, start: Micros): WorkloadDescription[] {
  return recording.steps.flatMap((step, index) => {
    if (!('query' in step) || !isPlain(step.query)) return [];
    const { at, query, count, every } = step;
    return Array.from({ length: count }, (_, n) =>
      workload(`${index}/${n}`, query, targetOf(recording, query), start + fromSeconds(at + n * every)),
    );
  });
}

function workload(name: string, query: Query, target: Target, at: Micros): WorkloadDescription {
  const { rd, ad, cd, proto, from, sport, timeout, type } = query;
  const offers = query.edns !== undefined || query.do === true;
  return {
    kind: 'query',
    name,
    host: machine,
    at,
    from,
    ...(sport !== 0 && { fromPort: sport }),
    to: target.address,
    port: target.port,
    protocol: proto,
    question: { name: query.name, type, class: query.class },
    flags: { rd, ad, cd },
    ...(offers && { edns: { udpSize: query.edns ?? 1232, do: query.do === true } }),
    timeout: fromSeconds(timeout),
  };
}

interface Target {
  readonly address: string;
  readonly port: number;
}

/** Whom a query goes to: a process, a server, or the first process. */
export function targetOf(recording: CoreDnsRecording, query: Pick<Query, 'to' | 'at_address' | 'port'>): Target {
  const { coredns, servers } = recording;
  const named = query.to === undefined ? undefined : (coredns[query.to] ?? servers[query.to]);
  const { address, port } = named ?? Object.values(coredns)[0] ?? { address: '10.9.0.10', port: 53 };
  return { address: query.at_address ?? address, port: query.port ?? port };
}

export function endpointOf({ address, port }: Target): Endpoint {
  const parsed = parseAddress(address);
  if (parsed === undefined) throw new Error(`address ${address} is not modelled`);
  return { address: parsed, port };
}

/** What the workloads saw, as a recording has it. */
export function seenReplies(recording: CoreDnsRecording, store: ColumnStore, start: Micros): Entry[] {
  return [...store.rows(replySeen)].map((row) => {
    const [index, n] = row.workload.split('/').map(Number);
    const step = recording.steps[index ?? 0];
    const several = step !== undefined && 'count' in step && step.count > 1;
    const which = { step: index, ...(several && { n }), t: toSeconds(row.startedAt - start) };
    const latency = toSeconds(row.latency);
    if (row.error === 'timeout') {
      return { ...which, timeout: step !== undefined && 'query' in step ? step.query.timeout : Number.NaN };
    }
    if (row.error !== '') return { ...which, error: errors[row.error] ?? pythonError(row.error), latency };
    const sections = [row.answer, row.authority, row.additional].map(lines);
    return { ...which, latency, ...shown(row, sections, recording.brief), wire: row.wire };
  });
}

const errors: Readonly<Record<string, string>> = { closed: 'IncompleteReadError', garbled: 'DNSException' };

function shown(row: { rcode: string; flags: string; edns: number }, sections: readonly string[][], brief: boolean) {
  const [answer = [], authority = [], additional = []] = sections;
  const records = (texts: readonly string[]) => texts.map(parseRecord).filter((record) => record !== undefined);
  return {
    rcode: row.rcode,
    flags: row.flags.split(' '),
    ...(brief
      ? { answers: answer.length, authorities: authority.length, additionals: additional.length }
      : {
          answer: shownRecords(records(answer)),
          authority: shownRecords(records(authority)),
          additional: shownRecords(records(additional)),
        }),
    edns: Number.isNaN(row.edns) ? null : row.edns,
  };
}

const lines = (text: string): string[] => (text === '' ? [] : text.split('\n'));
