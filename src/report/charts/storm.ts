import { coreDnsReply, coreDnsRequest } from '../../coredns/records.ts';
import type { ColumnStore } from '../../engine/columns.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { FinishedRun } from '../../study/run.ts';
import type { Analysis } from '../../trace/analysis.ts';
import { rootOf } from '../../trace/evidence.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { readUpstreamQueries, type UpstreamQuery, wasCut } from '../../trace/upstream-queries.ts';
import { counted, inSeconds } from '../../trace/words.ts';
import type { StormChart } from './storm-chart.ts';

/** More upstream queries for one lookup than any working forward asks. */
const calm = 50;

/** The lookup that caused the most upstream queries, where these are so many that a picture tells more than a list. */
export function stormiest(analysis: Analysis): JudgedLookup | undefined {
  let most = calm;
  let found: JudgedLookup | undefined;
  for (const lookup of analysis.workloads.flatMap(({ lookups }) => lookups)) {
    const { length } = analysis.upstreamQueries(lookup);
    if (length <= most) continue;
    most = length;
    found = lookup;
  }
  return found;
}

/** All that CoreDNS asked for a lookup, also after its end; times count from the lookup's start. */
export function stormOf({ analysis, store, world }: FinishedRun, lookup: JudgedLookup): Omit<StormChart, 'subtitle'> {
  const { queries, probes } = readUpstreamQueries(store);
  const own = queries.filter(({ header }) => rootOf(store, header.trace) === lookup.trace);
  const marks = [...marksOf(store, lookup), ...world.events.map(({ at, label }) => ({ at, label }))];
  const ends = own.map(({ header }) => header.t);
  const end = ends.reduce((latest, t) => Math.max(latest, t), lookup.end) + second / 2;
  const within = (t: Micros): boolean => t >= lookup.start && t <= end;
  return {
    title: titleOf(analysis.upstreamQueries(lookup), lookup, analysis),
    until: end - lookup.start,
    upstreams: [...new Set(own.map(({ to }) => to))].map((to) => ({
      to,
      queries: own
        .filter((query) => query.to === to)
        .map(({ sentAt, error }) => ({ at: sentAt - lookup.start, failed: error !== '' })),
      probes: probes
        .filter((probe) => probe.to === to && within(probe.at))
        .map(({ at, answered }) => ({ at: at - lookup.start, failed: !answered })),
    })),
    events: marks.filter(({ at }) => within(at)).map(({ at, label }) => ({ at: at - lookup.start, label })),
  };
}

function titleOf(asked: readonly UpstreamQuery[], lookup: JudgedLookup, analysis: Analysis): string {
  const count = `${counted(asked.length, 'upstream query')} during one lookup of ${lookup.name.replace(/(.)\.$/, '$1')}`;
  const [first] = asked;
  const alike = asked.every((query) => wasCut(query) && query.replySize === first?.replySize);
  if (first !== undefined && alike) {
    return `${count}: each reply of ${first.replySize} octets was cut at ${first.room}`;
  }
  const failed = asked.filter(({ error }) => error !== '').length;
  const why = lookup.verdict === 'failed' ? `: ${analysis.why(lookup).short}` : '';
  return `${count}, ${failed} of them failed${why}`;
}

/** When CoreDNS said that it had failed, and when the lookup returned. */
function marksOf(store: ColumnStore, lookup: JudgedLookup) {
  const arrived = new Map([...store.rows(coreDnsRequest)].map(({ trace, t }) => [trace, t]));
  const failures = [...store.rows(coreDnsReply)]
    .filter(({ rcode, trace }) => rcode === 'SERVFAIL' && rootOf(store, trace) === lookup.trace)
    .map(({ at, t, trace }) => {
      const late = t > lookup.end ? ', when nobody waits any more' : '';
      return { at: t, label: `${at} gives up after ${inSeconds(t - (arrived.get(trace) ?? t))}: SERVFAIL${late}` };
    });
  const got = lookup.result === 'OK' ? 'an answer' : lookup.result;
  return [...failures, { at: lookup.end, label: `${lookup.workload} gets ${got}` }];
}
