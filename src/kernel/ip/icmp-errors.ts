import type { Simulation } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { formatAddress } from '../../network/address.ts';
import type { Address, Packet } from '../../network/packet.ts';
import { icmpWithheld } from '../records.ts';
import type { Errno } from '../socket/socket.ts';
import { IcmpAllowance } from './allowance.ts';
import type { IcmpError } from './route-failures.ts';
import { defaultTtl } from './ttl.ts';

/** What the sending of ICMP errors asks of the host. */
export interface IcmpErrorSettings {
  readonly simulation: Simulation;
  readonly host: string;
  /** How long it takes until one more may go to an address; 0: they are not rationed. */
  readonly interval: (destination: Address) => Micros;
  readonly owns: (address: Address) => boolean;
  /** The source address that a packet gets, or why there is no way. */
  readonly sourceFor: (destination: Address) => Address | Errno;
}

export interface IcmpErrorOptions {
  /** Its source, where that is given. */
  readonly from?: Address;
  readonly mtu?: number;
  /** The packet was to be forwarded, and there was no route. */
  readonly forRoute?: boolean;
}

/** The ICMP errors of one host, as far as their allowance goes. */
export class IcmpErrors {
  readonly #settings: IcmpErrorSettings;
  readonly #allowance = new IcmpAllowance();

  constructor(settings: IcmpErrorSettings) {
    this.#settings = settings;
  }

  /** An error about a packet; undefined: none may be sent. */
  about(packet: Packet, { type, code }: IcmpError, options: IcmpErrorOptions): Packet | undefined {
    if (packet.protocol === 'icmp' && packet.about !== undefined) return undefined;
    const { from, forRoute = false, mtu } = options;
    const { owns, sourceFor } = this.#settings;
    // What path MTU discovery needs is not rationed (icmpv4_mask_allow, net.ipv6.icmp.ratemask).
    const isRationed = !owns(packet.source) && mtu === undefined;
    if (isRationed && !this.#takes(packet.source, forRoute)) {
      this.#withhold(packet, code);
      return undefined;
    }
    const source = from ?? (owns(packet.destination) ? packet.destination : sourceFor(packet.source));
    if (typeof source === 'string') return undefined;
    return {
      protocol: 'icmp',
      source,
      destination: packet.source,
      ttl: defaultTtl,
      trace: packet.trace,
      type,
      id: undefined,
      code,
      about: packet,
      mtu,
    };
  }

  /** A packet goes back by the device by which it came. Of IPv4 alone; the redirects themselves are not shown. */
  redirect({ source }: Packet): void {
    if (typeof source === 'number') this.#allowance.redirect(source, this.#settings.simulation.now);
  }

  #takes(to: Address, forRoute: boolean): boolean {
    const { now } = this.#settings.simulation;
    const interval = this.#settings.interval(to);
    return forRoute && typeof to === 'number'
      ? this.#allowance.takeForRoute(to, now, interval)
      : this.#allowance.take(to, now, interval);
  }

  #withhold({ source, trace }: Packet, code: string): void {
    const { simulation, host } = this.#settings;
    simulation.recorder.write(icmpWithheld, host, trace, 'icmp-allowance', {
      destination: formatAddress(source),
      code,
    });
  }
}
