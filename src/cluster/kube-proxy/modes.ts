import type { KubeProxyDescription } from '../world.ts';
import { IptablesProxier } from './iptables/proxier.ts';
import { IpvsProxier } from './ipvs/proxier.ts';
import { NftablesProxier } from './nftables/proxier.ts';
import type { Proxier, ProxierSite } from './proxier.ts';

/** A proxier as it is set up: of the description only what concerns its mode. */
export function createProxier(
  { mode, ipvs, serviceCidr }: Pick<KubeProxyDescription, 'mode' | 'ipvs' | 'serviceCidr'>,
  site: ProxierSite,
): Proxier {
  switch (mode) {
    case 'iptables':
      return new IptablesProxier(site);
    case 'ipvs':
      return new IpvsProxier(site, ipvs);
    case 'nftables':
      return new NftablesProxier(site, serviceCidr);
  }
}
