import type { ProxyMode } from '../world.ts';
import { IptablesProxier } from './iptables/proxier.ts';
import type { Proxier, ProxierSite } from './proxier.ts';

export function createProxier(mode: ProxyMode, site: ProxierSite): Proxier {
  switch (mode) {
    case 'iptables':
      return new IptablesProxier(site);
    case 'ipvs':
    case 'nftables':
      throw new Error(`kube-proxy's mode ${mode} is not modelled`);
  }
}
