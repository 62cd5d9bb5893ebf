import type { Address } from './packet.ts';

/** Addresses as 32-bit integers for typed columns: of IPv4 the bits themselves, of IPv6 the number in order of first use. */
export class AddressNumbers {
  readonly #numbers = new Map<bigint, number>();
  readonly #addresses: bigint[] = [];

  /** Undefined: an IPv6 address that got no number yet. */
  known(address: Address): number | undefined {
    return typeof address === 'number' ? address | 0 : this.#numbers.get(address);
  }

  of(address: Address): number {
    if (typeof address === 'number') return address | 0;
    let number = this.#numbers.get(address);
    if (number === undefined) {
      number = this.#addresses.push(address) - 1;
      this.#numbers.set(address, number);
    }
    return number;
  }

  address(number: number, isIpv6: boolean): Address {
    return isIpv6 ? (this.#addresses[number] ?? 0n) : number >>> 0;
  }
}
