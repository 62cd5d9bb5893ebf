import { second } from '../../engine/time.ts';
import { type TcpLimits, unlimitedTcp } from '../../transport/serve-tcp.ts';
import { type History, inRelease } from '../history.ts';
import type { BlockSettings } from '../plugin.ts';
import type { Release } from '../releases.ts';

/** First read, idle time between queries, queries a connection. Recordings size-tcp-*. */
const usual: History<TcpLimits> = [
  ['1.6.7', { ...unlimitedTcp, firstRead: 2 * second, idle: 8 * second, queries: 128 }],
  ['1.10.1', { ...unlimitedTcp, firstRead: 3 * second, idle: 10 * second }],
];

/** The limits of a server: of each of its times, what the last of its blocks says (`dnsserver.NewServer`). */
export function tcpLimitsOf(blocks: readonly Pick<BlockSettings, 'timeouts'>[], release: Release): TcpLimits {
  let limits = inRelease(usual, release.name);
  for (const { timeouts } of blocks) {
    const { read: firstRead = limits.firstRead, idle = limits.idle, queries = limits.queries } = timeouts;
    limits = { ...limits, firstRead, idle, queries };
  }
  return limits;
}
