import { type AddressFamily, formatAddress } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';

/** Types of sets by what a member is made of, as `ipset create` takes them. */
export const setTypes = ['hash:ip', 'hash:ip,port', 'hash:ip,port,ip', 'bitmap:port'] as const;
export type SetType = (typeof setTypes)[number];

/** Which side of a packet a part of a member is compared with. */
export type SetSide = 'src' | 'dst';

interface IpSet {
  readonly type: SetType;
  readonly family: AddressFamily;
  /** As ipset prints them: `10.96.0.10,udp:53`. */
  readonly members: Set<string>;
}

/** The sets of one host (ipset). */
export class IpSets {
  readonly #sets = new Map<string, IpSet>();

  /** Makes a set, or leaves the one that is there. */
  create(name: string, type: SetType, family: AddressFamily): void {
    if (!this.#sets.has(name)) this.#sets.set(name, { type, family, members: new Set() });
  }

  /** Gives a set exactly these members. */
  fill(name: string, members: readonly string[]): void {
    const set = this.#sets.get(name);
    if (set === undefined) throw new Error(`there is no set ${name}`);
    this.#sets.set(name, { ...set, members: new Set(members) });
  }

  /** `-m set --match-set name side,side`: a set that is not there, or too few sides, match nothing. */
  holds(name: string, sides: readonly SetSide[], packet: Packet): boolean {
    const set = this.#sets.get(name);
    if (set === undefined) return false;
    const kinds = set.type.slice(set.type.indexOf(':') + 1).split(',');
    const parts = kinds.map((kind, i) => {
      const side = sides[i];
      if (side === undefined) return undefined;
      return kind === 'ip' ? addressAt(side, packet) : portAt(side, packet, set.type === 'bitmap:port');
    });
    return parts.every((part) => part !== undefined) && set.members.has(parts.join(','));
  }

  /** What `ipset save` prints; hashes with their default sizes. */
  print(): string[] {
    return [...this.#sets].flatMap(([name, { type, family, members }]) => [
      `create ${name} ${type} ${type === 'bitmap:port' ? 'range 0-65535' : `family ${family === 'ipv4' ? 'inet' : 'inet6'} hashsize 1024 maxelem 65536`}`,
      ...[...members].map((member) => `add ${name} ${member}`),
    ]);
  }
}

function addressAt(side: SetSide, { source, destination }: Packet): string {
  return formatAddress(side === 'src' ? source : destination);
}

function portAt(side: SetSide, packet: Packet, bare: boolean): string | undefined {
  if (packet.protocol === 'icmp') return undefined;
  const port = side === 'src' ? packet.sourcePort : packet.destinationPort;
  return bare ? `${port}` : `${packet.protocol}:${port}`;
}
