import { second } from '../../src/engine/time.ts';
import { type Connection, newConnection, type Tuple } from '../../src/kernel/conntrack/connection.ts';
import type { HostDescription } from '../../src/kernel/description.ts';
import { parseAddress } from '../../src/network/address.ts';
import type { Address, Packet } from '../../src/network/packet.ts';
import { type LoneHost, loneHost } from './lone-host.ts';

export const address = (text: string): Address => parseAddress(text) ?? 0;
/** The Service of two servers, 10.244.1.20 and 10.244.1.21, which take turns. */
export const serviceIp = address('10.96.0.10');

const rules = `*nat
-A PREROUTING -d 10.96.0.10/32 -p udp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.1.20:53
-A PREROUTING -d 10.96.0.10/32 -p udp -j DNAT --to-destination 10.244.1.21:53
-A PREROUTING -d 10.96.0.10/32 -p tcp -j DNAT --to-destination 10.244.1.20:53
-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE
COMMIT
`;

/** A node between pods (device `pods`) and the world (device `uplink`). */
export type NodeLab = LoneHost;

export function nodeLab(own: Partial<HostDescription> = {}, seed = '1'): NodeLab {
  return loneHost(
    {
      name: 'node',
      kernel: '6.18',
      forwarding: true,
      interfaces: [
        { name: 'pods', segment: 'pods', addresses: ['10.244.1.1/24'] },
        { name: 'uplink', segment: 'uplink', addresses: ['192.168.100.2/24'] },
      ],
      routes: [{ to: 'default', kind: 'unicast', via: '192.168.100.1' }],
      iptables: rules,
      sysctls: {},
      ...own,
    },
    seed,
  );
}

/** An entry as the table holds it, of a UDP flow that was not translated. */
export function entry(own: Partial<Connection> = {}): Connection {
  const original: Tuple = {
    protocol: 'udp',
    source: 0x0a000001,
    sourcePort: 1024,
    destination: 0x0a000002,
    destinationPort: 53,
  };
  return {
    ...newConnection(own.original ?? original, { tcp: undefined, created: 0, id: 1, trace: 0 }),
    destinationDecided: true,
    sourceDecided: true,
    expires: 30 * second,
    ...own,
  };
}

/** A datagram of a pod's. */
export function udp(source: string, sourcePort: number, destination: Address, destinationPort = 53): Packet {
  const ends = { source: address(source), sourcePort, destination, destinationPort };
  return { protocol: 'udp', ...ends, ttl: 64, trace: 0, payload: { size: 33 } };
}

type Segment = Partial<Extract<Packet, { protocol: 'tcp' }>>;

/** A TCP segment of a pod's to the Service; without flags it is an ACK. */
export function tcp(source: string, sourcePort: number, segment: Segment = {}): Packet {
  const ends = { source: address(source), sourcePort, destination: serviceIp, destinationPort: 53 };
  const flags = { syn: false, ack: segment.syn !== true, fin: false, rst: false };
  const data = { length: 0, sequence: 0, acknowledgement: 0, mss: undefined, payloads: [] };
  return { protocol: 'tcp', ...ends, ttl: 64, trace: 0, ...flags, ...data, ...segment };
}

/** What comes back on a packet; of TCP with other flags and numbers. */
export function answer(packet: Packet, segment: Segment = {}): Packet {
  const { source, destination } = packet;
  if (packet.protocol === 'icmp') return { ...packet, source: destination, destination: source, type: 'echo-reply' };
  const { sourcePort, destinationPort } = packet;
  const ends = { source: destination, sourcePort: destinationPort, destination: source, destinationPort: sourcePort };
  return packet.protocol === 'udp' ? { ...packet, ...ends } : { ...packet, ...ends, ...segment };
}

/** Hands a packet to the node as if it came in by a device; what it sends for it. */
export function receive({ host, sent }: Pick<NodeLab, 'host' | 'sent'>, device: string, packet: Packet): Packet[] {
  const from = host.stack.devices.get(device);
  const before = sent.length;
  if (from !== undefined) host.stack.receive(from, packet);
  return sent.slice(before);
}
