import { freeAddress, nodeRanges, placeOf } from '../../cluster/pods/addresses.ts';
import { corednsNames } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** A pod on its node, whoever runs in it. */
export interface PlacedPod {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  /** Whose network it uses: its own, or its node's. */
  readonly host: string;
}

/** The addresses that each node has for its pods: its own, or the next network of the cluster's. */
export function podRanges({ cluster: { nodes, podCIDR } }: ScenarioFile): ReadonlyMap<string, string> {
  const names = Object.keys(nodes);
  const ranges = nodeRanges(podCIDR, names.length);
  return new Map(names.map((name, n) => [name, nodes[name]?.podCIDR ?? ranges[n] ?? podCIDR]));
}

/**
 * CoreDNS's replicas, spread over the nodes unless said, and every pod with a network of its own: the scenario's, and
 * those replicas unless they use their nodes'.
 */
export function placeAll(file: ScenarioFile): { readonly coredns: PlacedPod[]; readonly own: PlacedPod[] } {
  const { nodes, coredns: settings } = file.cluster;
  const names = Object.keys(nodes);
  const ranges = podRanges(file);
  const taken = new Set(Object.values(file.pods).flatMap(({ address }) => address ?? []));
  // A pod that is moved or left out changes the addresses of hardly any other.
  const choose = (name: string, node: string) => {
    const address = freeAddress(ranges.get(node) ?? '', placeOf(name), (one) => taken.has(one))?.address ?? '';
    taken.add(address);
    return address;
  };
  const coredns = corednsNames(file.cluster).map((name, i) => {
    const node = settings.nodes?.[i] ?? names[i % names.length] ?? '';
    if (settings.hostNetwork) return { name, node, address: nodes[node]?.address ?? '', host: node };
    return { name, node, address: choose(name, node), host: name };
  });
  const own = Object.entries(file.pods).map(([name, { node, address }]) => {
    return { name, node, address: address ?? choose(name, node), host: name };
  });
  return { coredns, own: [...(settings.hostNetwork ? [] : coredns), ...own] };
}
