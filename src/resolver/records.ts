import { recordKind } from '../engine/recorder.ts';

/** A name that the search process tries. Cause: why this one (`final-dot`, `enough-dots`, `search-list`, `last-resort`, `as-it-is`). */
export const candidateTried = recordKind('resolver.candidate', { resolver: 'text', candidate: 'text' });

/** What became of it. Cause: `answer`, glibc's h_errno (`HOST_NOT_FOUND`, `NO_DATA`, `TRY_AGAIN`, `NO_RECOVERY`), or musl's `none`, `truncated` or EAI code. */
export const candidateEnded = recordKind('resolver.candidate-ended', { resolver: 'text', candidate: 'text' });

const queryColumns = {
  resolver: 'text',
  /** Address of the server. */
  server: 'text',
  /** udp or tcp. */
  protocol: 'text',
  name: 'text',
  type: 'text',
  /** DNS message id: the same in a retransmission. */
  id: 'number',
  /** Which socket of the run: the same number is the same socket. */
  socket: 'number',
} as const;

/** A query left the resolver. `edns`: offered size, NaN without; `retransmission`: has this id been sent before? */
export const queryMade = recordKind('resolver.query', {
  ...queryColumns,
  localPort: 'number',
  edns: 'number',
  retransmission: 'flag',
});

/** A reply came in. Cause: what the resolver did with it (`used`, `not-ours`, `rejected`, `truncated`). */
export const replyCame = recordKind('resolver.reply', { ...queryColumns, rcode: 'text', answers: 'number' });

/** Nothing, or not all, came in time. `waited` in microseconds. */
export const waitEnded = recordKind('resolver.timeout', {
  resolver: 'text',
  server: 'text',
  waited: 'number',
});

/** A socket call failed. Cause: the errno. */
export const callFailed = recordKind('resolver.error', { resolver: 'text', server: 'text', protocol: 'text' });

/** The resolver changed how it asks, for good: `single-request`, `single-request-reopen`. */
export const modeChanged = recordKind('resolver.mode', { resolver: 'text', server: 'text' });

/** A call that waited until a thread of the pool was free: `waited` in microseconds, `threads` that may wait for libc at once. */
export const threadCame = recordKind('resolver.thread-came', { resolver: 'text', waited: 'number', threads: 'number' });

/** A call that waits for another one of the same name, and has its result. `with`: the trace of that one. */
export const lookupShared = recordKind('resolver.shared', { resolver: 'text', name: 'text', with: 'number' });

/** A call that waited until another one of the same name had ended, which left nothing to share: it looks up by itself then. */
export const turnCame = recordKind('resolver.turn-came', { resolver: 'text', waited: 'number' });

/** An answer out of a cache in the process (cause `fresh`, `stale` or `negative`). Times in microseconds; `filledBy`: trace of the lookup that filled it; `recordTtl`: in seconds, as it came, NaN where the cache does not look at it. */
export const cacheHit = recordKind('resolver.cache-hit', {
  resolver: 'text',
  /** Whose cache it is: `the JVM`, `Netty`, `Envoy`. */
  holder: 'text',
  name: 'text',
  addresses: 'text',
  storedAt: 'number',
  runsOut: 'number',
  filledBy: 'number',
  recordTtl: 'number',
  expired: 'flag',
  setting: 'text',
});

/** A result was put into a cache in the process (cause `positive` or `negative`). `runsOut`: Infinity means for ever. */
export const cacheStored = recordKind('resolver.cache-stored', {
  resolver: 'text',
  holder: 'text',
  name: 'text',
  addresses: 'text',
  runsOut: 'number',
  setting: 'text',
});
