import { inRelease, since } from '../../../coredns/history.ts';
import { patchOf } from '../releases.ts';

/** Are Services without end points refused behind DNAT, at the priority of the filter table (kubernetes#132456), or in front of it? */
export function checksAfterDnat(release: string): boolean {
  return inRelease(since('1.34.0'), patchOf(release));
}
