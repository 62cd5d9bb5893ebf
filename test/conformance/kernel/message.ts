import type { Payload } from '../../../src/network/packet.ts';

/** The harness's own DNS message: an id, and in an answer the number of who answered. */
export interface Message extends Payload {
  readonly id: number;
  /** `192.0.2.n`; empty in a query. */
  readonly answer: string;
}

/** `svc.example.org A`: 33 octets; its answer, 49. */
export const querySize = 33;
export const answerSize = 49;

export function isMessage(payload: Payload): payload is Message {
  return 'id' in payload && 'answer' in payload;
}
