import { type Micros, second } from '../../engine/time.ts';
import { formatEndpoint } from '../../network/address.ts';
import type { Endpoint } from '../../network/packet.ts';
import type { IpvsConnection } from './connection.ts';
import { compareEndpoints, type VirtualServer } from './virtual-server.ts';

/** What `ipvsadm -Ln` prints (ipvsadm 1.31; size: of the connection table, the kernel's default). */
export function servicesText(servers: readonly VirtualServer[]): string[] {
  return [
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    ...servers.flatMap((server) => [serviceLine(server), ...serverLines(server)]),
  ];
}

function serviceLine({ protocol, endpoint, scheduler, persistence }: VirtualServer): string {
  const flags = persistence === undefined ? '' : ` persistent ${persistence / second}`;
  return `${protocol.toUpperCase()}  ${formatEndpoint(endpoint)} ${scheduler}${flags}`;
}

function serverLines({ servers }: VirtualServer): string[] {
  const sorted = [...servers].sort((a, b) => compareEndpoints(a.endpoint, b.endpoint));
  return sorted.map(({ endpoint, weight, activeConnections, inactiveConnections }) => {
    const columns = [
      formatEndpoint(endpoint).padEnd(28),
      'Masq'.padEnd(7),
      `${weight}`.padEnd(6),
      `${activeConnections}`.padEnd(10),
      `${inactiveConnections}`.padEnd(10),
    ];
    return `  -> ${columns.join(' ')}`;
  });
}

/** What `ipvsadm -Lnc` prints; the oldest connection first, where the kernel's order is that of its hash. */
export function connectionsText(connections: Iterable<IpvsConnection>, now: Micros): string[] {
  return [
    'IPVS connection entries',
    'pro expire state       source             virtual            destination',
    ...[...connections].map((connection) => connectionLine(connection, now)),
  ];
}

function connectionLine(connection: IpvsConnection, now: Micros): string {
  const { protocol, client, virtual, server, isTemplate, assured, isInvalid } = connection;
  // An invalid template is taken out of the way by these ports (ip_vs_check_template).
  const shown = (endpoint: Endpoint) => formatEndpoint(isInvalid ? { ...endpoint, port: 0xffff } : endpoint);
  const left = Math.floor(Math.max(0, connection.expires - now) / second);
  const state = isTemplate ? (assured ? 'ASSURED' : 'NONE') : connection.state;
  const columns = [
    protocol.toUpperCase(),
    `${twoDigits(Math.floor(left / 60))}:${twoDigits(left % 60)} `,
    state.padEnd(11),
    formatEndpoint(client).padEnd(18),
    shown(virtual).padEnd(18),
    shown(server.endpoint),
  ];
  return columns.join(' ');
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0');
}
