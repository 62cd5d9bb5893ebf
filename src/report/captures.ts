import { coreDnsLog } from '../coredns/records.ts';
import { tcpdumpEnds } from '../kernel/ip/tcpdump.ts';
import { packetCaptured } from '../kernel/records.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';

type Captured = Pick<FinishedRun, 'store' | 'scenario'>;
type Row = { readonly at: string; readonly t: number };

/** `tcpdump.txt`: DNS by UDP on the nodes' uplinks, as `tcpdump -n port 53` prints it. */
export function tcpdumpText({ store, scenario }: Captured): string {
  const clock = new WallClock(scenario.definition.start);
  const rows = [...store.rows(packetCaptured)].filter(({ text }) => text !== '');
  const command = ({ device }: (typeof rows)[number]) => `tcpdump -n -i ${device} udp port 53`;
  return byPlace(rows, command, (row) => {
    return `${clock.timeOfDay(row.t)} ${tcpdumpEnds(row)} ${row.text}`;
  });
}

/** `iptables-save.txt`: the rules of each node at the end with what they have counted, as the tools on the node print them. */
export function rulesText({ rules }: Pick<FinishedRun, 'rules'>): string {
  const blocks = rules.flatMap(({ node, programs }) =>
    programs.flatMap(({ command, lines }) => (lines.length === 0 ? [] : [`${node}# ${command}`, ...lines, ''])),
  );
  return blocks.join('\n');
}

/** `coredns.log`: what each CoreDNS process prints; with the time, as `kubectl logs --timestamps` does, where there is a clock. */
export function coreDnsLogText({ store, scenario }: Captured): string {
  const clock = new WallClock(scenario.definition.start);
  return byPlace(
    [...store.rows(coreDnsLog)],
    () => 'log',
    ({ t, line }) => (clock.isSet ? `${clock.stamp(t)} ${line}` : line),
  );
}

/** `coredns-metrics.txt`: the counters of each CoreDNS process at the end, as `curl :9153/metrics` prints them. */
export function coreDnsMetricsText({ metrics }: Pick<FinishedRun, 'metrics'>): string {
  return metrics
    .map(({ process, text }) => (metrics.length > 1 ? `${process}# curl -s :9153/metrics\n${text}` : text))
    .join('\n');
}

/** Under a heading for each place where there are several. */
function byPlace<R extends Row>(rows: readonly R[], command: (row: R) => string, line: (row: R) => string): string {
  const places = [...new Set(rows.map(({ at }) => at))];
  const blocks = places.map((place) => {
    const own = rows.filter(({ at }) => at === place);
    const heading = places.length > 1 ? own.slice(0, 1).map((row) => `${place}# ${command(row)}`) : [];
    return [...heading, ...own.map(line), ''];
  });
  return blocks.flat().join('\n');
}
