import type { CoreDnsDescription } from '../coredns/description.ts';
import type { Distribution } from '../engine/distribution.ts';
import type { Micros } from '../engine/time.ts';
import type { HostDescription } from '../kernel/description.ts';
import type { IpvsTimeouts } from '../kernel/ipvs/administration.ts';
import type { SchedulerName } from '../kernel/ipvs/schedulers.ts';
import type { LinkQuality, SegmentDescription } from '../network/description.ts';
import type { ScriptedState, ServerDescription } from '../servers/description.ts';
import type { WorkloadDescription } from '../workload/description.ts';
import type { Absence } from './api-server.ts';
import type { EndpointDescription } from './endpoint.ts';
import type { NodeCacheDescription } from './node-local-dns/description.ts';
import type { RestartOptions } from './node-local-dns/node-cache.ts';
import type { LifeDescription } from './pods/description.ts';

/** In place of a ClusterIP: the Service's name stands for its end points. */
export const headless = 'None';

export type TrafficPolicy = 'Cluster' | 'Local';

/** A Service with the rules that kube-proxy writes for it on a host. */
export interface ServiceDescription {
  /** `namespace/name`. */
  readonly name: string;
  /** ClusterIP, or `None`. */
  readonly address: string;
  /** That of the other family, of a dual-stack Service; its end points are of both then. */
  readonly otherAddress?: string;
  readonly ports: readonly {
    readonly name: string;
    readonly protocol: 'udp' | 'tcp';
    readonly port: number;
    readonly targetPort: number;
    /** Every node takes traffic for the Service at this port of its own addresses. */
    readonly nodePort?: number;
  }[];
  readonly endpoints: readonly EndpointDescription[];
  /** The names of its end points are answered, and get traffic, before the pods are ready. */
  readonly publishNotReadyAddresses?: boolean;
  /** ClientIP: a client is sent to the end point of its last query for so many seconds. */
  readonly sessionAffinity?: number;
  /** Local: traffic to the ClusterIP goes to end points on the same node only. */
  readonly internalTrafficPolicy?: TrafficPolicy;
  /** Local: traffic from outside goes to end points on the node where it arrives only. */
  readonly externalTrafficPolicy?: TrafficPolicy;
  readonly externalIPs?: readonly string[];
  readonly loadBalancerIPs?: readonly string[];
}

/** How kube-proxy gets Services into the kernel. */
export type ProxyMode = 'iptables' | 'ipvs' | 'nftables';

/** What may become of a kube-proxy. */
export type KubeProxyTurn = 'stop' | 'start' | 'hang' | 'go on' | 'fail restores' | 'restore again';

/** How kube-proxy is set up on all its nodes. */
export interface KubeProxyDescription {
  readonly mode: ProxyMode;
  /** Of Kubernetes, such as `1.22.3`. */
  readonly release: string;
  /** From a change in the API until the watch has told it of that. */
  readonly delay: Distribution;
  /** Absent: the default of the release. */
  readonly minSyncPeriod?: Micros;
  /** A restore that failed is tried again after this. */
  readonly syncPeriod: Micros;
  /** From the commit of the filter table to that of the nat table: at least, and for each line of the latter. */
  readonly commitGap: { readonly least: Distribution; readonly perLine: Micros };
  /** Absent: round robin, and the kernel's time-outs. */
  readonly ipvs?: IpvsOptions;
  /** Where the addresses of Services come from: nftables drops what goes to one that no Service has. Absent: unknown. */
  readonly serviceCidr?: string;
}

/** Of the mode ipvs. */
export interface IpvsOptions {
  readonly scheduler: SchedulerName;
  readonly timeouts: IpvsTimeouts;
}

/** What an operator does, or fate, to a cluster that lives. */
export type LifeEvent = { readonly at: Micros; readonly label: string } & (
  | {
      readonly kind: 'delete-pod';
      readonly pod: string;
      /** Until its Services know; drawn unless said. */
      readonly leavesAfter?: Micros;
      /** By the Deployment, whenever it gets to it; by nobody; or at times that are laid down. */
      readonly replaced: 'usual' | 'none' | { readonly startsAfter: Micros; readonly readyAfter: Micros };
    }
  /** SIGKILL; the kubelet starts the container again, after so long or as it sees fit. */
  | { readonly kind: 'crash'; readonly process: string; readonly startsAgainAfter?: Micros }
  /** SIGTERM to the container alone; the kubelet starts it again. */
  | { readonly kind: 'restart-container'; readonly process: string }
  | { readonly kind: 'rollout-restart'; readonly of: string }
  | { readonly kind: 'scale'; readonly deployment: string; readonly replicas: number }
  | { readonly kind: 'drain' | 'uncordon' | 'return-node'; readonly node: string }
  /** `sinceRenewal`: from the last renewal of its lease; drawn unless said. */
  | { readonly kind: 'lose-node'; readonly node: string; readonly sinceRenewal?: Micros }
  /** A ConfigMap's new text, and how long the kubelets need to write it; drawn for each pod unless said. */
  | { readonly kind: 'edit-corefile'; readonly text: string; readonly arrivesAfter?: Micros }
);

