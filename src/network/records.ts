import { recordKind } from '../engine/recorder.ts';

/** A packet that a segment lost. Cause: `link-loss`, `packet-limit` or `link-queue-full`. `at`: the sender; ports are 0 for ICMP. */
export const packetLost = recordKind('packet.lost', {
  segment: 'text',
  protocol: 'text',
  source: 'text',
  sourcePort: 'number',
  destination: 'text',
  destinationPort: 'number',
});
