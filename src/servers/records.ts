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

/**
 * What an authoritative server says: from which zone (cause `zone`; `no-zone`: not one of its own), with which serial at
 * that instant (NaN without one), and how many records answer.
 */
export const authorityAnswer = recordKind('authority.answer', {
  zone: 'text',
  serial: 'number',
  name: 'text',
  type: 'text',
  rcode: 'text',
  answers: 'number',
});

/** One try of a recursor's at one server. Cause: the reply's rcode, `no reply`, or the error's name. `waited` in seconds. */
export const recursorTry = recordKind('recursor.try', {
  upstream: 'text',
  protocol: 'text',
  name: 'text',
  type: 'text',
  attempt: 'number',
  waited: 'number',
});

/**
 * A recursor has given up all servers that it could ask for a name, and asks none. `upstreams`: with blanks between.
 * `filledBy`: its last query in vain to one of them.
 */
export const recursorGivenUp = recordKind('recursor.given-up', {
  name: 'text',
  type: 'text',
  upstreams: 'text',
  filledBy: 'number',
});

/**
 * What a recursor's cache did. Seconds everywhere but `storedAt` and `runsOut` (instants, microseconds); NaN: does not apply.
 *
 * - `outcome`: `hit`, `stale` (a hit though run out), `miss`, `joined` (waits for the same question of somebody else), `stored`, `not-stored`, `refresh`
 *   (a query ahead of time starts), `dropped` and `refused` (too many questions wait: no reply, or SERVFAIL), `jostled` and `sent-away` (it waited, and
 *   had to make room: no reply, or SERVFAIL), `limited` (over a rate limit).
 * - `rcode` as the client gets it, also for entries that are no rcode of their own: `NODATA`, `CNAME`.
 * - `ttl` as the client gets it; `originalTtl`: the entry's life; `recordTtl`: as it came from the server.
 * - `clamp`: what made `originalTtl` of `recordTtl`: `record ttl`, `soa minimum`, `cache-min-ttl 20`, `no SOA 5`…; of `limited` the
 *   limit: `10 queries a second from an address`.
 * - `filledBy`: the query whose reply is in the entry.
 */
export const recursorCache = recordKind('recursor.cache', {
  name: 'text',
  type: 'text',
  outcome: 'text',
  rcode: 'text',
  age: 'number',
  ttl: 'number',
  originalTtl: 'number',
  recordTtl: 'number',
  clamp: 'text',
  storedAt: 'number',
  runsOut: 'number',
  filledBy: 'number',
});
