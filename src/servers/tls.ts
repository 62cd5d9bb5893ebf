import type { Simulation } from '../engine/simulation.ts';
import type { SocketError, Sockets } from '../kernel/socket/socket.ts';
import type { Endpoint } from '../network/packet.ts';
import { type Answering, serveTcp, type TcpLimits, type TcpServing } from '../transport/serve.ts';
import { acceptTls, type TlsServer } from '../transport/tls/server.ts';
import type { TlsSide } from './description.ts';

/** What of a TLS server may change while it runs. */
export type Manners = Pick<TlsServer, 'greeting' | 'bare'>;

const wellMannered: Manners = { greeting: () => 'tls', bare: () => false };

/** Serves DNS over TLS at the port that is said. */
export function serveTls(
  simulation: Simulation,
  sockets: Sockets,
  { address }: Endpoint,
  name: string,
  answering: Answering,
  { port, certificate, version, certificateOctets, greeting }: TlsSide,
  limits: () => TcpLimits,
  manners: Manners = greeting === undefined ? wellMannered : { ...wellMannered, greeting: () => greeting },
): TcpServing | SocketError {
  const server: TlsServer = { certificate, version, certificateOctets, ...manners };
  return serveTcp(simulation, sockets, { address, port }, name, answering, limits, {
    secure: (connection) => acceptTls(simulation, connection, server),
  });
}
