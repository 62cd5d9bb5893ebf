import { behaviourOf, type Histories, since } from '../../../coredns/history.ts';
import { patchOf } from '../releases.ts';

/** What differs between releases of kube-proxy in the mode ipvs. */
interface IpvsProxierRelease {
  /** Real servers of UDP are deleted with their end points; otherwise they stay with weight 0 until nobody uses them. */
  readonly deletesUdpAtOnce: boolean;
  /** Connections to a deleted server end (expire_nodest_conn), templates of servers with weight 0 too (expire_quiescent_template). */
  readonly expiresOrphans: boolean;
  /** KUBE-IPVS-FILTER: ports of a Service's address that it does not have are rejected. */
  readonly rejectsOtherPorts: boolean;
}

const behaviours: Histories<IpvsProxierRelease> = {
  /** kubernetes#77802, which took UDP for another protocol until #78999. */
  deletesUdpAtOnce: [
    ['0', false],
    ['1.14.4', true],
    ['1.15.0', false],
    ['1.15.1', true],
  ],
  /** kubernetes#71834. */
  expiresOrphans: since('1.14.0'),
  /** kubernetes#72236. */
  rejectsOtherPorts: since('1.26.0'),
};

export function ipvsProxierRelease(release: string): IpvsProxierRelease {
  return behaviourOf(behaviours, patchOf(release));
}

/** Does kube-proxy set conn_reuse_mode to 0 on a kernel? Between 4.1, which brought it, and 5.9 (kubernetes#93297). */
export function turnsReuseOff(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const number = major * 1000 + minor;
  return number >= 4001 && number < 5009;
}
