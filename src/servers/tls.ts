import type { SocketError, TcpConnection } from '../kernel/socket/socket.ts';
import type { Answering, ServerSite } from '../transport/serve.ts';
import { serveTcp, type TcpLimits, type TcpServing } from '../transport/serve-tcp.ts';
import { acceptTls, type TlsServer } from '../transport/tls/server.ts';
import type { TlsSide } from './description.ts';

/** What of a TLS server may change while it runs. */
export type Manners = Pick<TlsServer, 'greeting' | 'bare'>;

const wellMannered: Manners = { greeting: () => 'tls', bare: () => false };

/** Serves DNS over TLS at the port that is said. */
export function serveTls(
  site: ServerSite,
  answering: Answering,
  { port, certificate, version, certificateOctets, greeting }: TlsSide,
  limits: () => TcpLimits,
  manners: Manners = greeting === undefined ? wellMannered : { ...wellMannered, greeting: () => greeting },
): TcpServing | SocketError {
  const server: TlsServer = { certificate, version, certificateOctets, ...manners };
  const secure = (connection: TcpConnection) => acceptTls(site.simulation, connection, server);
  return serveTcp({ ...site, local: { ...site.local, port } }, answering, { limits, secure });
}
