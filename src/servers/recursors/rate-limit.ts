import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Address } from '../../network/packet.ts';
import type { Incoming } from '../../transport/serve.ts';

/** What a query is to its limits: what the cache says to it, and under which name that counts. */
export interface Kind {
  readonly counts: 'uncached' | 'found' | 'nxdomain' | 'error';
  readonly key: string;
}

/** At most so many a second; counted by whole seconds of the wall clock (recordings `recursor-rate-limit`, `recursor-m-rrl`). */
export interface RateLimit {
  /** Every query, or those of a kind; kinds `found` and `nxdomain` count each name and each zone for itself. */
  readonly counts: 'all' | Kind['counts'];
  readonly perSecond: number;
  /** Whose queries count together: those of an address, or of its network of 256 (BIND's `ipv4-prefix-length`). */
  readonly of: 'address' | 'network';
  /** Of those beyond: this share passes nevertheless (unbound: one in `ip-ratelimit-factor`). */
  readonly passing: number;
  /** Of those beyond: one in so many gets an empty reply with TC (BIND's `slip`); 0: none. */
  readonly slip: number;
  /** Seconds for which those beyond are held against the client (BIND's `window`). */
  readonly window: number;
  /** Is a client limited as long as it asked too much in the second before (unbound's `ip-ratelimit-backoff`)? */
  readonly backoff: boolean;
}

/** `limit`: the one that is exceeded, as `10 queries a second from an address`. */
export type Verdict = 'pass' | { readonly does: 'drop' | 'tc'; readonly limit: string };

interface Account {
  second: number;
  /** What may still pass; negative: debts. */
  credit: number;
  /** In this second, and in the one before. */
  seen: number;
  seenBefore: number;
  beyond: number;
}

/** Counts the queries of clients against limits. */
export class RateLimiter {
  readonly #limits: readonly RateLimit[];
  readonly #chance: () => RandomStream;
  readonly #accounts = new Map<string, Account>();

  constructor(limits: readonly RateLimit[], chance: () => RandomStream) {
    this.#limits = limits;
    this.#chance = chance;
  }

  get isIdle(): boolean {
    return this.#limits.length === 0;
  }

  judge({ client, protocol }: Pick<Incoming, 'client' | 'protocol'>, kind: Kind, now: Micros): Verdict {
    if (protocol === 'tcp') return 'pass';
    for (const [i, limit] of this.#limits.entries()) {
      if (limit.counts !== kind.counts && (limit.counts !== 'all' || kind.counts === 'error')) continue;
      const own = limit.counts === 'found' || limit.counts === 'nxdomain' ? ` ${kind.key}` : '';
      const account = this.#account(`${i} ${ownerOf(client.address, limit)}${own}`, limit, now);
      if (!isBeyond(account, limit)) continue;
      if (limit.passing > 0 && this.#chance().fraction() < limit.passing) continue;
      const isSlip = limit.slip > 0 && account.beyond++ % limit.slip === 0;
      return { does: isSlip ? 'tc' : 'drop', limit: wordsOf(limit) };
    }
    return 'pass';
  }

  /** Counts a reply whose query was judged as another kind. */
  debit(client: Incoming['client'], kind: Kind, now: Micros): void {
    for (const [i, limit] of this.#limits.entries()) {
      if (limit.counts !== kind.counts) continue;
      this.#account(`${i} ${ownerOf(client.address, limit)} ${kind.key}`, limit, now).credit--;
    }
  }

  #account(key: string, { perSecond }: RateLimit, now: Micros): Account {
    const current = Math.floor(now / second);
    const known = this.#accounts.get(key);
    if (known === undefined) {
      const account = { second: current, credit: perSecond, seen: 0, seenBefore: 0, beyond: 0 };
      this.#accounts.set(key, account);
      return account;
    }
    const age = current - known.second;
    if (age > 0) {
      known.credit = Math.min(perSecond, known.credit + perSecond * age);
      if (known.credit === perSecond) known.beyond = 0;
      known.seenBefore = age === 1 ? known.seen : 0;
      known.seen = 0;
      known.second = current;
    }
    return known;
  }
}

/** Counts one more: is it too many? */
function isBeyond(account: Account, { perSecond, window, backoff }: RateLimit): boolean {
  account.seen++;
  account.credit--;
  const isLimited = account.credit < 0 || (backoff && account.seenBefore > perSecond);
  account.credit = Math.max(account.credit, -window * perSecond);
  return isLimited;
}

function wordsOf({ perSecond, of, counts }: RateLimit): string {
  const what = counts === 'all' ? 'queries a second from' : 'equal replies a second to';
  return `${perSecond} ${what} ${of === 'network' ? 'a network of 256 addresses' : 'an address'}`;
}

function ownerOf(address: Address, { of }: RateLimit): string {
  return of === 'network' && typeof address === 'number' ? `${Math.floor(address / 256)}/24` : String(address);
}
