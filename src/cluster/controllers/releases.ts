import { type Micros, second } from '../../engine/time.ts';

/** What the control plane and the kubelets of a Kubernetes release do about pods. */
export interface ControlPlaneRelease {
  /** First minor release with these properties. */
  readonly since: number;
  /** The kubelet looks at a container's readiness as soon as it runs (kubernetes#97126); before, at its next tick. */
  readonly probesAtStart: boolean;
  /** A pod that is being deleted stays in its EndpointSlices until it is gone, not ready and terminating (KEP-1672). */
  readonly keepsTerminating: boolean;
  /** kubeadm's CoreDNS would rather not share a node with another, one that is being deleted included (kubernetes#110593). */
  readonly keepsApart: boolean;
  /** --node-monitor-grace-period (kubernetes#126287). */
  readonly nodeMonitorGrace: Micros;
}

const oldest: ControlPlaneRelease = {
  since: 18,
  probesAtStart: false,
  keepsTerminating: false,
  keepsApart: false,
  nodeMonitorGrace: 40 * second,
};

/** Oldest first; a row holds up to the next. */
const releases: readonly ControlPlaneRelease[] = [
  oldest,
  { ...oldest, since: 21, probesAtStart: true },
  { ...oldest, since: 22, probesAtStart: true, keepsTerminating: true },
  { ...oldest, since: 25, probesAtStart: true, keepsTerminating: true, keepsApart: true },
  {
    since: 32,
    probesAtStart: true,
    keepsTerminating: true,
    keepsApart: true,
    nodeMonitorGrace: 50 * second,
  },
];

/** The row of a release such as `1.29`. */
export function controlPlaneRelease(kubernetes: string): ControlPlaneRelease {
  const minor = Number(kubernetes.split('.')[1] ?? '');
  return releases.findLast(({ since }) => since <= minor) ?? oldest;
}
