import type { RecordHeader } from '../../engine/recorder.ts';
import { joinEndpoint } from '../../network/address.ts';
import type { JudgedLookup } from '../lookup.ts';
import type { RowOf, TraceRecord } from '../records.ts';
import type { Scene } from '../scene.ts';
import { capitalised, inMilliseconds, inSeconds, instant, listedInShort, untilWhen, withoutDot } from '../words.ts';
import type { Evidence } from './account.ts';
import { type Draft, type Strands, stepAt } from './draft.ts';
import { packetEvidence } from './packet-line.ts';

/** What the application asked for, what it had in a cache of its own, and what it got. */
export function applicationSteps(record: TraceRecord, lookup: JudgedLookup, strands: Strands, scene: Scene): Draft[] {
  const { kind, row } = record;
  switch (kind) {
    case 'workload.lookup-started':
      return [startStep(row, scene)];
    case 'workload.datagram':
      return [datagramStep(row, strands, scene)];
    case 'resolver.shared':
      return [sharedStep(row, scene)];
    case 'resolver.cache-hit':
      return [cacheStep(row)];
    case 'resolver.cache-stored': {
      const kept = `${capitalised(row.holder)} keeps that ${untilWhen(row.runsOut)}, because of ${row.setting}.`;
      return [stepAt(row, 'application', kept)];
    }
    case 'workload.lookup':
    case 'workload.reply':
      return [endStep(row, lookup)];
    default:
      return [];
  }
}

const families: Readonly<Record<string, string>> = {
  any: 'the IPv4 and IPv6 addresses',
  ipv4: 'the IPv4 addresses',
  ipv6: 'the IPv6 addresses',
};

function startStep(row: RowOf<'workload.lookup-started'>, scene: Scene): Draft {
  const resolver = scene.resolverOf(row.workload);
  const who = resolver === undefined ? 'its resolver' : `${resolver.kind} ${resolver.release}`;
  const cache = resolver?.cache === undefined ? '' : `the cache of Java ${resolver.cache.release}, and behind it `;
  const text = `${row.workload} asks ${cache}${who} for ${families[row.family] ?? row.family} of ${withoutDot(row.name)}.`;
  return stepAt(row, 'application', text);
}

/** The record is written when the packet is on its way already. */
function datagramStep(row: RowOf<'workload.datagram'>, strands: Strands, scene: Scene): Draft {
  const packet = strands.packets.get(row.trace);
  const what = withoutDot(row.text);
  if (packet === undefined) return stepAt(row, 'application', `${row.workload} asks for ${what}: ${row.error}.`);
  const [from, to] = [
    joinEndpoint(packet.source, packet.sourcePort),
    scene.named(packet.destination, packet.destinationPort),
  ];
  const text = `${row.workload} asks ${to} for ${what}, from ${from} as always.`;
  const evidence = packetEvidence(row.trace, packet, strands);
  const { t, at, trace } = row;
  return stepAt({ t, at, trace, seq: (strands.begins.get(trace) ?? packet.seq) - 0.5 }, 'application', text, {
    evidence,
  });
}

function sharedStep(row: RowOf<'resolver.shared'>, { lookups }: Scene): Draft {
  const start = lookups.get(row.with)?.start;
  const since = start === undefined ? '' : ` since ${inSeconds(start)}`;
  const text = `${withoutDot(row.name)} is being looked up already${since}: this call waits for that result. No query is sent for it.`;
  return stepAt(row, 'resolver', text, { tone: 'wait' });
}

function cacheStep(row: RowOf<'resolver.cache-hit'>): Draft {
  const kept = row.addresses === '' ? 'a failure' : listedInShort(row.addresses.split(' '));
  const age = row.t - row.storedAt;
  const entry: Evidence = {
    kind: 'cache-entry',
    age,
    remaining: row.runsOut - row.t,
    setting: row.setting,
    clamp: row.setting,
  };
  const text = `${capitalised(row.holder)}'s own cache has ${kept}, stored ${inSeconds(age)} ago and kept ${untilWhen(row.runsOut)} because of ${row.setting}. No query is sent.`;
  // A failure that is kept is where this lookup ends; the program itself did nothing wrong.
  return row.addresses === ''
    ? stepAt(row, 'resolver', text, { tone: 'bad', evidence: [entry] })
    : stepAt(row, 'application', text, { evidence: [entry] });
}

function endStep(row: RecordHeader, { workload, result, verdict, addresses, ...lookup }: JudgedLookup): Draft {
  const after = inMilliseconds(lookup.end - lookup.start);
  if (verdict === 'failed') {
    const text =
      result === 'timeout'
        ? `${workload} has waited ${after}, and nothing came: ${result}.`
        : `${workload} gets no address after ${after}: ${errorText(result, lookup.printed)}.`;
    return stepAt(row, 'application', text, { tone: 'bad' });
  }
  const got = `${workload} gets ${listedInShort(addresses)} after ${after}`;
  return verdict === 'stale'
    ? stepAt(row, 'application', `${got}, which has not been served since ${instant(lookup.staleSince ?? 0)}.`, {
        tone: 'bad',
      })
    : stepAt(row, 'application', `${got}.`, { tone: 'good' });
}

/** `EAI_AGAIN (Temporary failure in name resolution)`; a program's own words where they hold the error. */
function errorText(result: string, printed: string | undefined): string {
  if (printed === undefined || printed.includes(result)) return printed ?? result;
  return result.includes(' ') ? printed : `${result} (${printed})`;
}
