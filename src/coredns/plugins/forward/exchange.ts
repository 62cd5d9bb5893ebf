import { changed } from '../../../dns/build.ts';
import type { Message } from '../../../dns/message.ts';
import { type Process, timedOut } from '../../../engine/process.ts';
import type { TraceId } from '../../../engine/recorder.ts';
import type { Micros } from '../../../engine/time.ts';
import { isSocketError } from '../../../kernel/socket/socket.ts';
import type { Endpoint, Payload } from '../../../network/packet.ts';
import { decode, encode, frame } from '../../../transport/decode.ts';
import type { Connection, Connections, Dialled, Protocol } from './connections.ts';
import { transferError } from './errors.ts';
import type { ForwardBehaviour } from './releases.ts';

/** How one attempt at an upstream ended. `closed`: a pooled connection turned out to be closed; nothing was lost. */
export type Attempt =
  | { readonly outcome: 'answered' | 'cut'; readonly reply: Message }
  | { readonly outcome: 'closed' }
  | { readonly outcome: 'error'; readonly error: string };

/** What one attempt needs to know. */
export interface Exchange {
  readonly connections: Connections;
  readonly to: Endpoint;
  readonly query: Message;
  readonly protocol: Protocol;
  /** Octets that a UDP reply may have. */
  readonly room: number;
  readonly trace: TraceId;
  readonly readTimeout: Micros;
  /** Until when a TLS connection must be open. */
  readonly tlsDeadline: Micros;
  readonly behaviour: ForwardBehaviour;
  readonly now: () => Micros;
  /** Told of a reply that is read past because it does not unpack. */
  readonly onIgnored: (size: number, error: string) => void;
  /** Told whether the pool had a connection, before a new one is dialled. */
  readonly onTaken: (pooled: boolean) => void;
}

/** A query holds one name: nothing to compress. */
const plain = { compress: false };
const endOfFile = 'EOF';

/** Sends the query over one connection and waits for its reply (`pkg/proxy` lookupDNS). */
export function* exchange(attempt: Exchange): Process<Attempt> {
  const { connections, protocol, trace, tlsDeadline } = attempt;
  const taken = connections.take(protocol);
  const pooled = taken !== undefined;
  attempt.onTaken(pooled);
  const connection = taken ?? (yield* connections.dial(protocol, trace, tlsDeadline));
  if (typeof connection === 'string') return { outcome: 'error', error: connection };
  const ended = send(attempt, connection) ?? (yield* read(attempt, { connection, pooled }));
  if (ended.outcome === 'answered' || ended.outcome === 'cut') connections.release(connection);
  else connection.socket.close();
  return ended;
}

function send({ query, to, trace }: Exchange, connection: Connection): Attempt | undefined {
  const payload = connection.protocol === 'tcp' ? frame(query, plain) : encode(query, plain);
  const failed = connection.socket.send(payload, trace);
  if (failed === undefined) return undefined;
  const error = transferError('write', connection.protocol, connection.socket.local, to, failed.error);
  return { outcome: 'error', error };
}

function* read(attempt: Exchange, { connection, pooled }: Dialled): Process<Attempt> {
  const { to, query, behaviour } = attempt;
  const deadline = attempt.now() + attempt.readTimeout;
  const failed = (errno?: Parameters<typeof transferError>[4]): Attempt => ({
    outcome: 'error',
    error: transferError('read', connection.protocol, connection.socket.local, to, errno),
  });
  for (;;) {
    const got = yield* connection.socket.receive(deadline);
    if (got === timedOut) return failed();
    if (isSocketError(got)) return failed(got.error);
    if ('end' in got) {
      return pooled && !behaviour.pooledEndIsError ? { outcome: 'closed' } : { outcome: 'error', error: endOfFile };
    }
    const taken = take(attempt, connection.protocol, got.payload);
    if (taken !== 'ignored' && (taken.outcome === 'error' || ('reply' in taken && taken.reply.id === query.id))) {
      return taken;
    }
  }
}

/** Makes of what arrived a reply, an error, or nothing. */
function take(attempt: Exchange, protocol: Protocol, payload: Payload): Attempt | 'ignored' {
  const { behaviour, query, room } = attempt;
  const decoded = decode(payload, protocol === 'udp' ? room : undefined);
  if (decoded === undefined) return 'ignored';
  if ('message' in decoded) return { outcome: 'answered', reply: decoded.message };
  const { unpackError: error, head } = decoded;
  if (protocol === 'tcp') return { outcome: 'error', error };
  const own = head?.id === query.id;
  if (behaviour.cutReply === 'ignored' || (!own && behaviour.ignoresJunk)) {
    attempt.onIgnored(payload.size, error);
    return 'ignored';
  }
  const answered = behaviour.cutReply === 'truncated' && isTruncation(error);
  if (head === undefined || !own || !answered) return { outcome: 'error', error };
  return { outcome: 'cut', reply: changed(head, { flags: { ...head.flags, tc: true } }) };
}

/** Does an error of reading a reply tell that it was longer than the buffer (`shouldTruncateResponse`)? */
export function isTruncation(error: string): boolean {
  return error === 'dns: buffer size too small' || error.includes('overflow');
}
