import type { Packet } from '../../network/packet.ts';
import { defaultTtl } from './ttl.ts';

/** The RST that answers a segment which nobody wants; nothing answers what is none, or is a RST itself. */
export function resetFor(packet: Packet): Packet | undefined {
  if (packet.protocol !== 'tcp' || packet.rst) return undefined;
  const length = packet.length + (packet.syn ? 1 : 0) + (packet.fin ? 1 : 0);
  return {
    protocol: 'tcp',
    source: packet.destination,
    sourcePort: packet.destinationPort,
    destination: packet.source,
    destinationPort: packet.sourcePort,
    ttl: defaultTtl,
    trace: packet.trace,
    syn: false,
    ack: !packet.ack,
    fin: false,
    rst: true,
    length: 0,
    sequence: packet.ack ? packet.acknowledgement : 0,
    acknowledgement: packet.ack ? 0 : packet.sequence + length,
    mss: undefined,
    payloads: [],
  };
}
