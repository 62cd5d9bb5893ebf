import type { Process } from '../../engine/process.ts';
import { second } from '../../engine/time.ts';
import type { Pod } from '../pods/pods.ts';
import type { Watch } from '../watch.ts';
import { type Adopted, PodWorker } from './pod-worker.ts';
import type { KubeletSite } from './site.ts';

/** How often the kubelet sends what the API server does not know (status_manager.go syncPeriod). */
const statusSync = 10 * second;

/** The kubelet of one node: looks after the pods that are bound to it. */
export class Kubelet {
  readonly #site: KubeletSite;
  readonly #workers = new Map<string, PodWorker>();
  /** Of its pods. */
  readonly #watch: Watch;
  #isOn = true;

  constructor(site: KubeletSite) {
    const { api, pods, simulation, watchRules } = site;
    this.#site = site;
    this.#watch = api.watch(`kubelet/${site.node.host.host}`, watchRules);
    pods.watch((before, after) => {
      if ((after ?? before)?.node === this.node) this.#watch.whenStanding(() => this.#heard(before, after));
    });
    const phase = simulation.stream(`life/status-sync/${this.node}`);
    api.onTurn(() => {
      if (api.isReachable('nodes')) simulation.after(phase.span(0, statusSync), () => this.#sendStatus());
    });
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  get node(): string {
    return this.#site.node.host.host;
  }

  /** A pod that has run for a while when the run begins. */
  adopt(pod: Pick<Pod, 'name' | 'deployment'>, has: Adopted): void {
    const worker = new PodWorker(this.#site, pod);
    this.#workers.set(pod.name, worker);
    worker.adopt(has);
  }

  worker(pod: string): PodWorker | undefined {
    return this.#workers.get(pod);
  }

  powerOff(): void {
    this.#isOn = false;
    for (const worker of this.#workers.values()) worker.powerOff();
    this.#workers.clear();
  }

  /** What was deleted meanwhile is forgotten; the other pods start anew, with another address. First it has to know of them. */
  powerOn(): void {
    this.#isOn = true;
    this.#site.simulation.spawn(this.#begin());
  }

  *#begin(): Process {
    const { pods } = this.#site;
    yield* this.#watch.listed();
    if (!this.#isOn) return;
    for (const pod of pods.all.filter(({ node }) => node === this.node)) {
      if (pod.deletedAt !== undefined) pods.remove(pod.name);
      else if (!this.#workers.has(pod.name)) this.#start(pod);
    }
  }

  #heard(before: Pod | undefined, after: Pod | undefined): void {
    if (!this.#isOn) return;
    if (after === undefined) this.#workers.delete(before?.name ?? '');
    else if (!this.#workers.has(after.name)) this.#start(after);
    else if (after.deletedAt !== undefined) this.#workers.get(after.name)?.terminate();
  }

  /** What the API server does not know, or has from somebody else (status_manager.go syncBatch). */
  #sendStatus(): void {
    if (this.#isOn) for (const worker of this.#workers.values()) worker.sendStatus();
  }

  #start(pod: Pod): void {
    const worker = new PodWorker(this.#site, pod);
    this.#workers.set(pod.name, worker);
    worker.start();
  }
}
