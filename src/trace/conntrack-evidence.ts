import type { Row } from '../engine/columns.ts';
import type { packetDropped } from '../kernel/records.ts';

interface Told {
  readonly text: string;
  readonly short: string;
}

/** A packet that ended because its flow could not be entered into a node's conntrack table. */
export function conntrackEvidence(
  row: Row<typeof packetDropped.columns>,
  nameOf: (address: string) => string,
): Told | undefined {
  const way = `from ${nameOf(row.source)} to ${nameOf(row.destination)} port ${row.destinationPort}`;
  if (row.cause === 'conntrack-clash') {
    const race = `another packet from its port ${row.sourcePort} was faster on another CPU and had entered that flow meanwhile`;
    const text = `${row.at} dropped a packet ${way} at its last step (insert_failed): ${race}`;
    return { text, short: 'two packets of one socket raced in conntrack (insert_failed)' };
  }
  if (row.cause === 'conntrack-table-full') {
    const text = `${row.at} dropped a packet ${way}: its conntrack table was full ("table full, dropping packet"), and nothing near the new flow's place could be given up`;
    return { text, short: `the conntrack table of ${row.at} was full` };
  }
  return undefined;
}
