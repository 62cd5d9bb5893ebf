import type { AddressFamily } from '../../network/address.ts';
import type { IcmpCode, IcmpType } from '../../network/packet.ts';
import type { Errno } from '../socket/socket.ts';
import type { RouteKind } from './routes.ts';

/** errno of a send that meets such a route. */
export const routeErrors: Readonly<Record<Exclude<RouteKind, 'unicast'>, Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
};

/** Why a packet goes no further, where its sender is told. */
export type Trouble = 'no-route' | 'unreachable' | 'prohibit' | 'no-neighbour' | 'too-big' | 'hop-limit';

export interface IcmpError {
  readonly type: IcmpType;
  readonly code: IcmpCode;
}

const unreachable = (code: IcmpCode): IcmpError => ({ type: 'destination-unreachable', code });

/** How its sender is told. Recordings l, k, l6, k6. */
export const troubleErrors: Readonly<Record<AddressFamily, Readonly<Record<Trouble, IcmpError>>>> = {
  ipv4: {
    'no-route': unreachable('net-unreachable'),
    unreachable: unreachable('host-unreachable'),
    prohibit: unreachable('admin-prohibited'),
    'no-neighbour': unreachable('host-unreachable'),
    'too-big': unreachable('fragmentation-needed'),
    'hop-limit': { type: 'time-exceeded', code: 'none' },
  },
  // net/ipv6/route.c ip6_pkt_drop: a route of kind unreachable is no route.
  ipv6: {
    'no-route': unreachable('no-route'),
    unreachable: unreachable('no-route'),
    prohibit: unreachable('admin-prohibited'),
    'no-neighbour': unreachable('address-unreachable'),
    'too-big': { type: 'packet-too-big', code: 'none' },
    'hop-limit': { type: 'time-exceeded', code: 'none' },
  },
};
