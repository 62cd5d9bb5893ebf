import { corednsNames } from '../names.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { addressOf } from './addresses.ts';

/** A pod on its node, whoever runs in it. */
export interface PlacedPod {
  readonly name: string;
  readonly node: string;
  readonly address: string;
}

/** Every pod with its node and address: CoreDNS's replicas, spread over the nodes unless said, and the scenario's own. */
export function placeAll(file: ScenarioFile): { readonly coredns: PlacedPod[]; readonly all: PlacedPod[] } {
  const { nodes, podCIDR, coredns: settings } = file.cluster;
  const names = Object.keys(nodes);
  const coredns = corednsNames(file.cluster).map((name, i) => ({
    name,
    node: settings.nodes?.[i] ?? names[i % names.length] ?? '',
    address: addressOf(name, podCIDR),
  }));
  const own = Object.entries(file.pods).map(([name, { node, address }]) => {
    return { name, node, address: address ?? addressOf(name, podCIDR) };
  });
  return { coredns, all: [...coredns, ...own] };
}
