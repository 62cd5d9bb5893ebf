import type { Fragment, Packet } from '../../network/packet.ts';
import { fragmentHeaders, ipHeader, ipLength } from '../../network/size.ts';

/** Cuts a packet so that no piece is larger than `mtu`; all but the last hold a multiple of 8 octets (RFC 791 §3.2, RFC 8200 §4.5). */
export function fragmentsOf(packet: Packet, mtu: number): Fragment[] {
  const total = ipLength(packet) - ipHeader(packet.source);
  const most = Math.max(8, Math.floor((mtu - fragmentHeaders(packet)) / 8) * 8);
  const fragments: Fragment[] = [];
  for (let offset = 0; offset < total; offset += most)
    fragments.push({ offset, length: Math.min(most, total - offset) });
  return fragments;
}

/** Puts fragments together again. One that is lost on the way leaves its packet incomplete for good. */
export class Reassembly {
  /** Made with the first of them: collecting garbage takes longer with every map of this kind. */
  #begun: WeakMap<Packet, { octets: number; largest: number }> | undefined;

  /** Octets of the largest fragment, once all of the packet is there. */
  take(packet: Packet, { length }: Fragment): number | undefined {
    this.#begun ??= new WeakMap();
    const known = this.#begun.get(packet) ?? { octets: 0, largest: 0 };
    const octets = known.octets + length;
    const largest = Math.max(known.largest, fragmentHeaders(packet) + length);
    this.#begun.set(packet, { octets, largest });
    return octets >= ipLength(packet) - ipHeader(packet.source) ? largest : undefined;
  }
}
