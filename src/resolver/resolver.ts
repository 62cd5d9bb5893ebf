import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import { BusyboxNslookup } from './busybox-nslookup.ts';
import { CAres } from './c-ares/c-ares.ts';
import type { ResolverDescription } from './description.ts';
import { Dig } from './dig.ts';
import { Glibc } from './glibc/glibc.ts';
import { Go } from './go/go.ts';
import { GoWithCgo } from './go/go-with-cgo.ts';
import { HeldAddresses } from './held-addresses.ts';
import { JvmCache } from './jvm-cache.ts';
import { LibuvPool } from './libuv-pool.ts';
import type { Resolver } from './lookup.ts';
import { Musl } from './musl/musl.ts';
import { Netty } from './netty/netty.ts';
import { Program } from './program.ts';
import { Threads } from './threads.ts';

/**
 * The resolver of one process; of libc, calls that overlap run in threads of their own. `name`: whose it is, in records;
 * `callers`: how many there are who wait for an answer before they call again.
 */
export function createResolver(
  simulation: Simulation,
  sockets: Sockets,
  name: string,
  description: ResolverDescription,
  callers = Number.POSITIVE_INFINITY,
): Resolver {
  const { cache, held, program } = description;
  const isDirect = cache === undefined && held === undefined && program === undefined;
  let resolver = inProcess(simulation, sockets, name, description, !isDirect || callers > 1);
  // Where no interface has an IPv6 address, lo neither, InetAddress does without the family (Inet4AddressImpl).
  const only = description.hasIpv6 === false ? 'ipv4' : undefined;
  if (cache !== undefined) resolver = new JvmCache(simulation, sockets.host, name, resolver, cache, only);
  if (held !== undefined) resolver = new HeldAddresses(simulation, sockets.host, name, resolver, held);
  return program === undefined ? resolver : new Program(resolver, program);
}

function inProcess(
  simulation: Simulation,
  sockets: Sockets,
  name: string,
  description: ResolverDescription,
  overlap: boolean,
): Resolver {
  const newPool = (newThread: () => Resolver) => {
    const { pool } = description;
    if (pool !== undefined) return new LibuvPool(simulation, sockets.host, name, pool.threads, newThread);
    return overlap ? new Threads(newThread) : newThread();
  };
  switch (description.kind) {
    case 'glibc': {
      const glibc = new Glibc(simulation, sockets, name, description);
      return newPool(() => glibc.thread());
    }
    case 'musl':
      return newPool(() => new Musl(simulation, sockets, name, description));
    case 'go': {
      const { cgo } = description;
      const newGo = (described: ResolverDescription) => new Go(simulation, sockets, name, described);
      if (cgo === undefined) return newGo(description);
      const newLibc = (described: ResolverDescription) =>
        inProcess(simulation, sockets, name, { ...described, ...cgo }, overlap);
      return new GoWithCgo(description, newGo, newLibc);
    }
    case 'c-ares':
      return new CAres(simulation, sockets, name, description);
    case 'netty':
      return new Netty(simulation, sockets, name, description);
    case 'busybox-nslookup':
      return new BusyboxNslookup(simulation, sockets, name, description);
    case 'dig':
    case 'nslookup':
    case 'host':
      return new Dig(simulation, sockets, name, description);
  }
}
