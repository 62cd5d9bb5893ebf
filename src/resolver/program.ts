import type { Process } from '../engine/process.ts';
import type { TraceId } from '../engine/recorder.ts';
import type { Source } from '../problem/problem.ts';
import type { Lookup, LookupResult, Resolver } from './lookup.ts';

/** A program that calls libc and tells of failures in words of its own. */
export type ProgramName = 'python' | 'php' | 'curl' | 'wget';

/** EAI_* of netdb.h, which Python shows. */
const numbers: Readonly<Record<string, number>> = {
  EAI_NONAME: -2,
  EAI_AGAIN: -3,
  EAI_FAIL: -4,
  EAI_NODATA: -5,
  EAI_SYSTEM: -11,
};

/** What each prints for a failure, given what gai_strerror says of it: seen of Python 3.11, PHP 8.2, curl 7.88 and wget 1.21. */
const words: Readonly<Record<ProgramName, (name: string, result: LookupResult) => string>> = {
  python: (_, { result, printed }) => `socket.gaierror: [Errno ${numbers[result] ?? 0}] ${printed}`,
  php: (name, { printed }) => `php_network_getaddresses: getaddrinfo for ${name} failed: ${printed}`,
  curl: (name) => `curl: (6) Could not resolve host: ${name}`,
  wget: (_, { printed }) => `failed: ${printed}.`,
};

/** A program that tells the failures of its libc in words of its own. */
export class Program implements Resolver {
  readonly #inner: Resolver;
  readonly #name: ProgramName;

  constructor(inner: Resolver, name: ProgramName) {
    this.#inner = inner;
    this.#name = name;
  }

  rewriteResolvConf(source: Source): void {
    this.#inner.rewriteResolvConf(source);
  }

  *lookup(lookup: Lookup, trace: TraceId): Process<LookupResult> {
    const result = yield* this.#inner.lookup(lookup, trace);
    return result.result === 'OK' ? result : { ...result, printed: words[this.#name](lookup.name, result) };
  }
}
