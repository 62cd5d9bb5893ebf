import { coreDnsLog } from '../coredns/records.ts';
import { packetCaptured } from '../kernel/records.ts';
import { WallClock } from '../scenario/wall-clock.ts';
import type { FinishedRun } from '../study/run.ts';

type Captured = Pick<FinishedRun, 'store' | 'scenario'>;
type Row = { readonly at: string; readonly t: number };

/** `tcpdump.txt`: DNS by UDP on the nodes' uplinks, as `tcpdump -n port 53` prints it. */
export function tcpdumpText({ store, scenario }: Captured): string {
  const clock = new WallClock(scenario.definition.start);
  const rows = [...store.rows(packetCaptured)].filter(({ text }) => text !== '');
  return byPlace(rows, 'tcpdump -n -i uplink udp port 53', (row) => {
    const from = `${row.source}.${row.sourcePort}`;
    return `${clock.timeOfDay(row.t)} IP ${from} > ${row.destination}.${row.destinationPort}: ${row.text}`;
  });
}

/** `coredns.log`: what each CoreDNS process prints; with the time, as `kubectl logs --timestamps` does, where there is a clock. */
export function coreDnsLogText({ store, scenario }: Captured): string {
  const clock = new WallClock(scenario.definition.start);
  return byPlace([...store.rows(coreDnsLog)], 'log', ({ t, line }) =>
    clock.isSet ? `${clock.stamp(t)} ${line}` : line,
  );
}

/** `coredns-metrics.txt`: the counters of each CoreDNS process at the end, as `curl :9153/metrics` prints them. */
export function coreDnsMetricsText({ metrics }: Pick<FinishedRun, 'metrics'>): string {
  return metrics
    .map(({ process, text }) => (metrics.length > 1 ? `${process}# curl -s :9153/metrics\n${text}` : text))
    .join('\n');
}

/** Under a heading for each place where there are several. */
function byPlace<R extends Row>(rows: readonly R[], command: string, line: (row: R) => string): string {
  const places = [...new Set(rows.map(({ at }) => at))];
  const blocks = places.map((place) => [
    ...(places.length > 1 ? [`${place}# ${command}`] : []),
    ...rows.filter(({ at }) => at === place).map(line),
    '',
  ]);
  return blocks.flat().join('\n');
}
