import type { TraceId } from '../../engine/recorder.ts';
import { tcpdumpEnds, tcpdumpIcmp } from '../../kernel/ip/tcpdump.ts';
import type { PacketFields } from '../../kernel/records.ts';
import type { Evidence } from './account.ts';
import type { Strands } from './draft.ts';

/** A packet of a strand as tcpdump shows it: with what is in it where a capture, or the one who sent it, tells. */
export function packetEvidence(trace: TraceId, packet: PacketFields, strands: Strands): Evidence[] {
  const { protocol, sourcePort, destinationPort, size, detail } = packet;
  if (protocol === 'icmp') return [{ kind: 'packet', line: tcpdumpIcmp(packet) }];
  const ends = tcpdumpEnds(packet);
  if (protocol === 'tcp') return [{ kind: 'packet', line: `${ends} Flags [${detail}], length ${size}` }];
  const captured = strands.captured.get(trace)?.find((row) => {
    return row.size === size && (row.sourcePort === sourcePort || row.destinationPort === destinationPort);
  });
  const isQuery = destinationPort === strands.packets.get(trace)?.destinationPort;
  const query = isQuery ? strands.queries.get(trace) : undefined;
  const said = captured?.text ?? (query === undefined ? `UDP, length ${size}` : `${query} (${size})`);
  return [{ kind: 'packet', line: `${ends} ${said}` }];
}
