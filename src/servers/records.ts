import { recordKind } from '../engine/recorder.ts';

/**
 * A query that reached a server. `did`: what the server made of it: answer, nxdomain, nodata, servfail, refused, notimp,
 * formerr, tc, drop… `edns` is the size asked for, NaN without OPT. `connection`: the nth source port (UDP) or the nth
 * connection (TCP) from which this server was asked. `size`: octets of the reply, NaN without one.
 */
export const serverQuery = recordKind('server.query', {
  server: 'text',
  protocol: 'text',
  name: 'text',
  type: 'text',
  edns: 'number',
  do: 'flag',
  rd: 'flag',
  ad: 'flag',
  cd: 'flag',
  did: 'text',
  from: 'text',
  connection: 'number',
  size: 'number',
});
