import { headless } from '../../cluster/world.ts';
import type { Path } from '../document.ts';
import { podNames, routerName } from '../names.ts';
import { type CheckContext, objectTo } from './check.ts';
import { nodeCacheNames } from './node-local-dns.ts';

/** Each host has a name and an address of its own. */
export function checkHosts(context: CheckContext): void {
  checkNames(context);
  checkAddresses(context);
}

function checkNames(context: CheckContext): void {
  const { nodes, servers, pods, coredns } = context.names;
  const taken = new Map<string, string>([
    [routerName, 'the router'],
    ...coredns.map((name) => [name, 'a CoreDNS pod'] as const),
    ...nodeCacheNames(context.file.cluster).map((name) => [name, 'NodeLocal DNSCache'] as const),
  ]);
  const { deployments } = context.names;
  const groups: readonly [Path, readonly string[], string][] = [
    [['cluster', 'nodes'], nodes, 'a node'],
    [['servers'], servers, 'a server'],
    [['pods'], pods, 'a pod'],
    ...deployments.map((name): [Path, readonly string[], string] => [
      ['pods', name],
      podNames(name, context.file.pods[name]?.deployment?.replicas ?? 0),
      `a pod of ${name}`,
    ]),
  ];
  for (const [path, names, what] of groups) {
    for (const name of names) {
      const other = taken.get(name);
      if (other === undefined) taken.set(name, what);
      else
        context.problems.push({
          code: 'name-taken',
          ...context.document.keyAt(path.length === 2 && path[0] === 'pods' ? path : [...path, name]),
          message: `"${name}" is already the name of ${other}`,
          hint: 'choose another name',
        });
    }
  }
}

function checkAddresses(context: CheckContext): void {
  const { file } = context;
  const taken = new Map<string, string>();
  const claim = (path: Path, address: string | undefined, owner: string) => {
    if (address === undefined) return;
    const other = taken.get(address);
    if (other === undefined) taken.set(address, owner);
    else
      objectTo(
        context,
        path,
        'address-taken',
        `${address} is already the address of ${other}`,
        'give each host an address of its own',
      );
  };
  const { serviceIP, otherServiceIP } = file.cluster.coredns;
  claim(['cluster', 'coredns', 'serviceIP'], serviceIP, 'the kube-dns Service');
  claim(['cluster', 'coredns', 'serviceIP'], otherServiceIP, 'the kube-dns Service');
  claim(['cluster', 'nodeLocalDNS', 'upstreamIP'], file.cluster.nodeLocalDNS?.upstreamIP, 'kube-dns-upstream');
  const hosts: readonly [Path, Readonly<Record<string, { address?: string; otherAddress?: string }>>][] = [
    [['cluster', 'nodes'], file.cluster.nodes],
    [['servers'], file.servers],
    [['pods'], file.pods],
  ];
  for (const [path, group] of hosts)
    for (const [name, { address, otherAddress }] of Object.entries(group)) {
      claim([...path, name, 'address'], address, name);
      claim([...path, name, 'address'], otherAddress, name);
    }
  for (const [i, { name, address }] of file.cluster.services.entries())
    if (address !== headless) claim(['cluster', 'services', i, 'address'], address, `Service ${name}`);
}