/** Something else that changes at an instant. */
type PlainEvent = { readonly at: Micros; readonly label: string } & (
  | { readonly kind: 'set-server'; readonly server: string; readonly set: Partial<ScriptedState> }
  | {
      readonly kind: 'replace-zone';
      readonly server: string;
      readonly zone: string;
      readonly file: string;
      readonly text: string;
    }
  | {
      readonly kind: 'change-records';
      readonly server: string;
      readonly zone: string;
      readonly replace: readonly string[];
    }
  /** Without text the file is deleted. */
  | {
      readonly kind: 'write-file';
      readonly process: string;
      readonly file: string;
      readonly text: string | undefined;
    }
  | { readonly kind: 'write-corefile'; readonly process: string; readonly text: string | undefined }
  | {
      readonly kind: 'signal';
      readonly process: string;
      readonly signal: 'TERM' | 'KILL' | 'INT' | 'HUP' | 'USR1' | 'USR2' | 'STOP' | 'CONT' | 'QUIT';
    }
  /** A CoreDNS process or a server begins anew: what it held in memory is lost. */
  | { readonly kind: 'restart'; readonly process: string }
  /** node-cache begins anew, otherwise than by itself. */
  | { readonly kind: 'restart-node-cache'; readonly process: string; readonly options: RestartOptions }
  | {
      readonly kind: 'set-endpoints';
      readonly service: string;
      readonly endpoints: readonly EndpointDescription[];
      readonly whenEmpty: 'reject' | 'nothing';
      /** What came of other events: pods came in or left, or all that happened is that one ended. Absent: somebody set them. */
      readonly outcome?: 'moved' | 'ended';
    }
  /** A Service comes into being, or takes another shape. */
  | { readonly kind: 'set-service'; readonly service: ServiceDescription }
  | { readonly kind: 'delete-service'; readonly service: string }
  /** A link is of another quality from now on. */
  | {
      readonly kind: 'set-link';
      readonly segment: string;
      readonly ends: { readonly from: string; readonly to: string; readonly oneWay: boolean };
      readonly quality: LinkQuality;
    }
  /**
   * The process ends or starts, hangs or goes on; its restores fail or succeed again. Hung, it hears of nothing;
   * what it wrote stays in all cases.
   */
  | { readonly kind: 'kube-proxy'; readonly host: string; readonly does: KubeProxyTurn }
  /** The API server goes away, undefined: it is back. Who watches it keeps what he has, and nobody new gets a list. */
  | { readonly kind: 'set-api'; readonly absence: Absence | undefined }
  /** iptables, conntrack, `ip route|link|addr`, sysctl or true, as typed in a shell on the host. */
  | { readonly kind: 'command'; readonly host: string; readonly command: string; readonly mayFail?: boolean }
  /** What came of other events: told, not done. */
  | { readonly kind: 'happened' }
);

/** Something that changes at an instant. */
export type WorldEvent = LifeEvent | PlainEvent;

/**
 * Everything of one run. A scenario file, a question on the command line and a recording of reality
 * are all translated into this; `cluster/build.ts` makes it run.
 */
export interface World {
  readonly seed: string;
  readonly until: Micros;
  readonly hosts: readonly HostDescription[];
  readonly segments: readonly SegmentDescription[];
  /** Source addresses of pods; traffic from elsewhere is masqueraded (kube-proxy's clusterCIDR). */
  readonly podCidr: string;
  /** The same of the other family, in a dual-stack cluster. */
  readonly otherPodCidr?: string;
  /** Hosts on which kube-proxy runs. */
  readonly kubeProxyOn: readonly string[];
  /** All nodes; absent: those of `kubeProxyOn`. */
  readonly nodes?: readonly string[];
  /** Absent: it hears of a change at once, puts both tables in place at once, and no flow is deleted. */
  readonly kubeProxy?: KubeProxyDescription;
  readonly services: readonly ServiceDescription[];
  readonly coredns: readonly CoreDnsDescription[];
  /** NodeLocal DNSCache, one a node. */
  readonly nodeCaches?: readonly NodeCacheDescription[];
  readonly servers: readonly ServerDescription[];
  readonly workloads: readonly WorkloadDescription[];
  readonly events: readonly WorldEvent[];
  /** Absent: hosts and processes stand as described, and only events change them. */
  readonly life?: LifeDescription;
}

/** The nodes, whether or not kube-proxy runs on them. */
export function nodesOf({ nodes, kubeProxyOn }: World): readonly string[] {
  return nodes ?? kubeProxyOn;
}
