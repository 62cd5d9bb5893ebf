import type { Path } from '../document.ts';
import type { ScenarioFile } from '../schema/scenario.ts';
import { type CheckContext, objectTo } from './check.ts';

/** Services have the families that pods have, and IPv6 is asked only of what is modelled with it. */
export function checkFamilies(context: CheckContext): void {
  // What stands in for an address that cannot be read is of no family.
  if (context.problems.some(({ code }) => code === 'bad-address')) return;
  const { coredns, podCIDR, otherPodCIDR, nodeLocalDNS } = context.file.cluster;
  const ranges = [podCIDR, otherPodCIDR ?? []].flat();
  for (const address of [coredns.serviceIP, coredns.otherServiceIP ?? []].flat()) {
    if (ranges.some((range) => isIpv6(range) === isIpv6(address))) continue;
    const message = `${address} is of another family than the pods' addresses (${ranges.join(', ')})`;
    const hint = 'give podCIDR one network of each family, such as [10.244.0.0/16, "fd00:10:244::/56"]';
    objectTo(context, ['cluster', 'coredns', 'serviceIP'], 'other-family', message, hint);
  }
  checkNodes(context, ranges);
  if (!ranges.some(isIpv6)) return;
  const refuse = (path: Path, what: string, hint: string) =>
    objectTo(context, path, 'not-modelled', `${what} is not modelled with IPv6`, hint);
  if (nodeLocalDNS !== undefined)
    refuse(['cluster', 'nodeLocalDNS'], 'NodeLocal DNSCache', 'give podCIDR a network of IPv4 alone');
}

function checkNodes({ file, ...context }: CheckContext, ranges: readonly string[]): void {
  for (const [name, node] of Object.entries(file.cluster.nodes)) {
    const own = [node.address, node.otherAddress ?? []].flat();
    const lacking = ranges.find((range) => !own.some((address) => isIpv6(address) === isIpv6(range)));
    if (lacking === undefined) continue;
    const family = isIpv6(lacking) ? 'IPv6' : 'IPv4';
    const message = `${name} has no address of ${family}, which its pods have (${lacking})`;
    const hint = 'give it one of each family, such as [192.168.1.200, "2001:db8::200"]';
    objectTo({ file, ...context }, ['cluster', 'nodes', name, 'address'], 'other-family', message, hint);
  }
}

function isIpv6(text: ScenarioFile['cluster']['podCIDR']): boolean {
  return text.includes(':');
}
