import { noTrace } from '../../engine/recorder.ts';
import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Host } from '../../kernel/host.ts';
import { proxyCommit } from '../records.ts';
import { type CleanUpRule, cleanedUp } from './clean-up.ts';
import { kubeProxyJumps, kubeProxyTables, type ProxiedService } from './rules.ts';

export interface KubeProxySettings {
  /** Traffic from elsewhere is masqueraded. */
  readonly podCidr: string;
  /** From the commit of the filter table to that of the nat table. */
  readonly commitGap: Micros;
  /** Absent: no flow is ever deleted. */
  readonly cleanUp?: CleanUpRule;
}

type Services = readonly ProxiedService[];

/** kube-proxy on one node, in iptables mode. */
export class KubeProxy {
  readonly #simulation: Simulation;
  readonly #host: Host;
  readonly #settings: KubeProxySettings;
  #inRules: Services = [];
  /** Between its two commits. */
  #restoring = false;
  /** What came in meanwhile. */
  #waiting: Services | undefined;

  /** Its first rules are in when it stands. */
  constructor(simulation: Simulation, host: Host, settings: KubeProxySettings, services: Services) {
    this.#simulation = simulation;
    this.#host = host;
    this.#settings = settings;
    host.restore({ file: 'kube-proxy', text: kubeProxyJumps });
    const { filter, nat } = kubeProxyTables(services, settings.podCidr);
    this.#commit('filter', filter, services);
    this.#commit('nat', nat, services);
    this.#inRules = services;
  }

  /**
   * Brings the rules in step with the Services: the filter table is committed first, then nat; flows are deleted after
   * that. While a Service gets its first end point, its REJECT rule is gone before its DNAT rule is there.
   */
  sync(services: Services): void {
    if (this.#restoring) {
      this.#waiting = services;
      return;
    }
    const { filter, nat } = kubeProxyTables(services, this.#settings.podCidr);
    const { commitGap } = this.#settings;
    this.#commit('filter', filter, services);
    if (commitGap === 0) this.#finish(nat, services);
    else {
      this.#restoring = true;
      this.#simulation.after(commitGap, () => this.#finish(nat, services));
    }
  }

  #finish(nat: string, services: Services): void {
    this.#commit('nat', nat, services);
    const { cleanUp } = this.#settings;
    if (cleanUp !== undefined) this.#host.conntrack.delete(cleanedUp(cleanUp, this.#inRules, services));
    this.#inRules = services;
    this.#restoring = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.sync(waiting);
  }

  #commit(table: 'filter' | 'nat', text: string, services: Services): void {
    this.#host.restore({ file: 'kube-proxy', text });
    const ruled = services.filter(({ endpoints, whenEmpty }) =>
      table === 'nat' ? endpoints.length > 0 : endpoints.length === 0 && whenEmpty === 'reject',
    );
    const addresses = ruled.map(({ address }) => address).join(' ');
    this.#simulation.recorder.write(proxyCommit, this.#host.host, noTrace, table, { services: addresses });
  }
}
