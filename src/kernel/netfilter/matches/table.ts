import { limit, statistic } from './chance.ts';
import { conntrack, state } from './conntrack.ts';
import { icmp, icmp6 } from './icmp.ts';
import { connmark, mark } from './marks.ts';
import type { MatchModule } from './module.ts';
import { addrtype, owner, physdev, pkttype, rpfilter, socket } from './place.ts';
import { comment, hl, iprange, length, nfacct, ttl } from './plain.ts';
import { multiport, tcp, udp } from './ports.ts';
import { recent } from './recent.ts';
import { set } from './set.ts';

/** Every match that is known, by the name behind `-m`. */
const modules: Readonly<Record<string, MatchModule>> = {
  comment,
  udp,
  tcp,
  multiport,
  icmp,
  icmp6,
  statistic,
  limit,
  recent,
  mark,
  connmark,
  conntrack,
  state,
  addrtype,
  physdev,
  iprange,
  length,
  ttl,
  hl,
  nfacct,
  pkttype,
  rpfilter,
  owner,
  set,
  socket,
};

export const matchNames: readonly string[] = Object.keys(modules);

export function matchModule(name: string): MatchModule | undefined {
  return Object.hasOwn(modules, name) ? modules[name] : undefined;
}
