import type { ColumnStore, Row } from '../engine/columns.ts';
import type { RecordHeader } from '../engine/recorder.ts';
import { type Micros, second } from '../engine/time.ts';
import { connectionLine } from '../kernel/ipvs/print.ts';
import { ipvsConnection, ipvsPacket, packetDropped } from '../kernel/records.ts';
import type { Evidence } from './evidence-of.ts';
import { inSeconds, instant } from './words.ts';

export type IpvsPacket = Row<typeof ipvsPacket.columns>;

/** Where IPVS's connection table sent packets whose way the list of real servers would not show. */
export function* ipvsEvidence(store: ColumnStore, nameOf: (address: string) => string): Generator<Evidence> {
  for (const row of store.rows(ipvsPacket)) {
    if (row.reply || row.weight > 0) continue;
    const server = `${nameOf(row.server)} (${row.server}:${row.serverPort})`;
    const begun = instant(row.t - Math.round(row.age * second));
    const text = `the packet matched the IPVS connection begun at ${begun}, ${minutes(row.left)} left, which points at ${server}; that real server has weight 0, as its end point left the Service, but keeps the connections that it has, and this very packet gave this one ${minutes(row.timeout)} again`;
    const short = `an IPVS connection to ${server}, whose end point had left the Service`;
    yield way(row, 'stale-ipvs-connection', text, short);
  }
  const ended = new Set<string>();
  const begun = new Map<string, Micros[]>();
  for (const row of store.rows(ipvsConnection)) {
    const key = `${row.at} ${row.protocol} ${row.client}:${row.clientPort} ${row.virtual}:${row.virtualPort}`;
    if (row.cause === 'server-gone') ended.add(`${row.at} ${row.t}`);
    if (row.cause === 'begun') begun.set(key, [...(begun.get(key) ?? []), row.t]);
  }
  for (const row of store.rows(packetDropped)) {
    if (row.cause !== 'ipvs-server-gone') continue;
    const service = `${row.destination}:${row.destinationPort}`;
    const then = ended.has(`${row.at} ${row.t}`)
      ? 'with expire_nodest_conn the connection ended, so that the next packet gets another server'
      : 'without expire_nodest_conn the connection stays for what is left of its time';
    const key = `${row.at} ${row.protocol} ${row.source}:${row.sourcePort} ${service}`;
    const since = begun.get(key)?.findLast((t) => t <= row.t);
    const which =
      since === undefined
        ? `an IPVS connection for ${service}`
        : `the IPVS connection begun at ${instant(since)} for ${service} from this port, ${row.sourcePort},`;
    const text = `the packet matched ${which} whose real server kube-proxy had deleted; ${row.at} dropped it, and ${then}`;
    yield way(row, row.cause, text, 'an IPVS connection to a real server that was deleted');
  }
}

function way(header: RecordHeader, cause: string, text: string, short: string): Evidence {
  return { header, weight: 'way', cause, text, short, filledBy: 0, isVerdict: false };
}

/** Seconds as ipvsadm prints them: `4:58`. */
export function minutes(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${`${whole % 60}`.padStart(2, '0')}`;
}

/** What IPVS made of a packet from the client. `named`: of an end point. */
export function ipvsText(row: IpvsPacket, named: (address: string, port: number) => string): string {
  const server = named(row.server, row.serverPort);
  const time = `${minutes(row.timeout)} after each packet`;
  if (row.isNew)
    return `IPVS has no connection for this port and picks ${server}; a new connection keeps that for ${time}.`;
  const begun = instant(row.t - Math.round(row.age * second));
  const state = row.weight === 0 ? ', which has weight 0 but keeps the connections that it has' : '';
  const ago = inSeconds(Math.round(row.age * second));
  return `The IPVS connection for this port (begun at ${begun}, ${ago} ago; ${minutes(row.left)} left, now ${minutes(row.timeout)} again) points at ${server}${state}.`;
}

/** The connection as `ipvsadm -Lnc` prints it just after the packet. */
export function ipvsLine(row: IpvsPacket): string {
  const { protocol, state, timeout, client, clientPort, virtual, virtualPort, server, serverPort } = row;
  return connectionLine({
    protocol,
    state,
    left: timeout,
    client: `${client}:${clientPort}`,
    virtual: `${virtual}:${virtualPort}`,
    server: `${server}:${serverPort}`,
  });
}
