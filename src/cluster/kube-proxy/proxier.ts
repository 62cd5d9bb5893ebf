import type { Distribution } from '../../engine/distribution.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Host } from '../../kernel/host.ts';
import type { ServiceDescription } from '../world.ts';

/** A Service as kube-proxy sees it at a sync. */
export interface ProxiedService extends ServiceDescription {
  /** Without end points: the REJECT rule, or (as in a gap between two syncs) no rule at all. */
  readonly whenEmpty: 'reject' | 'nothing';
}

export type Services = readonly ProxiedService[];

/** Where a mode works. */
export interface ProxierSite {
  readonly simulation: Simulation;
  /** The node. */
  readonly host: Host;
  /** Of Kubernetes, such as `1.22.3`; `1.22` is its last patch release. */
  readonly release: string;
  /** Traffic from elsewhere is masqueraded. */
  readonly podCidr: string;
  /** From the commit of the filter table to that of the nat table, where a mode has both: at least, and a line. */
  readonly commitGap: { readonly least: Distribution; readonly perLine: Micros };
}

/** What a sync has to bring about. */
export interface SyncRequest {
  readonly services: Services;
  /** What the last sync that succeeded was given; empty for the first. */
  readonly before: Services;
  /** All is written anew; otherwise only what has changed need be. */
  readonly full: boolean;
}

/** A part of a sync, which takes effect some time after the one before it. */
export interface SyncStep {
  readonly after: Micros;
  take(): void;
}

/** One mode of kube-proxy: how Services get into the kernel of a node. When, and what is done about flows, is not its affair. */
export interface Proxier {
  /** The process starts: what must be there before its first sync. */
  start(): void;
  /** The process has ended: what it wrote stays, what it still meant to do is not done. */
  stop(): void;
  /** What to do, in order. */
  sync(request: SyncRequest): readonly SyncStep[];
  /** Whether its rules are still there, as far as it looks now and then; absent: it does not look. */
  isIntact?(): boolean;
}

/** Puts everything in place at once, as it is where kube-proxy has run for a while. */
export function settle(proxier: Proxier, services: Services): void {
  proxier.start();
  for (const { take } of proxier.sync({ services, before: [], full: true })) take();
}
