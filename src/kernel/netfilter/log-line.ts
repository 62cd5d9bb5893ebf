import { formatAddress } from '../../network/address.ts';
import { dataLength, ipLength } from '../../network/size.ts';
import type { SocketBuffer } from '../ip/socket-buffer.ts';

/** What `-j LOG` writes about a packet (nf_log_syslog.c), but for link addresses and what is not modelled. */
export function logLine({ packet, input, output, mark }: SocketBuffer, prefix: string): string {
  const { source, destination, ttl, protocol } = packet;
  const hops = typeof source === 'bigint' ? `TC=0 HOPLIMIT=${ttl} FLOWLBL=0` : `TOS=0x00 PREC=0x00 TTL=${ttl} ID=0`;
  const words = [
    `${prefix}IN=${input?.name ?? ''} OUT=${output?.name ?? ''}`,
    `SRC=${formatAddress(source)} DST=${formatAddress(destination)} LEN=${ipLength(packet)} ${hops}`,
    `PROTO=${typeof source === 'bigint' && protocol === 'icmp' ? 'ICMPv6' : protocol.toUpperCase()}`,
  ];
  if (packet.protocol !== 'icmp') words.push(`SPT=${packet.sourcePort} DPT=${packet.destinationPort}`);
  if (packet.protocol === 'udp') words.push(`LEN=${dataLength(packet) + 8}`);
  if (packet.protocol === 'tcp')
    words.push(
      ...(['ack', 'rst', 'syn', 'fin'] as const).filter((flag) => packet[flag]).map((flag) => flag.toUpperCase()),
    );
  if (mark !== 0) words.push(`MARK=0x${mark.toString(16)}`);
  return words.join(' ');
}
