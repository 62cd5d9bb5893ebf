import { noTrace } from '../../../engine/recorder.ts';
import { formatAddress } from '../../../network/address.ts';
import { proxyCommit } from '../../records.ts';
import { chooseEndpoints } from '../endpoint-choice.ts';
import { familyOfCidr } from '../families.ts';
import type { Proxier, ProxierSite, Services, SyncRequest, SyncStep } from '../proxier.ts';
import { nftablesTable } from './table.ts';

/** The mode nftables: each sync is one transaction, so that a Service is never without rules. */
export class NftablesProxier implements Proxier {
  readonly #site: ProxierSite;
  readonly #serviceCidr: string | undefined;

  constructor(site: ProxierSite, serviceCidr: string | undefined) {
    this.#site = site;
    this.#serviceCidr = serviceCidr;
  }

  start(): void {
    this.#site.host.sysctls.set('net.ipv4.ip_forward', 1);
  }

  stop(): void {}

  sync({ services }: SyncRequest): readonly SyncStep[] {
    return [{ after: 0, take: () => this.#sync(services) }];
  }

  #sync(services: Services): void {
    const { host, simulation, release, podCidr } = this.#site;
    const nodeAddress = this.#nodeAddress();
    const family = familyOfCidr(podCidr);
    const cidr = this.#serviceCidr;
    const serviceCidr = cidr !== undefined && familyOfCidr(cidr) === family ? cidr : undefined;
    const site = { node: host.host, release, podCidr, serviceCidr, nodeAddress };
    host.netfilter.replaceNft(nftablesTable(services, site));
    const ruled = services.filter((service) => chooseEndpoints(service, host.host, release).any);
    const addresses = ruled.map(({ address }) => address).join(' ');
    simulation.recorder.write(proxyCommit, host.host, noTrace, 'nftables', { services: addresses });
  }

  /** By which its default route leaves. */
  #nodeAddress(): string | undefined {
    const {
      host: { stack },
      podCidr,
    } = this.#site;
    const address = stack.sourceFor(elsewhere[familyOfCidr(podCidr)]);
    return typeof address === 'string' ? undefined : formatAddress(address);
  }
}

/** Addresses that are reached by the default route: 192.0.2.1 (RFC 5737), 2001:db8::1 (RFC 3849). */
const elsewhere = { ipv4: 0xc0000201, ipv6: 0x20010db8000000000000000000000001n } as const;
