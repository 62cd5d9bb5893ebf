import { coreDnsLog } from '../coredns/records.ts';
import { second } from '../engine/time.ts';
import { packetCaptured } from '../kernel/records.ts';
import type { FinishedRun } from '../study/run.ts';

type Row = { readonly at: string; readonly t: number };

/** `tcpdump.txt`: DNS by UDP on the nodes' uplinks, as `tcpdump -n port 53` prints it; times in seconds of the run. */
export function tcpdumpText({ store }: FinishedRun): string {
  const rows = [...store.rows(packetCaptured)].filter(({ text }) => text !== '');
  return byPlace(rows, 'tcpdump -n -i uplink udp port 53', (row) => {
    const from = `${row.source}.${row.sourcePort}`;
    return `${clock(row.t)} IP ${from} > ${row.destination}.${row.destinationPort}: ${row.text}`;
  });
}

/** `coredns.log`: what each CoreDNS process prints. */
export function coreDnsLogText({ store }: FinishedRun): string {
  return byPlace([...store.rows(coreDnsLog)], 'log', ({ line }) => line);
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

/** `00:00:01.000025`. */
function clock(micros: number): string {
  const whole = Math.floor(micros / second);
  const part = (value: number) => String(value).padStart(2, '0');
  const hours = part(Math.floor(whole / 3600));
  return `${hours}:${part(Math.floor(whole / 60) % 60)}:${part(whole % 60)}.${String(micros % second).padStart(6, '0')}`;
}
