import { coreDnsReply, coreDnsRequest } from '../../coredns/records.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { FinishedRun } from '../../study/run.ts';
import type { Analysis } from '../../trace/analysis.ts';
import { rootOf } from '../../trace/evidence.ts';
import { hostWith } from '../../trace/hosts.ts';
import type { JudgedLookup } from '../../trace/lookup.ts';
import { type UpstreamQuery, wasCut, withoutEnds } from '../../trace/upstream-queries.ts';
import { counted, inSeconds, listed } from '../../trace/words.ts';
import type { StormChart } from './storm-chart.ts';

/** More attempts for one lookup than any working forward makes. */
const calm = 50;

/** The lookup that caused the most attempts at upstreams, where these are so many that a picture tells more than a list. */
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

type Told = Pick<FinishedRun, 'analysis' | 'store' | 'world'>;

/** All that CoreDNS asked for a lookup, also after its end; times count from the lookup's start. */
export function stormOf(run: Told, lookup: JudgedLookup): StormChart {
  const { analysis, world } = run;
  const queries = analysis.upstreamQueries(lookup);
  const probes = analysis.probes(lookup);
  const end = [...queries, ...probes].reduce((latest, { header }) => Math.max(latest, header.t), lookup.end);
  const sinceStart = (t: Micros): Micros => t - lookup.start;
  const before = queries.filter(({ sentAt }) => sentAt <= lookup.end).length;
  const split =
    before === queries.length ? '' : `, ${before} of them until its end, ${queries.length - before} after it`;
  const upstreams = [...new Set([...queries, ...probes].map(({ to }) => to))];
  const name = lookup.name.replace(/(.)\.$/, '$1');
  return {
    title: `One lookup of ${name} made CoreDNS try ${counted(upstreams.length, 'upstream')} ${queries.length} times: ${findingOf(queries)}`,
    subtitle: `attempts for the lookup of ${lookup.workload} at ${inSeconds(lookup.start)}${split}`,
    until: sinceStart(end) + second / 2,
    upstreams: upstreams.map((to) => ({
      name: hostWith(world, to.replace(/:\d+$/, '')),
      to,
      attempts: queries
        .filter((query) => query.to === to)
        .map(({ sentAt, outcome }) => ({ at: sinceStart(sentAt), outcome })),
      probes: probes
        .filter((probe) => probe.to === to)
        .map(({ sentAt, answered }) => ({ at: sinceStart(sentAt), outcome: answered ? 'answered' : 'failed' })),
    })),
    probed: [...new Set(probes.map((probe) => probe.name))],
    events: marksOf(run, lookup, end).map(({ at, label }) => ({ at: sinceStart(at), label })),
  };
}

/** How the attempts ended, in the order in which each ending was first met. */
function findingOf(queries: readonly UpstreamQuery[]): string {
  const [first] = queries;
  const alike = queries.every((query) => wasCut(query) && query.replySize === first?.replySize);
  if (first !== undefined && alike) {
    return `each reply of ${first.replySize} octets was cut at the ${first.room} that it reads`;
  }
  const counts = new Map<string, number>();
  for (const query of queries) {
    const ending = endingOf(query);
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  return listed([...counts].map(([ending, count]) => `${count} ${ending}`));
}

function endingOf({ outcome, error, room }: UpstreamQuery): string {
  switch (outcome) {
    case 'answered':
      return 'answered';
    case 'cut':
      return `cut at ${room} octets and handed on with TC`;
    case 'failed':
      return error === '' ? 'on a connection that was closed' : `failed with “${withoutEnds(error)}”`;
  }
}

/** What CoreDNS replied and when, when the lookup returned, and what the scenario did meanwhile; in order of time. */
function marksOf({ store, world }: Told, lookup: JudgedLookup, end: Micros) {
  const arrived = new Map([...store.rows(coreDnsRequest)].map(({ trace, t }) => [trace, t]));
  const replies = [...store.rows(coreDnsReply)]
    .filter(({ trace }) => rootOf(store, trace) === lookup.trace)
    .map(({ at, t, trace, rcode, truncated }) => {
      const after = inSeconds(t - (arrived.get(trace) ?? t));
      return { at: t, label: `${at} replies ${rcode}${truncated ? ' with TC' : ''}, ${after} after the query` };
    });
  const events = world.events.filter(({ at }) => at >= lookup.start && at <= end);
  const got = lookup.result === 'OK' ? 'an answer' : lookup.result;
  const marks = [...events, ...replies, { at: lookup.end, label: `${lookup.workload} gets ${got}` }];
  return marks.sort((a, b) => a.at - b.at);
}
