import type { TraceId } from '../../engine/recorder.ts';
import type { Payload } from '../../network/packet.ts';

/** What one end sends and may have to send again. */
export interface Segment {
  readonly sequence: number;
  readonly length: number;
  readonly payloads: readonly Payload[];
  readonly syn: boolean;
  readonly fin: boolean;
  readonly trace: TraceId;
}

/** Octets of sequence space. */
export function span(segment: { readonly length: number; readonly syn: boolean; readonly fin: boolean }): number {
  return segment.length + (segment.syn ? 1 : 0) + (segment.fin ? 1 : 0);
}
