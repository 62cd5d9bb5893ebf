import { noTrace } from '../../engine/recorder.ts';
import type { Simulation, Timer } from '../../engine/simulation.ts';
import { type Micros, minute, second } from '../../engine/time.ts';
import { delayOf } from '../delays.ts';
import type { Pod, Pods } from '../pods/pods.ts';
import { podLife } from '../records.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Nodes } from './nodes.ts';
import type { ControlPlaneRelease } from './releases.ts';

/** A kubelet renews its node's lease four times in its 40 s. */
const renewal = 10 * second;
/** --node-monitor-period. */
const look = 5 * second;
/** tolerationSeconds that every pod gets for an unreachable node. */
const toleration = 5 * minute;
/** --unhealthy-zone-threshold: as many nodes not ready, more than two, and nobody is evicted in a small cluster. */
const unhealthyShare = 0.55;
const fewUnhealthy = 2;
/** --large-cluster-size-threshold. */
const smallCluster = 50;

interface Settings {
  readonly simulation: Simulation;
  readonly manager: ControlPlane;
  readonly release: ControlPlaneRelease;
  readonly nodes: Nodes;
  readonly pods: Pods;
  /** Deletes a pod, whoever made it. */
  readonly deletePod: (pod: Pod, why: string) => void;
  /** Called when a node is found to be gone, and when it is back. */
  readonly told: (label: string) => void;
}

/**
 * The node lifecycle controller (node_lifecycle_controller.go): looks at the leases every 5 s; a node whose lease it has not
 * seen to be renewed for the grace period is not ready, and so are its pods; after another 300 s they are deleted,
 * unless so many nodes are not ready that the fault must be elsewhere.
 */
export class NodeLifecycle {
  readonly #settings: Settings;
  /** Of its looks. */
  #phase: Micros | undefined;
  /** Nodes that do not renew their lease, since when; with what is to come of that. */
  readonly #silent = new Map<string, { readonly since: Micros; readonly timers: Timer[] }>();

  constructor(settings: Settings) {
    this.#settings = settings;
    settings.manager.onSuccession(() => this.#begin());
  }

  /** A node renews its lease no more. `sinceRenewal`: how long ago it last did; drawn unless said. */
  lost(node: string, sinceRenewal: Micros | undefined): void {
    const { simulation } = this.#settings;
    if (this.#silent.has(node)) return;
    const since = sinceRenewal ?? simulation.stream(`life/lease/${node}`).span(0, renewal);
    this.#silent.set(node, { since: simulation.now, timers: [] });
    this.#expect(node, simulation.now - since);
  }

  /** It renews its lease again. */
  returned(node: string): void {
    const { simulation, nodes, manager } = this.#settings;
    this.#forget(node);
    this.#silent.delete(node);
    const stopped = this.#evictsNobody();
    simulation.at(this.#nextLook(simulation.now), () =>
      manager.run(() => {
        if (this.#silent.has(node)) return;
        nodes.change(node, { ready: true }, 'ready', 'its lease is renewed');
        if (stopped) this.#tolerateAnew();
      }),
    );
  }

  /** A successor knows of no renewal: it gives every node the whole grace period. */
  #begin(): void {
    const { simulation, nodes } = this.#settings;
    for (const node of this.#silent.keys()) {
      this.#forget(node);
      if (nodes.get(node)?.ready === true) this.#expect(node, simulation.now);
      else this.#taintSoon(node);
    }
  }

  #expect(node: string, renewedAt: Micros): void {
    const { simulation, release } = this.#settings;
    const unknown = Math.max(simulation.now, this.#nextLook(renewedAt) + release.nodeMonitorGrace);
    this.#at(node, unknown, () => this.#unknown(node));
  }

  #unknown(node: string): void {
    const { simulation, nodes, pods, told, release } = this.#settings;
    const waited = (simulation.now - (this.#silent.get(node)?.since ?? 0)) / second;
    const why = `its lease was not renewed for ${release.nodeMonitorGrace / second} s`;
    nodes.change(node, { ready: false }, 'not-ready', why);
    told(`${node} marked NotReady, ${Math.round(waited)} s after it was lost`);
    this.#at(node, simulation.now + delayOf(simulation, 'controller', `node-lifecycle/${node}`), () => {
      for (const { name } of pods.all.filter((pod) => pod.node === node && pod.ready)) this.#notReady(name, node);
    });
    this.#taintSoon(node);
  }

  #notReady(pod: string, node: string): void {
    const { simulation, pods } = this.#settings;
    const { deployment = '', address = '' } = pods.get(pod) ?? {};
    const fields = { deployment, node, address, text: `${node} is not ready` };
    simulation.recorder.write(podLife, pod, noTrace, 'not-ready', fields);
    pods.change(pod, { ready: false });
  }

  /** What it has written at one look it acts upon at the next: then the node gets the taint that its pods tolerate for a while. */
  #taintSoon(node: string): void {
    const { simulation } = this.#settings;
    this.#at(node, simulation.now + look, () => {
      if (this.#evictsNobody()) return;
      this.#at(node, simulation.now + toleration, () => this.#evict(node));
    });
  }

  #evict(node: string): void {
    const { pods, deletePod, told } = this.#settings;
    if (this.#areAllLost()) return;
    const own = pods.all.filter((pod) => pod.node === node && pod.deletedAt === undefined);
    for (const pod of own) deletePod(pod, `${node} was unreachable for ${toleration / second} s`);
    if (own.length > 0) told(`pods of ${node} evicted`);
  }

  /** Enough nodes are back: those that are not get their taint now. */
  #tolerateAnew(): void {
    const { nodes } = this.#settings;
    if (this.#evictsNobody()) return;
    for (const node of this.#silent.keys())
      if (nodes.get(node)?.ready === false) {
        this.#forget(node);
        this.#taintSoon(node);
      }
  }

  #areAllLost(): boolean {
    return this.#settings.nodes.all.every(({ ready }) => !ready);
  }

  /** All nodes not ready, or most of a small cluster's (ComputeZoneState). */
  #evictsNobody(): boolean {
    const { all } = this.#settings.nodes;
    const lost = all.filter(({ ready }) => !ready).length;
    if (this.#areAllLost()) return true;
    return all.length <= smallCluster && lost > fewUnhealthy && lost / all.length >= unhealthyShare;
  }

  /** The first look at the leases from an instant on. */
  #nextLook(from: Micros): Micros {
    const phase = this.#settings.simulation.stream('life/node-monitor');
    this.#phase ??= phase.span(0, look);
    return this.#phase + Math.ceil((from - this.#phase) / look) * look;
  }

  #at(node: string, instant: Micros, act: () => void): void {
    const { simulation, manager } = this.#settings;
    const expected = this.#silent.get(node);
    const timer = simulation.at(instant, () =>
      manager.run(() => {
        if (this.#silent.get(node) === expected) act();
      }),
    );
    expected?.timers.push(timer);
  }

  /** What was to come of its silence is not to come any more. */
  #forget(node: string): void {
    const { since, timers } = this.#silent.get(node) ?? { since: 0, timers: [] };
    for (const timer of timers) timer.cancel();
    this.#silent.set(node, { since, timers: [] });
  }
}
