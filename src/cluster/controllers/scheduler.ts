import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import { delayOf } from '../delays.ts';
import { isActive, type Pod, type Pods } from '../pods/pods.ts';
import { podLife } from '../records.ts';
import type { NodeState, Nodes } from './nodes.ts';
import type { ControlPlaneRelease } from './releases.ts';

interface Settings {
  readonly simulation: Simulation;
  readonly pods: Pods;
  readonly nodes: Nodes;
  readonly release: ControlPlaneRelease;
  readonly oneNodeEach: boolean;
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

  #soon({ name, node }: Pod): void {
    const { simulation } = this.#settings;
    if (node !== '') return;
    simulation.after(delayOf(simulation, 'scheduling', 'scheduler'), () => this.#place(name));
  }

  #place(name: string): void {
    const { pods } = this.#settings;
    if (pods.get(name)?.node !== '') return;
    const node = this.#choose();
    if (node === undefined) {
      if (!this.#waiting.has(name)) this.#record(name, 'pending', '', 'no node takes it');
      this.#waiting.add(name);
      return;
    }
    this.#record(name, 'scheduled', node, 'the fewest of its kind are there');
    pods.change(name, { node });
  }

  #choose(): string | undefined {
    const { simulation, pods, nodes, release, oneNodeEach } = this.#settings;
    const count = ({ name }: NodeState, counts: (pod: Pod) => boolean) =>
      pods.all.filter((pod) => pod.node === name && counts(pod)).length;
    const all = () => true;
    // What the anti-affinity asks for weighs most; the scheduler's own spreading passes over pods that are being deleted.
    const load = (node: NodeState) => 1000 * (release.keepsApart ? count(node, all) : 0) + count(node, isActive);
    const fit = nodes.all.filter((node) => node.ready && !node.cordoned && !(oneNodeEach && count(node, all) > 0));
    const least = Math.min(...fit.map(load));
    const best = fit.filter((node) => load(node) === least);
    return best[simulation.stream('life/scheduler').integer(best.length)]?.name;
  }

  #record(pod: string, cause: string, node: string, text: string): void {
    this.#settings.simulation.recorder.write(podLife, pod, noTrace, cause, { node, address: '', text });
  }
}
