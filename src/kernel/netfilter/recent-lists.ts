import type { Micros } from '../../engine/time.ts';
import { addressBits, keyOf, networkOf } from '../../network/address.ts';
import type { Address } from '../../network/packet.ts';

/** Stamps kept of an address, and addresses of a list (xt_recent's ip_pkt_list_tot and ip_list_tot, as they are unless set). */
const mostStamps = 20;
const mostAddresses = 100;

/** When packets of an address were seen. */
interface Entry {
  readonly address: Address;
  stamps: Micros[];
  ttl: number;
}

/** The lists of `-m recent` of one host, each with the addresses in the order in which they were last seen. */
export class RecentLists {
  readonly #lists = new Map<string, Map<number | bigint, Entry>>();
  /** Bits that tell the addresses of a list apart. */
  readonly #lengths = new Map<string, number>();

  /** The part of an address that a list knows: what the rule says that asked the list first (xt_recent's table has the mask). */
  part(list: string, address: Address, length: number): Address {
    const own = this.#lengths.get(list) ?? length;
    this.#lengths.set(list, own);
    return networkOf(address, Math.min(own, addressBits(address)));
  }

  find(list: string, address: Address): Entry | undefined {
    return this.#lists.get(list)?.get(keyOf(address));
  }

  /** Notes an address now; a full list loses the one that was seen the longest ago. */
  note(list: string, address: Address, now: Micros, ttl: number): void {
    const entries = this.#lists.get(list) ?? new Map<number | bigint, Entry>();
    this.#lists.set(list, entries);
    const key = keyOf(address);
    const known = entries.get(key);
    entries.delete(key);
    const oldest = entries.keys().next();
    if (known === undefined && entries.size >= mostAddresses && oldest.done === false) entries.delete(oldest.value);
    entries.set(key, { address, ttl, stamps: [...(known?.stamps ?? []), now].slice(-mostStamps) });
  }

  remove(list: string, address: Address): void {
    this.#lists.get(list)?.delete(keyOf(address));
  }

  /** Removes the address seen the longest ago, if that was before `time` (recent_entry_reap). */
  reap(list: string, time: Micros): void {
    const entries = this.#lists.get(list);
    const [oldest] = entries?.values() ?? [];
    if (oldest !== undefined && (oldest.stamps.at(-1) ?? 0) < time) this.remove(list, oldest.address);
  }
}
