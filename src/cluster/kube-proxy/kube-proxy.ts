import type { Host } from '../../kernel/host.ts';
import { kubeProxyJumps, kubeProxyTables, type ProxiedService } from './rules.ts';

/** kube-proxy on one node, in iptables mode. */
export class KubeProxy {
  readonly #host: Host;
  readonly #podCidr: string;

  constructor(host: Host, podCidr: string) {
    this.#host = host;
    this.#podCidr = podCidr;
    host.restore({ file: 'kube-proxy', text: kubeProxyJumps });
  }

  /** Brings the rules in step with the Services: the filter table is committed first, then nat. */
  sync(services: readonly ProxiedService[]): void {
    const { filter, nat } = kubeProxyTables(services, this.#podCidr);
    this.#host.restore({ file: 'kube-proxy', text: filter });
    this.#host.restore({ file: 'kube-proxy', text: nat });
  }
}
