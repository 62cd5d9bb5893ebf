import type { Message, Rcode } from '../dns/message.ts';
import type { Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Endpoint } from '../network/packet.ts';

/** One query on its way through a server block's chain. */
export interface Request {
  readonly message: Message;
  /** The message as the client sent it, or as `bufsize` edited it in place: its EDNS decides the reply's size and OPT. */
  readonly original: { edns: Message['edns'] };
  readonly protocol: 'udp' | 'tcp';
  readonly client: Endpoint;
  readonly local: Endpoint;
  /** The zone of the server block that was chosen, with final dot. */
  readonly zone: string;
  readonly trace: TraceId;
}

/**
 * What a handler hands back. `reply`: it was written to the client. Without a reply the server writes an
 * empty one for SERVFAIL, REFUSED, FORMERR and NOTIMP. `error` is what the `errors` plugin prints. `silent`: nothing is sent.
 */
export interface Outcome {
  readonly rcode: Rcode;
  readonly reply?: Message;
  readonly error?: string;
  readonly silent?: boolean;
}

export type Handler = (request: Request) => Process<Outcome>;

/** A plugin of a server block, set up: `(request, next) => outcome`, as in CoreDNS. */
export interface Plugin {
  readonly name: string;
  readonly handle: (request: Request, next: Handler) => Process<Outcome>;
}
