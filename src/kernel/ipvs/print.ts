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
    ...[...connections].map((connection) => lineOf(connection, now)),
  ];
}

function lineOf(connection: IpvsConnection, now: Micros): string {
  const { protocol, client, virtual, server, isTemplate, assured, isInvalid } = connection;
  // An invalid template is taken out of the way by these ports (ip_vs_check_template).
  const shown = (endpoint: Endpoint) => formatEndpoint(isInvalid ? { ...endpoint, port: 0xffff } : endpoint);
  return connectionLine({
    protocol,
    state: isTemplate ? (assured ? 'ASSURED' : 'NONE') : connection.state,
    left: Math.max(0, connection.expires - now) / second,
    client: formatEndpoint(client),
    virtual: shown(virtual),
    server: shown(server.endpoint),
  });
}

interface ConnectionColumns {
  readonly protocol: string;
  readonly state: string;
  /** Seconds. */
  readonly left: number;
  readonly client: string;
  readonly virtual: string;
  readonly server: string;
}

/** A line of `ipvsadm -Lnc`. */
export function connectionLine({ protocol, state, left, client, virtual, server }: ConnectionColumns): string {
  const whole = Math.floor(left);
  const columns = [
    protocol.toUpperCase(),
    `${twoDigits(Math.floor(whole / 60))}:${twoDigits(whole % 60)} `,
    state.padEnd(11),
    client.padEnd(18),
    virtual.padEnd(18),
    server,
  ];
  return columns.join(' ');
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, '0');
}
