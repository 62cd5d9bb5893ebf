import { recordKind } from '../engine/recorder.ts';

/** A workload calls its resolver. The trace is the root of all that is done for it. `number`: of the call, from 0. */
export const lookupStarted = recordKind('workload.lookup-started', {
  workload: 'text',
  number: 'number',
  name: 'text',
  family: 'text',
});

/** The call returned. Times in microseconds; `result`: `OK` or the error as the resolver calls it; `addresses` with blanks between. */
export const lookupEnded = recordKind('workload.lookup', {
  workload: 'text',
  number: 'number',
  name: 'text',
  family: 'text',
  startedAt: 'number',
  latency: 'number',
  result: 'text',
  addresses: 'text',
  /** The error as the application prints it. */
  printed: 'text',
});

/** A datagram was sent from a socket whose port never changes. `error`: errno of the call, or empty. */
export const datagramSent = recordKind('workload.datagram', {
  workload: 'text',
  /** From 1. */
  number: 'number',
  text: 'text',
  error: 'text',
});

/**
 * What came back to one message sent as written. `error`: empty, `timeout`, `closed` (the stream ended), `garbled` or an errno; then the rest
 * is empty. Sections: a record a line. `edns`: the size it offers, NaN without; `wire`: octets.
 */
export const replySeen = recordKind('workload.reply', {
  workload: 'text',
  number: 'number',
  name: 'text',
  type: 'text',
  startedAt: 'number',
  latency: 'number',
  error: 'text',
  /** Who answered, as address:port. */
  from: 'text',
  rcode: 'text',
  /** With blanks between. */
  flags: 'text',
  answer: 'text',
  authority: 'text',
  additional: 'text',
  edns: 'number',
  wire: 'number',
});
