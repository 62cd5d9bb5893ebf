import type { Rcode } from '../../dns/message.ts';
import type { ResourceRecord } from '../../dns/record.ts';
import type { Process } from '../../engine/process.ts';
import type { DnsPayload } from '../../transport/payload.ts';
import type { Incoming } from '../../transport/serve.ts';
import type { ServerFaults } from '../description.ts';
import type { ExtendedError } from './extended-error.ts';

/** What answers the queries of a recursor: the part that differs from program to program. */
export interface Engine {
  /** The reply as it goes on the wire; undefined: none. */
  answer(query: Incoming, faults: ServerFaults): Process<DnsPayload | undefined>;
  /** Forgets what it knows. */
  flush(): void;
  stop(): void;
}

/** What a client gets: its TTLs are those of this instant. */
export interface Resolution {
  readonly rcode: Rcode;
  readonly answer: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly extendedError?: ExtendedError;
}

/** A bare rcode. */
export function bare(rcode: Rcode): Resolution {
  return { rcode, answer: [], authority: [], additional: [] };
}
