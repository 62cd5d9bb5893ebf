import type { Errno } from '../../../kernel/socket/socket.ts';
import { formatEndpoint } from '../../../network/address.ts';
import type { Endpoint } from '../../../network/packet.ts';
import { errnoText } from '../../../transport/errno-text.ts';

/** `dial tcp 10.0.0.1:53: connect: connection refused`, or `…: i/o timeout`. */
export function dialError(protocol: string, to: Endpoint, errno: Errno | undefined): string {
  return `dial ${protocol} ${formatEndpoint(to)}: ${errno === undefined ? 'i/o timeout' : `connect: ${errnoText(errno)}`}`;
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
  return `${call} ${protocol} ${ends}: ${errno === undefined ? 'i/o timeout' : `${call}: ${errnoText(errno)}`}`;
}
