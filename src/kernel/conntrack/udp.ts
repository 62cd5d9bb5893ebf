import { type Micros, second } from '../../engine/time.ts';
import { jiffies } from '../jiffies.ts';
import type { KernelRules } from '../releases.ts';
import type { Sysctls } from '../sysctls.ts';
import type { Connection } from './connection.ts';

/** A flow becomes a stream with a packet later than this after its first, in jiffies (nf_conntrack_proto_udp.c, stream_ts). */
const streamAge = 2 * second;

/** Sets the timer for a UDP packet; the packet that is itself the first answer still counts as unanswered. */
export function udpPacket(connection: Connection, now: Micros, sysctls: Sysctls, rules: KernelRules): void {
  const unreplied = sysctls.get('net.netfilter.nf_conntrack_udp_timeout') * second;
  const stream = sysctls.get('net.netfilter.nf_conntrack_udp_timeout_stream') * second;
  if (!connection.seenReply) {
    connection.expires = now + unreplied;
    return;
  }
  const old = rules.udpStreamRule === 'answered' || jiffies(now) > jiffies(connection.created) + jiffies(streamAge);
  connection.expires = now + (old ? stream : unreplied);
  if (old || rules.udpStreamRule === 'two-seconds-assured-early') connection.assured = true;
}
