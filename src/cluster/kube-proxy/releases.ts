import { behaviourOf, type Histories, since } from '../../coredns/history.ts';
import { type Micros, second } from '../../engine/time.ts';

/** What differs between releases of kube-proxy, but for the flows that it deletes (clean-up.ts). */
interface KubeProxyRelease {
  /** From one sync to the next, unless configured. */
  readonly minSyncPeriod: Micros;
  /** Two syncs may follow each other at once, and the period counts from start to start; otherwise from the end of one. */
  readonly burst: boolean;
  /** Chains of Services that have not changed are left as they are. */
  readonly partialSync: boolean;
  /** Without ready end points those that still serve while they terminate are used. */
  readonly terminatingEndpoints: boolean;
  readonly internalTrafficPolicy: boolean;
}

const behaviours: Histories<KubeProxyRelease> = {
  /** kubernetes#92836. */
  minSyncPeriod: [
    ['0', 0],
    ['1.19', 1 * second],
  ],
  /** kubernetes#131615: pkg/proxy/runner in place of the token bucket. */
  burst: [
    ['0', true],
    ['1.34', false],
  ],
  /** KEP-3453, MinimizeIPTablesRestore: on unless configured since its beta. */
  partialSync: since('1.27'),
  /** KEP-1669, ProxyTerminatingEndpoints: on unless configured since its beta. */
  terminatingEndpoints: since('1.26'),
  /** KEP-2086, ServiceInternalTrafficPolicy: on unless configured since its beta. */
  internalTrafficPolicy: since('1.22'),
};

/** kube-proxy of a release such as `1.22.3`; of `1.22` alone, its last patch release. */
export function kubeProxyRelease(release: string): KubeProxyRelease {
  return behaviourOf(behaviours, patchOf(release));
}

const lastPatch = 999;

/** `1.22` as its last patch release. */
export function patchOf(release: string): string {
  return release.split('.').length > 2 ? release : `${release}.${lastPatch}`;
}
