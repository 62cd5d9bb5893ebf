import type { Errno } from '../../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';

/** What Go prints for an errno. */
const texts: Readonly<Record<Errno, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  EACCES: 'permission denied',
  EMSGSIZE: 'message too long',
  EPERM: 'operation not permitted',
  EINVAL: 'invalid argument',
  ENOPROTOOPT: 'protocol not available',
  ETIMEDOUT: 'connection timed out',
  EADDRINUSE: 'address already in use',
  EADDRNOTAVAIL: 'cannot assign requested address',
};

/** `dial tcp 10.0.0.1:53: connect: connection refused`, or `…: i/o timeout`. */
export function dialError(protocol: string, to: Endpoint, errno: Errno | undefined): string {
  return `dial ${protocol} ${formatEndpoint(to)}: ${errno === undefined ? 'i/o timeout' : `connect: ${texts[errno]}`}`;
}

/** `read udp 10.0.0.2:40000->10.0.0.1:53: i/o timeout`, or `…: read: connection refused`. */
export function transferError(
  call: 'read' | 'write',
  protocol: string,
  from: Endpoint,
  to: Endpoint,
  errno: Errno | undefined,
): string {
  const ends = `${formatEndpoint(from)}->${formatEndpoint(to)}`;
  return `${call} ${protocol} ${ends}: ${errno === undefined ? 'i/o timeout' : `${call}: ${texts[errno]}`}`;
}
