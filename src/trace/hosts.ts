import { nodeOfCache } from '../cluster/node-local-dns/name.ts';
import { nodesOf, type World } from '../cluster/world.ts';
import { processTitle } from './words.ts';

const ranks = ['client', 'kernel', 'node-cache', 'coredns', 'recursor', 'authority', 'elsewhere'] as const;
type Rank = (typeof ranks)[number];

/** Hosts that do the same on a query's way: a lane of a picture. */
export interface Lane {
  readonly name: string;
  /** More than one host: what happens there names its own. */
  readonly hosts: readonly string[];
}

const several: Readonly<Record<Rank, string>> = {
  client: 'pods',
  kernel: 'kernel, conntrack',
  'node-cache': 'NodeLocal DNSCache',
  coredns: 'CoreDNS',
  recursor: 'recursors',
  authority: 'authorities',
  elsewhere: 'elsewhere',
};

/** The lanes for the hosts given, in the order in which a query meets them. */
export function lanesOf(world: World, hosts: ReadonlySet<string>): Lane[] {
  // node-cache has its node's network, and a lane of its own.
  const all = [...world.hosts, ...(world.nodeCaches ?? [])]
    .filter(({ name }) => hosts.has(name))
    .map(({ name }) => ({ name, rank: rankOf(world, name) }));
  return ranks.flatMap((rank): Lane[] => {
    const here = all.filter((host) => host.rank === rank).map(({ name }) => name);
    const [only] = here;
    if (only === undefined) return [];
    return [
      {
        name: here.length > 1 ? several[rank] : laneName(rank, rank === 'kernel' ? only : shortName(world, only)),
        hosts: here,
      },
    ];
  });
}

function laneName(rank: Rank, name: string): string {
  switch (rank) {
    case 'client':
      return name;
    case 'kernel':
      return `${name} kernel, conntrack`;
    case 'elsewhere':
      return name;
    case 'node-cache':
    case 'coredns':
      return processTitle(name);
    case 'recursor':
    case 'authority':
      return `${rank} ${name}`;
  }
}

function rankOf(world: World, host: string): Rank {
  // A node first of all, even with a CoreDNS on its network.
  if (nodesOf(world).includes(host)) return 'kernel';
  if (nodeOfCache(host) !== undefined) return 'node-cache';
  if (world.coredns.some((process) => process.host === host)) return 'coredns';
  const server = world.servers.find((candidate) => candidate.host === host);
  if (server !== undefined) return server.role === 'recursor' ? 'recursor' : 'authority';
  return world.workloads.some((workload) => workload.host === host) ? 'client' : 'elsewhere';
}

/** The host of a process or server by its name; a host's own name stands for itself. */
export function hostOf(world: World, name: string): string {
  return owners(world).find((owner) => owner.name === name)?.host ?? name;
}

/** The process or server on a host; the host's own name where there is none. */
export function shortName(world: World, host: string): string {
  return owners(world).find((owner) => owner.host === host)?.name ?? host;
}

/** Who has an address, by name; the address where nobody has. */
export function hostWith(world: World, address: string): string {
  const host = world.hosts.find(({ interfaces }) =>
    interfaces.some(({ addresses }) => addresses.some((own) => own.split('/')[0] === address)),
  );
  if (host === undefined) return address;
  return nodesOf(world).includes(host.name) ? host.name : shortName(world, host.name);
}

function owners(world: World): readonly { readonly name: string; readonly host: string }[] {
  return [...world.coredns, ...world.servers];
}
