import { corednsNames } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { addressOf } from './addresses.ts';

/** A pod on its node, whoever runs in it. */
export interface PlacedPod {
  readonly name: string;
  readonly node: string;
  readonly address: string;
  /** Whose network it uses: its own, or its node's. */
  readonly host: string;
}

/**
 * CoreDNS's replicas, spread over the nodes unless said, and every pod with a network of its own: the scenario's, and
 * those replicas unless they use their nodes'.
 */
export function placeAll(file: ScenarioFile): { readonly coredns: PlacedPod[]; readonly own: PlacedPod[] } {
  const { nodes, podCIDR, coredns: settings } = file.cluster;
  const names = Object.keys(nodes);
  const coredns = corednsNames(file.cluster).map((name, i) => {
    const node = settings.nodes?.[i] ?? names[i % names.length] ?? '';
    if (settings.hostNetwork) return { name, node, address: nodes[node]?.address ?? '', host: node };
    return { name, node, address: addressOf(name, podCIDR), host: name };
  });
  const own = Object.entries(file.pods).map(([name, { node, address }]) => {
    return { name, node, address: address ?? addressOf(name, podCIDR), host: name };
  });
  return { coredns, own: [...(settings.hostNetwork ? [] : coredns), ...own] };
}
