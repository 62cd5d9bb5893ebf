import { type AddressFamily, familyOf, parseAddress, parsePrefix } from '../../network/address.ts';
import type { ProxiedService, Services } from './proxier.ts';

/** Whose traffic a proxier is for: pods' addresses tell. */
export function familyOfCidr(podCidr: string): AddressFamily {
  return familyOf(parsePrefix(podCidr)?.address ?? 0);
}

/** The Services as they are for one family: their address of it, and the end points that have one of it. */
export class ServicesOfFamily {
  readonly #family: AddressFamily;
  /** A Service that has not changed stays the same object: syncs go by that. */
  readonly #seen = new WeakMap<ProxiedService, ProxiedService | 'none'>();

  constructor(family: AddressFamily) {
    this.#family = family;
  }

  of(services: Services): Services {
    return services.flatMap((service) => {
      let own = this.#seen.get(service);
      if (own === undefined) {
        own = this.#narrowed(service);
        this.#seen.set(service, own);
      }
      return own === 'none' ? [] : [own];
    });
  }

  #narrowed(service: ProxiedService): ProxiedService | 'none' {
    const address = [service.address, service.otherAddress].find((one) => this.#isOurs(one));
    if (address === undefined) return 'none';
    const endpoints = service.endpoints.filter((endpoint) => this.#isOurs(endpoint.address));
    const isWhole = address === service.address && endpoints.length === service.endpoints.length;
    return isWhole ? service : { ...service, address, endpoints };
  }

  #isOurs(text: string | undefined): boolean {
    const address = parseAddress(text ?? '');
    return address === undefined ? text === 'None' : familyOf(address) === this.#family;
  }
}
