import { type Micros, second } from '../../engine/time.ts';
import type { Sysctls } from '../sysctls.ts';
import type { Connection } from './connection.ts';

/** Sets the timer for an echo or its reply: always the same, and never ASSURED (nf_conntrack_proto_icmp.c, …_icmpv6.c). */
export function icmpPacket(connection: Connection, now: Micros, sysctls: Sysctls): void {
  const family = typeof connection.original.source === 'bigint' ? 'icmpv6' : 'icmp';
  connection.expires = now + sysctls.get(`net.netfilter.nf_conntrack_${family}_timeout`) * second;
}
