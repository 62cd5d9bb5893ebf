import { type Distribution, draw } from '../engine/distribution.ts';
import type { RandomStream } from '../engine/random.ts';
import { type Micros, millisecond, second } from '../engine/time.ts';
import type { LinkQuality } from './description.ts';

/** How long a link's queue may be before more is dropped, unless said. */
const defaultQueue = 100 * millisecond;

/** Why a link lost a packet. */
export type LossCause = 'link-loss' | 'packet-limit' | 'link-queue-full';

/** One direction between two hosts: what becomes of each packet. Packets never overtake each other. */
export class Lane {
  #quality: LinkQuality;
  readonly #random: RandomStream;
  #lastArrival: Micros = 0;
  /** In a run of losses? (Gilbert's model.) */
  #losing = false;
  /** Packets that may go at once, as of an instant. */
  #tokens: { left: number; at: Micros } | undefined;
  /** When the sender has put the last octet of what it has to send on the link. */
  #busyUntil: Micros = 0;

  constructor(quality: LinkQuality, random: RandomStream) {
    this.#quality = quality;
    this.#random = random;
  }

  set quality(quality: LinkQuality) {
    this.#quality = quality;
    this.#losing = false;
    this.#tokens = undefined;
  }

  /** When a packet of so many octets arrives, or why it does not. */
  carry(octets: number, now: Micros): Micros | LossCause {
    const { latency, jitter } = this.#quality;
    if (!this.#hasToken(now)) return 'packet-limit';
    if (this.#isLost()) return 'link-loss';
    const sent = this.#transmit(octets, now);
    if (sent === undefined) return 'link-queue-full';
    this.#lastArrival = Math.max(this.#lastArrival, sent + latency + this.#extra(jitter));
    return this.#lastArrival;
  }

  #extra(jitter: Micros | Distribution): Micros {
    if (typeof jitter === 'object') return draw(jitter, this.#random);
    return jitter > 0 ? this.#random.span(0, jitter) : 0;
  }

  /** A bucket that holds a second's worth, filled evenly. */
  #hasToken(now: Micros): boolean {
    const { packetsPerSecond: rate } = this.#quality;
    if (rate === undefined) return true;
    const { left, at } = this.#tokens ?? { left: rate, at: now };
    const tokens = Math.min(rate, left + ((now - at) * rate) / second);
    const has = tokens >= 1;
    this.#tokens = { left: has ? tokens - 1 : tokens, at: now };
    return has;
  }

  /** Losses one by one, or in runs of a mean length; the share of all is the same. */
  #isLost(): boolean {
    const { loss, lossRun = 1 } = this.#quality;
    if (loss === 0) return false;
    if (lossRun <= 1 || loss === 1) return this.#random.fraction() < loss;
    const change = this.#losing ? 1 / lossRun : loss / (lossRun * (1 - loss));
    if (this.#random.fraction() < change) this.#losing = !this.#losing;
    return this.#losing;
  }

  /** When the last octet is on the link; undefined when too much waits already. */
  #transmit(octets: number, now: Micros): Micros | undefined {
    const { bitsPerSecond, queue = defaultQueue } = this.#quality;
    if (bitsPerSecond === undefined) return now;
    const begins = Math.max(now, this.#busyUntil);
    if (begins - now > queue) return undefined;
    this.#busyUntil = begins + Math.ceil((octets * 8 * second) / bitsPerSecond);
    return this.#busyUntil;
  }
}
