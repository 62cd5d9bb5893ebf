import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { delayOf } from '../delays.ts';
import { type DeploymentDescription, drawsFor } from '../pods/description.ts';
import { isActive, type Pod, type Pods } from '../pods/pods.ts';
import { podLife } from '../records.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Deployment } from './deployment.ts';
import type { NodeState, Nodes } from './nodes.ts';

interface Settings {
  readonly simulation: Simulation;
  readonly process: ControlPlane;
  readonly pods: Pods;
  readonly nodes: Nodes;
  readonly deployments: ReadonlyMap<string, Deployment>;
}

/** Puts pods on nodes: on one that takes any, with the fewest of them; which of equals is drawn. */
export class Scheduler {
  readonly #settings: Settings;
  /** Pods that it has said of that no node takes them. */
  readonly #waiting = new Set<string>();

  constructor(settings: Settings) {
    this.#settings = settings;
    const { pods, nodes } = settings;
    pods.watch((before, after) => {
      if (after !== undefined && before === undefined) this.#soon(after);
      else if (after === undefined) this.#again();
    });
    nodes.watch(() => this.#again());
  }

  #again(): void {
    for (const pod of this.#settings.pods.all) if (pod.node === '') this.#soon(pod);
  }

  #soon({ name, deployment, node }: Pod): void {
    const { simulation } = this.#settings;
    if (node !== '') return;
    const delay = delayOf(simulation, 'scheduling', drawsFor('scheduler', deployment));
    simulation.after(delay, () => this.#settings.process.run(() => this.#place(name)));
  }

  #place(name: string): void {
    const { pods, deployments } = this.#settings;
    const pod = pods.get(name);
    const description = deployments.get(pod?.deployment ?? '')?.description;
    if (pod?.node !== '' || description === undefined) return;
    const node = this.#choose(description);
    if (node === undefined) {
      if (!this.#waiting.has(name)) this.#record(pod, 'pending', '', 'no node takes it');
      this.#waiting.add(name);
      return;
    }
    this.#record(pod, 'scheduled', node, 'the fewest of its kind are there');
    pods.change(name, { node });
  }

  #choose({ name: deployment, oneNodeEach, keepsApart, nodes: own }: DeploymentDescription): string | undefined {
    const { simulation, pods, nodes } = this.#settings;
    const alike = pods.of(deployment);
    const count = ({ name }: NodeState, counts: (pod: Pod) => boolean) =>
      alike.filter((pod) => pod.node === name && counts(pod)).length;
    const all = () => true;
    // What the anti-affinity asks for weighs most; the scheduler's own spreading passes over pods that are being deleted.
    const load = (node: NodeState) => 1000 * (keepsApart ? count(node, all) : 0) + count(node, isActive);
    const takesIt = (node: NodeState) => own?.includes(node.name) !== false && !(oneNodeEach && count(node, all) > 0);
    const fit = nodes.all.filter((node) => node.ready && !node.cordoned && takesIt(node));
    const least = Math.min(...fit.map(load));
    const best = fit.filter((node) => load(node) === least);
    return best[simulation.stream(drawsFor('life/scheduler', deployment)).integer(best.length)]?.name;
  }

  #record({ name, deployment }: Pod, cause: string, node: string, text: string): void {
    const fields = { deployment, node, address: '', text };
    this.#settings.simulation.recorder.write(podLife, name, noTrace, cause, fields);
  }
}
