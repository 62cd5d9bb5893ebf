import type { Source } from '../../problem/problem.ts';
import { boundIn, isOfLink } from '../../scenario/bound-addresses.ts';
import type { Change } from '../../scenario/changes/change.ts';

/** Is it a Corefile of NodeLocal DNSCache? It has placeholders for node-cache to fill, or listens on an address of one link. */
export function isOfNodeCache(text: string): boolean {
  return text.includes('__PILLAR__') || boundIn(text).some(isOfLink);
}

/** How a cluster has NodeLocal DNSCache with a Corefile, or a ConfigMap that holds it, whose path is `corefile`; `option`: what named it. */
export function nodeCacheChanges({ text }: Source, corefile: string, option = '--corefile'): Change[] {
  const value = (path: readonly string[], it: unknown): Change => ({
    kind: 'value',
    file: option,
    path,
    value: it,
  });
  // It asks CoreDNS for reverse names: by kube-dns's own address, or, where it listens on that, by another.
  const [, asked] = /in-addr\.arpa[^{\n]*\{[^}]*?\bforward[ \t]+\.[ \t]+(\d+(?:\.\d+){3})/.exec(text) ?? [];
  const taken = boundIn(text).find((address) => !isOfLink(address) && /^\d+(\.\d+){3}$/.test(address));
  const serviceIP = taken ?? asked;
  const upstreamIP = asked === undefined || asked === serviceIP ? {} : { upstreamIP: asked };
  return [
    value(['cluster', 'nodeLocalDNS'], { corefile, ...upstreamIP }),
    ...(serviceIP === undefined ? [] : [value(['cluster', 'coredns', 'serviceIP'], serviceIP)]),
  ];
}
