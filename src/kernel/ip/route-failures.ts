import type { IcmpCode } from '../../network/packet.ts';
import type { Errno } from '../socket/socket.ts';
import type { RouteKind } from './routes.ts';

/** errno of a send that meets such a route. */
export const routeErrors: Readonly<Record<Exclude<RouteKind, 'unicast'>, Errno>> = {
  blackhole: 'EINVAL',
  unreachable: 'EHOSTUNREACH',
  prohibit: 'EACCES',
};

/** What a forwarded packet that meets such a route is answered with. */
export const routeReplies: Readonly<Record<Exclude<RouteKind, 'unicast'>, IcmpCode | undefined>> = {
  blackhole: undefined,
  unreachable: 'host-unreachable',
  prohibit: 'admin-prohibited',
};
