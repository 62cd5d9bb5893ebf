import type { CoreDnsDescription } from '../../coredns/description.ts';
import type { Micros } from '../../engine/time.ts';
import type { CoreDnsTemplate } from './description.ts';

/** The CoreDNS of a pod that is made of a template, on a node. */
export function processOf(
  { process, nodeFiles }: CoreDnsTemplate,
  pod: { readonly name: string; readonly node: string; readonly host: string; readonly startAt: Micros },
): CoreDnsDescription {
  const { name, node, host, startAt } = pod;
  return { ...process, files: { ...process.files, ...nodeFiles[node] }, name, host, startAt };
}
