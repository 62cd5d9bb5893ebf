import type { Simulation } from '../engine/simulation.ts';
import type { Sockets } from '../kernel/socket/socket.ts';
import type { ResolverDescription } from './description.ts';
import { Glibc } from './glibc/glibc.ts';
import { JvmCache } from './jvm-cache.ts';
import type { Resolver } from './lookup.ts';

/** The resolver of one process with one thread. `name`: whose it is, in records. */
export function createResolver(
  simulation: Simulation,
  sockets: Sockets,
  name: string,
  description: ResolverDescription,
): Resolver {
  const libc = new Glibc(simulation, sockets, name, description).thread();
  return description.cache === undefined ? libc : new JvmCache(simulation, sockets.host, name, libc, description.cache);
}
