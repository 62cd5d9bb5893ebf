import { freeAddress, nodeRanges, placeOf } from '../../cluster/pods/addresses.ts';
import { corednsNames } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';

/** A pod on its node, whoever runs in it. */
export interface PlacedPod {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  /** That of the other family, in a dual-stack cluster. */
  readonly otherAddress?: string;
  /** Whose network it uses: its own, or its node's. */
  readonly host: string;
}

/** The addresses that each node has for its pods: its own, or the next network of the cluster's; one range a family. */
export function podRanges({ cluster }: ScenarioFile): ReadonlyMap<string, readonly string[]> {
  const { nodes, podCIDR, otherPodCIDR } = cluster;
  const names = Object.keys(nodes);
  const ranges = nodeRanges(podCIDR, names.length);
  const others = otherPodCIDR === undefined ? [] : nodeRanges(otherPodCIDR, names.length);
  return new Map(
    names.map((name, n) => {
      const other = nodes[name]?.otherPodCIDR ?? others[n];
      return [name, [nodes[name]?.podCIDR ?? ranges[n] ?? podCIDR, ...(other === undefined ? [] : [other])]];
    }),
  );
}

/**
 * CoreDNS's replicas, spread over the nodes unless said, and every pod with a network of its own: the scenario's, and
 * those replicas unless they use their nodes'.
 */
export function placeAll(file: ScenarioFile): { readonly coredns: PlacedPod[]; readonly own: PlacedPod[] } {
  const { nodes, coredns: settings } = file.cluster;
  const names = Object.keys(nodes);
  const ranges = podRanges(file);
  const taken = new Set(
    Object.values(file.pods).flatMap(({ address, otherAddress }) => [address ?? [], otherAddress ?? []].flat()),
  );
  // A pod that is moved or left out changes the addresses of hardly any other.
  const choose = (name: string, node: string) => {
    const [address = '', otherAddress] = (ranges.get(node) ?? []).map((range) => {
      const free = freeAddress(range, placeOf(name), (one) => taken.has(one))?.address ?? '';
      taken.add(free);
      return free;
    });
    return { address, ...(otherAddress !== undefined && { otherAddress }) };
  };
  const coredns = corednsNames(file.cluster).map((name, i) => {
    const node = settings.nodes?.[i] ?? names[i % names.length] ?? '';
    if (settings.hostNetwork) {
      const { address = '', otherAddress } = nodes[node] ?? {};
      return { name, node, address, ...(otherAddress !== undefined && { otherAddress }), host: node };
    }
    return { name, node, ...choose(name, node), host: name };
  });
  const withNetwork = Object.entries(file.pods).filter(([, { hostNetwork }]) => !hostNetwork);
  const own = withNetwork.map(([name, { node, address, otherAddress }]) => {
    const given = address === undefined ? choose(name, node) : { address, ...(otherAddress && { otherAddress }) };
    return { name, node, ...given, host: name };
  });
  return { coredns, own: [...(settings.hostNetwork ? [] : coredns), ...own] };
}
