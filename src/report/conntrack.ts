import { eventLine, listLine } from '../kernel/conntrack/entry.ts';
import { conntrackEvent } from '../kernel/records.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';

/** Does a workload keep to one port? Then conntrack's entries are worth a picture and a text; others leave one for each query. */
export function keepsToOnePort({ world }: FinishedRun): boolean {
  return world.workloads.some(({ kind }) => kind === 'fixed-port');
}

/** `conntrack.txt`: for each node what `conntrack -E -o timestamp` shows all along, and `conntrack -L` and `-S` at the end. */
export function conntrackText({ store, conntrack, analysis, scenario }: FinishedRun): string {
  const clock = new WallClock(scenario.definition.start);
  const events = new Map<string, string[]>(conntrack.map(({ node }) => [node, []]));
  for (const row of store.rows(conntrackEvent)) {
    const line = eventLine(row.type, row, { userspace: row.cause === 'deleted' });
    events.get(row.at)?.push(`[${clock.epoch(row.t)}]\t${line}`);
  }
  const blocks = conntrack.map(({ node, entries, statistics }) => [
    `${node}# conntrack -E -o timestamp`,
    ...(events.get(node) ?? []),
    '',
    `${node}# conntrack -L    (at ${clock.epoch(analysis.until)})`,
    ...entries.map((entry) => listLine(entry)),
    '',
    `${node}# conntrack -S    (at ${clock.epoch(analysis.until)})`,
    statistics,
    '',
  ]);
  return blocks.flat().join('\n');
}

/** `ipvs.txt`: for each node what `ipvsadm -Ln` and `ipvsadm -Lnc` show at the end. */
export function ipvsText({ ipvs, analysis, scenario }: FinishedRun): string {
  const at = `    (at ${new WallClock(scenario.definition.start).epoch(analysis.until)})`;
  const blocks = ipvs.flatMap(({ node, servers, connections }) => [
    [`${node}# ipvsadm -Ln${at}`, ...servers, ''],
    [`${node}# ipvsadm -Lnc${at}`, ...connections, ''],
  ]);
  return blocks.flat().join('\n');
}
