import { formatAddress } from '../../network/address.ts';
import type { Fragment, Packet } from '../../network/packet.ts';
import type { Station } from '../../network/segment.ts';
import { dataLength } from '../../network/size.ts';

const protocolNumbers = { udp: 17, tcp: 6, icmp: 1 } as const;

/** The columns of a packet that goes by a device to another host's; spelled out, as spreading takes longer than all the rest. */
export function sentFields(device: string, to: Pick<Station, 'host' | 'name'>, packet: Packet, fragment?: Fragment) {
  const { protocol, source, sourcePort, destination, destinationPort, size, detail } = packetFields(packet, fragment);
  return {
    device,
    to: to.host,
    toDevice: to.name,
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
  const isIpv6 = typeof packet.source === 'bigint';
  const ported = packet.protocol !== 'icmp' && !later;
  return {
    protocol: packet.protocol,
    source: formatAddress(packet.source),
    sourcePort: ported ? packet.sourcePort : 0,
    destination: formatAddress(packet.destination),
    destinationPort: ported ? packet.destinationPort : 0,
    size: later ? fragment.length : dataLength(packet),
    detail: later || (fragment !== undefined && isIpv6) ? fragmentText(packet, fragment) : detailOf(packet),
  };
}

/** `ip-proto-17` of a later fragment; of IPv6 `frag (0|1448)`, also of the first. */
function fragmentText(packet: Packet, { offset, length }: Fragment): string {
  if (typeof packet.source === 'bigint') return `frag (${offset}|${length})`;
  return `ip-proto-${protocolNumbers[packet.protocol]}`;
}

function detailOf(packet: Packet): string {
  if (packet.protocol === 'udp') return '';
  if (packet.protocol === 'icmp') return typeof packet.source === 'number' ? icmpText(packet) : icmp6Text(packet);
  return tcpFlags(packet);
}

/** `P.`, as tcpdump words them; the last segment of what was written at once is pushed (recording kernel/push). */
function tcpFlags({ fin, syn, rst, ack, payloads }: Packet & { protocol: 'tcp' }): string {
  const flags = `${fin ? 'F' : ''}${syn ? 'S' : ''}${rst ? 'R' : ''}`;
  return `${flags}${payloads.length > 0 ? 'P' : ''}${ack ? '.' : ''}`;
}

type IcmpPacket = Packet & { protocol: 'icmp' };

/** `10.244.1.20 udp port 53 unreachable`, as `tcpdump -n` says it. */
function icmpText(packet: IcmpPacket): string {
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

/** Of IPv6: `destination unreachable, unreachable port, fd00::10 udp port 53` (recordings e6, l6, k6). */
function icmp6Text({ type, code, about, mtu }: IcmpPacket): string {
  if (about === undefined || type === 'echo-request' || type === 'echo-reply') return type.replace('-', ' ');
  const host = formatAddress(about.destination);
  if (type === 'packet-too-big') return `packet too big, mtu ${mtu ?? 0}`;
  if (type === 'time-exceeded') return `time exceeded in-transit for ${host}`;
  switch (code) {
    case 'port-unreachable': {
      const port = about.protocol === 'icmp' ? '' : ` ${about.protocol} port ${about.destinationPort}`;
      return `destination unreachable, unreachable port, ${host}${port}`;
    }
    case 'no-route':
      return `destination unreachable, unreachable route ${host}`;
    case 'admin-prohibited':
      return `destination unreachable,  unreachable prohibited ${host}`;
    case 'policy-fail':
      return 'destination unreachable, unknown unreach code (5)';
    case 'reject-route':
      return 'destination unreachable, unknown unreach code (6)';
    default:
      return `destination unreachable, unreachable address ${host}`;
  }
}
