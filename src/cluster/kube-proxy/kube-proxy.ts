import type { CleanUpRule } from './clean-up.ts';
import { cleanedUp } from './clean-up.ts';
import type { Proxier, ProxierSite, Services, SyncStep } from './proxier.ts';

/** kube-proxy on one node. */
export class KubeProxy {
  readonly #site: ProxierSite;
  readonly #proxier: Proxier;
  /** Absent: no flow is ever deleted. */
  readonly #cleanUp: CleanUpRule | undefined;
  #inRules: Services = [];
  /** Between the steps of a sync. */
  #syncing = false;
  /** What came in meanwhile. */
  #waiting: Services | undefined;

  /** Its first rules are in when it stands. */
  constructor(site: ProxierSite, proxier: Proxier, cleanUp: CleanUpRule | undefined, services: Services) {
    this.#site = site;
    this.#proxier = proxier;
    this.#cleanUp = cleanUp;
    proxier.start();
    for (const { take } of proxier.sync({ services, before: [], full: true })) take();
    this.#inRules = services;
  }

  /** Brings the rules in step with the Services; flows are deleted after that. */
  sync(services: Services): void {
    if (this.#syncing) {
      this.#waiting = services;
      return;
    }
    this.#syncing = true;
    this.#take(this.#proxier.sync({ services, before: this.#inRules, full: false }), services);
  }

  #take([step, ...rest]: readonly SyncStep[], services: Services): void {
    if (step === undefined) {
      this.#finish(services);
      return;
    }
    const go = () => {
      step.take();
      this.#take(rest, services);
    };
    if (step.after === 0) go();
    else this.#site.simulation.after(step.after, go);
  }

  #finish(services: Services): void {
    const cleanUp = this.#cleanUp;
    if (cleanUp !== undefined) this.#site.host.conntrack.delete(cleanedUp(cleanUp, this.#inRules, services));
    this.#inRules = services;
    this.#syncing = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.sync(waiting);
  }
}
