import type { World } from '../cluster/world.ts';

/** What stands on a host, for the lanes of a picture: who asks first, who knows last. */
export interface Lane {
  readonly host: string;
  readonly name: string;
  readonly rank: 'client' | 'kernel' | 'coredns' | 'recursor' | 'authority';
}

const ranks: readonly Lane['rank'][] = ['client', 'kernel', 'coredns', 'recursor', 'authority'];

/** Every host of a world as a lane, in the order in which a query meets them. */
export function lanesOf(world: World): Lane[] {
  const lanes = world.hosts.map((host): Lane => {
    const coredns = world.coredns.find((process) => process.host === host.name);
    const server = world.servers.find((candidate) => candidate.host === host.name);
    if (coredns !== undefined) return { host: host.name, name: `CoreDNS ${coredns.name}`, rank: 'coredns' };
    if (server?.role === 'recursor') return { host: host.name, name: `recursor ${server.name}`, rank: 'recursor' };
    if (server !== undefined) return { host: host.name, name: `authority ${server.name}`, rank: 'authority' };
    const client = world.workloads.some((workload) => workload.host === host.name);
    if (client) return { host: host.name, name: host.name, rank: 'client' };
    return { host: host.name, name: `${host.name} kernel`, rank: 'kernel' };
  });
  return ranks.flatMap((rank) => lanes.filter((lane) => lane.rank === rank));
}

/** The host of a process or server by its name; a host's own name stands for itself. */
export function hostOf(world: World, name: string): string {
  const owner =
    world.coredns.find((process) => process.name === name) ?? world.servers.find((server) => server.name === name);
  return owner?.host ?? name;
}
