import type { Process } from '../engine/process.ts';

/** A Service as the API shows it. */
export interface ServiceView {
  readonly name: string;
  readonly namespace: string;
  /** Empty: headless. */
  readonly clusterIPs: readonly string[];
  /** Absent: not of type ExternalName. */
  readonly externalName?: string;
  readonly ports: readonly { readonly name: string; readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
  readonly publishNotReadyAddresses: boolean;
}

/** One address of a Service's EndpointSlices. */
export interface EndpointView {
  readonly service: string;
  readonly namespace: string;
  readonly address: string;
  readonly ready: boolean;
  readonly hostname?: string;
  readonly pod?: string;
  readonly ports: readonly { readonly name: string; readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
}

export interface PodView {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
}

/** What the `kubernetes` plugin sees of the cluster: the watches' present state. */
export interface ClusterView {
  /** Ends when the first lists have arrived; never, when the API is silent. */
  sync(): Process;
  namespaces(): readonly string[];
  services(): readonly ServiceView[];
  endpoints(): readonly EndpointView[];
  /** Those whose address it is; of a pod of two families the first (`status.podIP`). */
  podsAt(address: string): readonly PodView[];
}
