import { formatAddress } from '../../network/address.ts';
import type { Fragment, Packet } from '../../network/packet.ts';
import type { Station } from '../../network/segment.ts';
import { dataLength } from '../../network/size.ts';

const protocolNumbers = { udp: 17, tcp: 6, icmp: 1 } as const;

/** The columns of a packet that goes by a device to another host's; spelled out, as spreading takes longer than all the rest. */
export function sentFields(device: string, to: Pick<Station, 'host' | 'device'>, packet: Packet, fragment?: Fragment) {
  const { protocol, source, sourcePort, destination, destinationPort, size, detail } = packetFields(packet, fragment);
  return {
    device,
    to: to.host,
    toDevice: to.device,
    protocol,
    source,
    sourcePort,
    destination,
    destinationPort,
    size,
    detail,
  };
}

/** The columns of a packet that reached a socket. */
export function deliveredFields(owner: string, packet: Packet) {
  const { protocol, source, sourcePort, destination, destinationPort, size, detail } = packetFields(packet);
  return { owner, protocol, source, sourcePort, destination, destinationPort, size, detail };
}

/** The columns of a packet that a capture saw. */
export function capturedFields(device: string, text: string, packet: Packet, fragment?: Fragment) {
  const { protocol, source, sourcePort, destination, destinationPort, size, detail } = packetFields(packet, fragment);
  return { device, text, protocol, source, sourcePort, destination, destinationPort, size, detail };
}

/** The columns that every record about a packet has; a fragment that is not the first shows no ports. */
export function packetFields(packet: Packet, fragment?: Fragment) {
  const later = fragment !== undefined && fragment.offset > 0;
  const ported = packet.protocol !== 'icmp' && !later;
  return {
    protocol: packet.protocol,
    source: formatAddress(packet.source),
    sourcePort: ported ? packet.sourcePort : 0,
    destination: formatAddress(packet.destination),
    destinationPort: ported ? packet.destinationPort : 0,
    size: later ? fragment.length : dataLength(packet),
    detail: later ? `ip-proto-${protocolNumbers[packet.protocol]}` : detailOf(packet),
  };
}

function detailOf(packet: Packet): string {
  if (packet.protocol === 'udp') return '';
  if (packet.protocol === 'icmp') return icmpText(packet);
  const flags = `${packet.syn ? 'S' : ''}${packet.fin ? 'F' : ''}${packet.rst ? 'R' : ''}`;
  return `${flags}${packet.ack ? '.' : ''}`;
}

/** `10.244.1.20 udp port 53 unreachable`, as `tcpdump -n` says it. */
function icmpText(packet: Packet & { protocol: 'icmp' }): string {
  const about = packet.about;
  if (about === undefined || packet.type === 'echo-request' || packet.type === 'echo-reply')
    return packet.type.replace('-', ' ');
  if (packet.type === 'time-exceeded') return 'time exceeded in-transit';
  const host = formatAddress(about.destination);
  switch (packet.code) {
    case 'port-unreachable':
      return about.protocol === 'icmp'
        ? 'port unreachable'
        : `${host} ${about.protocol} port ${about.destinationPort} unreachable`;
    case 'net-unreachable':
      return `net ${host} unreachable`;
    case 'net-prohibited':
      return `net ${host} unreachable - admin prohibited`;
    case 'host-prohibited':
      return `host ${host} unreachable - admin prohibited`;
    case 'protocol-unreachable':
      return `${host} protocol ${about.protocol === 'udp' ? 17 : 6} unreachable`;
    case 'admin-prohibited':
      return `host ${host} unreachable - admin prohibited filter`;
    case 'fragmentation-needed':
      return `${host} unreachable - need to frag${packet.mtu === undefined ? '' : ` (mtu ${packet.mtu})`}`;
    default:
      return `host ${host} unreachable`;
  }
}
