import type { RandomStream } from '../../engine/random.ts';
import { type Micros, second } from '../../engine/time.ts';
import type { Port } from '../../network/segment.ts';
import { timerExpiry } from '../jiffies.ts';

/** net/core/neighbour.c: half to three halves of base_reachable_time_ms, delay_first_probe_time, ucast_solicit probes. */
const leastReachable = 15 * second;
const mostReachable = 45 * second;
const delay = 5 * second;
const probes = 3 * second;

/**
 * Who has answered for an address, and how long that is believed: until `staleAt`, and from the first packet after that for
 * 5 s more; then it is asked, three times a second apart, and goes on getting packets until that has failed.
 * Recording `kernel/neighbours`. (Not shown: TCP of this host itself, whose ACKs keep it from going stale.)
 */
export class Neighbour {
  readonly port: Port;
  staleAt: Micros;
  /** When it is, or was, asked whether it is there still. */
  #checkedAt: Micros;
  #failsAt: Micros | undefined;

  constructor(port: Port, now: Micros, draws: RandomStream) {
    this.port = port;
    this.#checkedAt = now;
    this.staleAt = reachableFrom(now, draws);
  }

  /** A packet goes to it that is there, and that has become stale: it will be asked, and answer. */
  useStale(now: Micros, draws: RandomStream): void {
    this.#checkedAt = timerExpiry(now, delay);
    this.staleAt = reachableFrom(this.#checkedAt, draws);
  }

  /** It goes now: when it is asked next, that fails. */
  leave(now: Micros): void {
    if (now < this.#checkedAt) this.#failsAt = this.#checkedAt + probes;
  }

  /** It is there no more; is it still believed in, by who has a packet for it? */
  believed(now: Micros): boolean {
    if (this.#failsAt === undefined) {
      if (now >= this.#checkedAt && now < this.staleAt) return true;
      const checkedAt = now < this.#checkedAt ? this.#checkedAt : timerExpiry(now, delay);
      this.#failsAt = checkedAt + probes;
    }
    return now < this.#failsAt;
  }
}

function reachableFrom(now: Micros, draws: RandomStream): Micros {
  return timerExpiry(now, draws.span(leastReachable, mostReachable));
}
