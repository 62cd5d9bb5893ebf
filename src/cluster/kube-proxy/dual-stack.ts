import type { KubeProxy } from './kube-proxy.ts';
import type { Services } from './proxier.ts';

/** The process on a node: one proxier a family, each with rules and syncs of its own, which share its fate. */
export class KubeProxyProcess {
  readonly #families: readonly KubeProxy[];

  constructor(families: readonly KubeProxy[]) {
    this.#families = families;
  }

  changed(services: Services): void {
    for (const proxy of this.#families) proxy.changed(services);
  }

  stop(): void {
    for (const proxy of this.#families) proxy.stop();
  }

  start(): void {
    for (const proxy of this.#families) proxy.start();
  }

  freeze(): void {
    for (const proxy of this.#families) proxy.freeze();
  }

  thaw(): void {
    for (const proxy of this.#families) proxy.thaw();
  }

  setRestoresFail(fail: boolean): void {
    for (const proxy of this.#families) proxy.setRestoresFail(fail);
  }
}
