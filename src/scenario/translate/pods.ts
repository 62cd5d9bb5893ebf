import { freeAddress, nodeRanges, placeOf } from '../../cluster/pods/addresses.ts';
import { corednsNames, podNames } from '../names.ts';
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

/** Where the pods are when the run begins. */
export interface PlacedPods {
  /** CoreDNS's replicas. */
  readonly coredns: readonly PlacedPod[];
  /** Those of the scenario's Deployments, by Deployment. */
  readonly clients: Readonly<Record<string, readonly PlacedPod[]>>;
  /** Those of no Deployment. */
  readonly bare: readonly PlacedPod[];
  /** All with a network of their own. */
  readonly own: readonly PlacedPod[];
}

/** CoreDNS's replicas, spread over the nodes unless said, the scenario's pods and those of its Deployments. */
export function placeAll(file: ScenarioFile): PlacedPods {
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
  const place = (
    name: string,
    node: string,
    hostNetwork: boolean,
    given?: string,
    otherAddress?: string,
  ): PlacedPod => {
    if (hostNetwork) {
      const { address = '', otherAddress: other } = nodes[node] ?? {};
      return { name, node, address, ...(other !== undefined && { otherAddress: other }), host: node };
    }
    if (given === undefined) return { name, node, ...choose(name, node), host: name };
    return { name, node, address: given, ...(otherAddress !== undefined && { otherAddress }), host: name };
  };
  const coredns = corednsNames(file.cluster).map((name, i) =>
    place(name, settings.nodes?.[i] ?? names[i % names.length] ?? '', settings.hostNetwork),
  );
  const bare: PlacedPod[] = [];
  const clients: Record<string, PlacedPod[]> = {};
  for (const [name, { node, deployment, hostNetwork, address, otherAddress }] of Object.entries(file.pods)) {
    if (deployment === undefined) {
      bare.push(place(name, node, hostNetwork, address, otherAddress));
      continue;
    }
    const on = deployment.nodes ?? names;
    clients[name] = podNames(name, deployment.replicas).map((pod, i) =>
      place(pod, on[i % on.length] ?? '', hostNetwork),
    );
  }
  const all = [...coredns, ...bare, ...Object.values(clients).flat()];
  return { coredns, clients, bare, own: all.filter(({ name, host }) => name === host) };
}
