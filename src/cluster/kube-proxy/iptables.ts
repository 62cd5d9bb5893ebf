import { draw } from '../../engine/distribution.ts';
import { noTrace } from '../../engine/recorder.ts';
import type { Micros } from '../../engine/time.ts';
import { readyAddresses } from '../endpoint.ts';
import { proxyCommit } from '../records.ts';
import type { Proxier, ProxierSite, Services, SyncRequest, SyncStep } from './proxier.ts';
import { kubeProxyJumps, kubeProxyTables } from './rules.ts';

/**
 * The mode iptables: one iptables-restore a sync, which commits the filter table first, then nat. While a Service gets
 * its first end point, its REJECT rule is gone before its DNAT rule is there.
 */
export class IptablesProxier implements Proxier {
  readonly #site: ProxierSite;

  constructor(site: ProxierSite) {
    this.#site = site;
  }

  start(): void {
    this.#site.host.restore({ file: 'kube-proxy', text: kubeProxyJumps });
  }

  stop(): void {}

  sync({ services }: SyncRequest): readonly SyncStep[] {
    const { filter, nat } = kubeProxyTables(services, this.#site.podCidr);
    return [
      { after: 0, take: () => this.#commit('filter', filter, services) },
      { after: this.#gap(nat), take: () => this.#commit('nat', nat, services) },
    ];
  }

  #gap(nat: string): Micros {
    const { simulation, host, commitGap } = this.#site;
    const least = draw(commitGap.least, simulation.stream(`kube-proxy/${host.host}/restore`));
    return least + commitGap.perLine * nat.split('\n').length;
  }

  #commit(table: 'filter' | 'nat', text: string, services: Services): void {
    const { host, simulation } = this.#site;
    host.restore({ file: 'kube-proxy', text });
    const ruled = services.filter(({ endpoints, whenEmpty }) => {
      const isEmpty = readyAddresses(endpoints).length === 0;
      return table === 'nat' ? !isEmpty : isEmpty && whenEmpty === 'reject';
    });
    const addresses = ruled.map(({ address }) => address).join(' ');
    simulation.recorder.write(proxyCommit, host.host, noTrace, table, { services: addresses });
  }
}
