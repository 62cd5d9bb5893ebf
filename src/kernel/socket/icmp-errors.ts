import { type AddressFamily, familyOf } from '../../network/address.ts';
import type { IcmpCode, Packet } from '../../network/packet.ts';
import type { Errno } from './socket.ts';

export interface SocketTrouble {
  readonly error: Errno;
  /** Is a connected UDP socket told although it did not ask (IP_RECVERR)? */
  readonly hard: boolean;
}

/** By code: icmp_err_convert of net/ipv4/icmp.c, tab_unreach of net/ipv6/icmp.c. */
const unreachable: Readonly<Record<AddressFamily, Readonly<Partial<Record<IcmpCode, SocketTrouble>>>>> = {
  ipv4: {
    'net-unreachable': { error: 'ENETUNREACH', hard: false },
    'host-unreachable': { error: 'EHOSTUNREACH', hard: false },
    'port-unreachable': { error: 'ECONNREFUSED', hard: true },
    'protocol-unreachable': { error: 'ENOPROTOOPT', hard: true },
    'fragmentation-needed': { error: 'EMSGSIZE', hard: true },
    'net-prohibited': { error: 'ENETUNREACH', hard: true },
    'host-prohibited': { error: 'EHOSTUNREACH', hard: true },
    'admin-prohibited': { error: 'EHOSTUNREACH', hard: true },
  },
  ipv6: {
    'no-route': { error: 'ENETUNREACH', hard: false },
    'admin-prohibited': { error: 'EACCES', hard: true },
    'address-unreachable': { error: 'EHOSTUNREACH', hard: false },
    'port-unreachable': { error: 'ECONNREFUSED', hard: true },
    'policy-fail': { error: 'EACCES', hard: true },
    'reject-route': { error: 'EACCES', hard: true },
  },
};

/** What an ICMP error means to the socket whose packet it is about. */
export function troubleOf({ type, code, source }: Packet & { protocol: 'icmp' }): SocketTrouble | undefined {
  switch (type) {
    case 'destination-unreachable':
      return unreachable[familyOf(source)][code];
    case 'packet-too-big':
      return { error: 'EMSGSIZE', hard: true };
    case 'time-exceeded':
      return { error: 'EHOSTUNREACH', hard: false };
    case 'echo-request':
    case 'echo-reply':
      return undefined;
  }
}
