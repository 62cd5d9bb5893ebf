import type { Host } from '../../kernel/host.ts';
import type { Pod } from '../pods/pods.ts';
import type { Container } from './container.ts';
import { PodWorker } from './pod-worker.ts';
import type { KubeletSite } from './site.ts';

/** The kubelet of one node: looks after the pods that are bound to it. */
export class Kubelet {
  readonly #site: KubeletSite;
  readonly #workers = new Map<string, PodWorker>();
  #isOn = true;

  constructor(site: KubeletSite) {
    this.#site = site;
    site.pods.watch((before, after) => this.#heard(before, after));
  }

  get node(): string {
    return this.#site.node.host.host;
  }

  /** A pod that has run for a while when the run begins. */
  adopt(pod: Pick<Pod, 'name' | 'deployment'>, host: Host, container?: Container): void {
    const worker = new PodWorker(this.#site, pod);
    this.#workers.set(pod.name, worker);
    worker.adopt(host, container);
  }

  worker(pod: string): PodWorker | undefined {
    return this.#workers.get(pod);
  }

  powerOff(): void {
    this.#isOn = false;
    for (const worker of this.#workers.values()) worker.powerOff();
    this.#workers.clear();
  }

  /** What was deleted meanwhile is forgotten; the other pods start anew, with another address. */
  powerOn(): void {
    this.#isOn = true;
    const { pods } = this.#site;
    for (const pod of pods.all.filter(({ node }) => node === this.node)) {
      if (pod.deletedAt === undefined) this.#start(pod);
      else pods.remove(pod.name);
    }
  }

  #heard(before: Pod | undefined, after: Pod | undefined): void {
    if (!this.#isOn || (after ?? before)?.node !== this.node) return;
    if (after === undefined) this.#workers.delete(before?.name ?? '');
    else if (before?.node !== this.node) this.#start(after);
    else if (after.deletedAt !== undefined) this.#workers.get(after.name)?.terminate();
  }

  #start(pod: Pod): void {
    const worker = new PodWorker(this.#site, pod);
    this.#workers.set(pod.name, worker);
    worker.start();
  }
}
