import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { delayOf } from '../delays.ts';
import { type DeploymentDescription, drawsFor, type PodTemplate } from '../pods/description.ts';
import { type FixedTimes, isActive, type Pod, type Pods } from '../pods/pods.ts';
import { podLife, workloadLife } from '../records.ts';
import type { ControlPlane } from './control-plane.ts';
import { nextStep, podsOf } from './rollout.ts';

/** A Deployment and the ReplicaSets under it. */
export class Deployment {
  readonly #simulation: Simulation;
  readonly #manager: ControlPlane;
  readonly #pods: Pods;
  readonly #description: DeploymentDescription;
  #template: PodTemplate;
  #replicas: number;
  #revision = 1;
  #made: number;
  #due = false;

  constructor(simulation: Simulation, manager: ControlPlane, pods: Pods, description: DeploymentDescription) {
    this.#simulation = simulation;
    this.#manager = manager;
    this.#pods = pods;
    this.#description = description;
    this.#template = description.template;
    this.#replicas = description.pods.length;
    this.#made = description.pods.length;
    const { name: deployment, namespace } = description;
    const revision = this.#revision;
    for (const pod of description.pods) pods.add({ ...pod, namespace, deployment, revision, ready: true });
    pods.watch((before, after) => {
      if ((after ?? before)?.deployment === deployment) this.#soon();
    });
  }

  get name(): string {
    return this.#description.name;
  }

  get description(): DeploymentDescription {
    return this.#description;
  }

  get template(): PodTemplate {
    return this.#template;
  }

  get replicas(): number {
    return this.#replicas;
  }

  /** The Corefile that its ConfigMap holds: what a new pod finds. */
  setCorefile(text: string): void {
    const { runs } = this.#template;
    if (runs.kind !== 'coredns') return;
    const { process } = runs;
    const corefile = { ...process.corefile, text };
    this.#template = { ...this.#template, runs: { ...runs, process: { ...process, corefile } } };
  }

  scale(replicas: number): void {
    this.#record('scaled', `${this.#replicas} to ${replicas} replicas`);
    this.#replicas = replicas;
    this.#soon();
  }

  /** `kubectl rollout restart`: each pod is replaced by one of a new revision. */
  rolloutRestart(): void {
    this.#revision++;
    this.#record('rollout', `revision ${this.#revision}`);
    this.#soon();
  }

  /** How many of its pods may be evicted at the moment; without a budget all. */
  get disruptionsAllowed(): number {
    const { disruptionBudget } = this.#description;
    if (disruptionBudget === undefined) return Number.POSITIVE_INFINITY;
    const ready = this.#own.filter((pod) => pod.ready && isActive(pod)).length;
    return ready - (this.#replicas - podsOf(disruptionBudget, this.#replicas, Math.ceil));
  }

  /** Deletes a pod. `replacement`: its instants are laid down; `none`: nobody comes in its place. */
  delete(name: string, why: string, fixed?: FixedTimes, replacement: FixedTimes | 'usual' | 'none' = 'usual'): void {
    const pod = this.#pods.get(name);
    if (pod === undefined || !isActive(pod)) return;
    const deletedAt: Micros = this.#simulation.now;
    this.#recordPod(pod, 'deleted', why);
    if (replacement === 'none') this.#replicas--;
    else if (replacement !== 'usual') this.#create(pod.revision, { node: pod.node, fixed: replacement });
    this.#pods.change(name, { deletedAt, ...(fixed !== undefined && { fixed }) });
    // Nobody runs it, so that nobody has to end it.
    if (pod.node === '') this.#pods.remove(name);
  }

  get #own(): readonly Pod[] {
    return this.#pods.of(this.name);
  }

  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    this.#simulation.after(delayOf(this.#simulation, 'controller', drawsFor('deployment', this.name)), () =>
      this.#manager.run(() => {
        this.#due = false;
        this.#sync();
      }),
    );
  }

  #sync(): void {
    const { maxSurge, maxUnavailable } = this.#description;
    const wanted = { replicas: this.#replicas, revision: this.#revision, maxSurge, maxUnavailable };
    const { create, remove } = nextStep(wanted, this.#own);
    for (let i = 0; i < create; i++) this.#create(this.#revision);
    for (const { name } of remove) this.delete(name, 'its Deployment has too many');
  }

  #create(revision: number, given: { readonly node?: string; readonly fixed?: FixedTimes } = {}): void {
    const name = `${this.name}-${++this.#made}`;
    const { hostNetwork } = this.#template;
    const { node = '', fixed } = given;
    const { name: deployment, namespace } = this.#description;
    const laidDown = fixed === undefined ? {} : { fixed };
    const pod = { name, namespace, deployment, node, address: '', revision, ready: false, ...laidDown };
    this.#recordPod(pod, 'created', `revision ${revision}${hostNetwork ? ", on its node's network" : ''}`);
    this.#pods.add(pod);
  }

  #recordPod({ name, deployment, node, address }: Pod, cause: string, text: string): void {
    this.#simulation.recorder.write(podLife, name, noTrace, cause, { deployment, node, address, text });
  }

  #record(cause: string, text: string): void {
    this.#simulation.recorder.write(workloadLife, this.name, noTrace, cause, { text });
  }
}
