import type { Errno } from '../kernel/socket/socket.ts';

const texts: Readonly<Record<Errno, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EPIPE: 'broken pipe',
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

/** What Go prints for an error of a system call (package syscall, zerrors_linux). */
export function errnoText(errno: Errno): string {
  return texts[errno];
}
