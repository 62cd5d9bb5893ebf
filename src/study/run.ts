import { nodesOf, type World } from '../cluster/world.ts';
import { coreDnsLog } from '../coredns/records.ts';
import { ColumnStore } from '../engine/columns.ts';
import { type EntryFields, entryFields } from '../kernel/conntrack/entry.ts';
import { statisticsLine } from '../kernel/conntrack/statistics.ts';
import type { Host } from '../kernel/host.ts';
import { assumptionsOf } from '../scenario/assumptions.ts';
import type { CaptureName } from '../scenario/captures.ts';
import { evaluate } from '../scenario/expect/evaluate.ts';
import type { ExpectationResult } from '../scenario/expect/facts.ts';
import { type Assumption, isNotModelled, type Scenario } from '../scenario/scenario.ts';
import { type Analysis, analyse } from '../trace/analysis.ts';
import { version } from '../version.ts';
import { simulate } from './simulate.ts';

/** A scenario that ran to its end: all that the writers of reports read. */
export interface FinishedRun {
  /** Of dnspath. */
  readonly version: string;
  readonly scenario: Scenario;
  readonly world: World;
  readonly store: ColumnStore;
  readonly analysis: Analysis;
  /** The conntrack tables of the nodes at the end. */
  readonly conntrack: readonly {
    readonly node: string;
    readonly entries: readonly EntryFields[];
    /** As `conntrack -S` prints them. */
    readonly statistics: string;
  }[];
  /** What `ipvsadm -Ln` and `ipvsadm -Lnc` print on the nodes at the end; empty where IPVS has nothing to do. */
  readonly ipvs: readonly { readonly node: string; readonly servers: string[]; readonly connections: string[] }[];
  /** The rules of the nodes at the end, as tools print them; empty unless the scenario captures them. */
  readonly rules: readonly {
    readonly node: string;
    readonly programs: readonly { readonly command: string; readonly lines: readonly string[] }[];
  }[];
  /** Counters of the CoreDNS processes at the end, as their metrics pages have them. */
  readonly metrics: readonly { readonly process: string; readonly text: string }[];
  readonly expectations: readonly ExpectationResult[];
  /** Defaults that the verdict rests on. */
  readonly assumptions: readonly Assumption[];
  /** What the scenario's files name and the simulator leaves out. */
  readonly notModelled: readonly string[];
}

/** `seed` takes the place of the scenario's own; `captures` are shown beside those that it names. */
export interface RunOptions {
  readonly seed?: string | number;
  readonly captures?: readonly CaptureName[];
}

/**
 * Runs a scenario to its end and judges it.
 *
 * @example
 * const finished = run(loadScenario('scenarios/a-record-failover', files));
 * finished.expectations.every(({ met }) => met);
 */
export function run(given: Scenario, options: RunOptions = {}): FinishedRun {
  const scenario = withCaptures(given, options.captures ?? []);
  const store = new ColumnStore();
  const { world, hosts, coredns, now } = simulate(scenario, options.seed ?? scenario.definition.seed, store);
  const analysis = analyse(store, world);
  const log = [...store.rows(coreDnsLog)];
  const expectations = scenario.definition.expect.flatMap((expectation) => {
    const own = analysis.workloads.find(({ summary }) => summary.workload === expectation.workload);
    return evaluate(expectation, {
      lookups: own?.lookups ?? [],
      flows: own?.flows ?? [],
      until: analysis.until,
      why: analysis.why,
      upstreamQueries: analysis.upstreamQueries,
      probes: analysis.probes,
      namesTried: analysis.namesTried,
      log,
      counters: summed(
        nodesOfWorkload(expectation.workload, scenario).map((node) => hosts.get(node)?.conntrack.counters),
      ),
    });
  });
  return {
    version,
    scenario,
    world,
    store,
    analysis,
    conntrack: nodesOf(world).flatMap((node) => {
      const conntrack = hosts.get(node)?.conntrack;
      if (conntrack === undefined) return [];
      const entries = conntrack.alive().map((entry) => entryFields(entry, now));
      return [{ node, entries, statistics: statisticsLine(conntrack.counters, conntrack.rules.statistics) }];
    }),
    ipvs: nodesOf(world).flatMap((node) => {
      const ipvs = hosts.get(node)?.ipvs;
      if (ipvs === undefined || ipvs.servers.size === 0) return [];
      return [{ node, servers: ipvs.printServers(), connections: ipvs.printConnections() }];
    }),
    rules: scenario.definition.captures.includes('iptables') ? rulesOf(world, hosts) : [],
    metrics: [...coredns.values()].map(({ name, metrics }) => ({ process: name, text: metrics })),
    expectations,
    assumptions: assumptionsOf(scenario),
    notModelled: notModelledIn(scenario),
  };
}

/** The node of a workload's pod, or those that its Deployment's pods may be on. */
function nodesOfWorkload(workload: string, { definition }: Scenario): readonly string[] {
  const pod = definition.pods[definition.workloads[workload]?.pod ?? ''];
  if (pod?.deployment === undefined) return [pod?.node ?? ''];
  return pod.deployment.nodes ?? Object.keys(definition.cluster.nodes);
}

function summed(all: readonly (Readonly<Record<string, number>> | undefined)[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counters of all)
    for (const [name, count] of Object.entries(counters ?? {})) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

function rulesOf(world: World, hosts: ReadonlyMap<string, Host>): FinishedRun['rules'] {
  return nodesOf(world).flatMap((node) => {
    const host = hosts.get(node);
    if (host === undefined) return [];
    const { netfilter, sets } = host;
    const programs = [
      { command: 'iptables-save -c', lines: netfilter.print(undefined, 'ipv4', true) },
      { command: 'ip6tables-save -c', lines: netfilter.print(undefined, 'ipv6', true) },
      { command: 'nft list ruleset', lines: netfilter.printNft() },
      { command: 'ipset save', lines: sets.print() },
    ];
    return [{ node, programs }];
  });
}

function withCaptures(scenario: Scenario, more: readonly CaptureName[]): Scenario {
  const { definition } = scenario;
  return { ...scenario, definition: { ...definition, captures: [...new Set([...definition.captures, ...more])] } };
}

/** What was left out, and where it stands: `plugin \`pprof\` is left out (Corefile:3)`. */
function notModelledIn({ remarks }: Scenario): string[] {
  return remarks.filter(isNotModelled).map(({ message, file, line }) => `${message} (${file}:${line})`);
}
