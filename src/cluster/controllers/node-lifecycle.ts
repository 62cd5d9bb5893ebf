import { noTrace } from '../../engine/recorder.ts';
import type { Simulation, Timer } from '../../engine/simulation.ts';
import { type Micros, minute, second } from '../../engine/time.ts';
import { delayOf } from '../delays.ts';
import type { Pods } from '../pods/pods.ts';
import { podLife } from '../records.ts';
import type { Deployment } from './deployment.ts';
import type { Nodes } from './nodes.ts';
import type { ControlPlaneRelease } from './releases.ts';

/** A kubelet renews its node's lease four times in its 40 s. */
const renewal = 10 * second;
/** --node-monitor-period. */
const look = 5 * second;
/** tolerationSeconds that every pod gets for an unreachable node. */
const toleration = 5 * minute;

interface Settings {
  readonly simulation: Simulation;
  readonly release: ControlPlaneRelease;
  readonly nodes: Nodes;
  readonly pods: Pods;
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** Called when a node is found to be gone, and when it is back. */
  readonly told: (node: string, label: string) => void;
}

/**
 * The node lifecycle controller: looks at the leases every 5 s; a node whose lease has not been seen to be renewed for the
 * grace period is not ready, and so are its pods; after another 300 s they are deleted.
 */
export class NodeLifecycle {
  readonly #settings: Settings;
  /** Of its looks. */
  #phase: Micros | undefined;
  readonly #pending = new Map<string, Timer[]>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** A node renews its lease no more. `sinceRenewal`: how long ago it last did; drawn unless said. */
  lost(node: string, sinceRenewal: Micros | undefined): void {
    const { simulation, release } = this.#settings;
    const since = sinceRenewal ?? simulation.stream(`life/lease/${node}`).span(0, renewal);
    const seen = this.#nextLook(simulation.now - since);
    const unknown = Math.max(simulation.now, seen + release.nodeMonitorGrace);
    const lostAt = simulation.now;
    this.#at(node, unknown, () => this.#unknown(node, lostAt));
  }

  /** It renews its lease again. */
  returned(node: string): void {
    const { simulation, nodes } = this.#settings;
    for (const timer of this.#pending.get(node) ?? []) timer.cancel();
    this.#pending.delete(node);
    this.#at(node, this.#nextLook(simulation.now), () =>
      nodes.change(node, { ready: true }, 'ready', 'its lease is renewed'),
    );
  }

  #unknown(node: string, lostAt: Micros): void {
    const { simulation, nodes, pods, told } = this.#settings;
    const waited = (simulation.now - lostAt) / second;
    nodes.change(
      node,
      { ready: false },
      'not-ready',
      `its lease was not renewed for ${this.#settings.release.nodeMonitorGrace / second} s`,
    );
    told(node, `${node} marked NotReady, ${Math.round(waited)} s after it was lost`);
    this.#at(node, simulation.now + delayOf(simulation, 'controller', `node-lifecycle/${node}`), () => {
      for (const { name } of pods.all.filter((pod) => pod.node === node && pod.ready)) this.#notReady(name, node);
    });
    this.#at(node, simulation.now + toleration, () => this.#evict(node));
  }

  #notReady(pod: string, node: string): void {
    const { simulation, pods } = this.#settings;
    const { deployment = '', address = '' } = pods.get(pod) ?? {};
    const fields = { deployment, node, address, text: `${node} is not ready` };
    simulation.recorder.write(podLife, pod, noTrace, 'not-ready', fields);
    pods.change(pod, { ready: false });
  }

  #evict(node: string): void {
    const { pods, deployments, told } = this.#settings;
    const own = pods.all.filter((pod) => pod.node === node && pod.deletedAt === undefined);
    for (const { name, deployment } of own)
      deployments.get(deployment)?.delete(name, `${node} was unreachable for ${toleration / second} s`);
    if (own.length > 0) told(node, `pods of ${node} evicted`);
  }

  /** The first look at the leases from an instant on. */
  #nextLook(from: Micros): Micros {
    const phase = this.#settings.simulation.stream('life/node-monitor');
    this.#phase ??= phase.span(0, look);
    return this.#phase + Math.ceil((from - this.#phase) / look) * look;
  }
  #at(node: string, instant: Micros, act: () => void): void {
    const timer = this.#settings.simulation.at(instant, act);
    this.#pending.set(node, [...(this.#pending.get(node) ?? []), timer]);
  }
}
