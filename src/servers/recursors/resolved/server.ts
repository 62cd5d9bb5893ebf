import type { Endpoint } from '../../../network/packet.ts';

/** How a server is asked: with OPT, without, or over TCP without. */
export type Level = 'edns' | 'plain' | 'tcp';

/** So many losses lead to the next lower level (DNS_SERVER_FEATURE_RETRY_ATTEMPTS of resolved-dns-server.c). */
const lossesTaken = 3;

/** A server, and by what it has shown to understand. */
export class ResolvedServer {
  readonly endpoint: Endpoint;
  level: Level = 'edns';
  /** Has it answered with OPT? Then nothing lower is tried because of losses. */
  #understandsOpt = false;
  #losses = 0;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  answered(level: Level): void {
    this.#losses = 0;
    if (level === 'edns') this.#understandsOpt = true;
  }

  /** No reply at this level. `behindTc`: TCP failed after a truncated reply, which never leads to TCP for all. */
  lost(level: Level, behindTc: boolean): void {
    if (level !== this.level || (level === 'edns' && this.#understandsOpt)) return;
    if (++this.#losses < lossesTaken) return;
    if (level === 'edns') this.level = 'plain';
    else if (level === 'tcp') this.level = 'plain';
    else if (!behindTc) this.level = 'tcp';
    this.#losses = 0;
  }

  /** A reply without OPT to a query with it. */
  ignoredOpt(): void {
    this.level = 'plain';
  }
}
