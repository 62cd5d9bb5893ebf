import type { ClusterView } from '../../coredns/cluster-view.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { ApiServer } from '../api-server.ts';
import type { ControlPlaneRelease } from '../controllers/releases.ts';
import type { Lived } from '../lived.ts';
import type { PodTemplate } from '../pods/description.ts';
import type { PodNetwork, PodNode } from '../pods/pod-network.ts';
import type { Pod, Pods } from '../pods/pods.ts';
import type { WatchRules } from '../retries.ts';

/** What a kubelet works with. */
export interface KubeletSite {
  readonly simulation: Simulation;
  readonly node: PodNode;
  readonly release: ControlPlaneRelease;
  readonly watchRules: WatchRules;
  readonly pods: Pods;
  readonly network: PodNetwork;
  /** What a pod is made of, as its Deployment has it now. */
  readonly template: (pod: Pick<Pod, 'name' | 'deployment'>) => PodTemplate;
  readonly api: ApiServer;
  /** Of the API, for a CoreDNS process of a release. */
  readonly viewOf: (process: string, release: string) => ClusterView | undefined;
  readonly lived: Lived;
}
