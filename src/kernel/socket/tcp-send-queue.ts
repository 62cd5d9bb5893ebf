import type { TraceId } from '../../engine/recorder.ts';
import type { Timer } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { wholeJiffies } from '../jiffies.ts';
import type { Sysctls } from '../sysctls.ts';
import { initialTimeout, leastTimeout, maximumTimeout, orphanRetries, probeTimeout } from './tcp-constants.ts';
import { type Segment, span } from './tcp-segment.ts';

/** `orphan`: the application has closed. */
type Phase = 'opening' | 'accepting' | 'open' | 'orphan';

interface SendQueueSettings {
  readonly sysctls: Sysctls;
  readonly now: () => Micros;
  readonly after: (delay: Micros, action: () => void) => Timer;
  readonly phase: () => Phase;
  /** Octets of data that fit into one packet. */
  readonly largest: () => number;
  readonly emit: (segment: Segment) => void;
  /** Nobody answers. */
  readonly gaveUp: (about: TraceId) => void;
}

/** What was sent and not acknowledged, and when it is sent again (net/ipv4/tcp_timer.c). */
export class SendQueue {
  readonly #settings: SendQueueSettings;
  #segments: readonly Segment[] = [];
  /** When each was sent for the first time, by its sequence number. */
  readonly #sent = new Map<number, Micros>();
  /** Smoothed round trip; undefined before the first. */
  #roundTrip: Micros | undefined;
  #heldBack = 0; // so many of them, the last ones, have not been sent yet
  #retries = 0;
  /** Since when nothing was acknowledged: the SYN itself, later the first repeat after a time-out (retrans_stamp). */
  #since: Micros = 0;
  #timer: Timer | undefined;

  constructor(settings: SendQueueSettings) {
    this.#settings = settings;
  }

  push(segment: Segment): void {
    this.#segments = [...this.#segments, segment];
    this.#sent.set(segment.sequence, this.#settings.now());
    if (this.#segments.length === 1) this.#begin();
    else if (this.#retries === 0) this.#arm();
    if (this.#retries > 1)
      this.#heldBack++; // after a time-out the congestion window is one segment
    else this.#settings.emit(segment);
  }

  /** All before `upTo` has arrived: `release` then sends what was held back. `ended`: was a FIN among it? */
  acknowledge(upTo: number): { readonly ended: boolean } {
    const rest = this.#segments.filter((s) => s.sequence + span(s) > upTo);
    if (rest.length === this.#segments.length) return { ended: false };
    const ended = this.#segments.some((s) => s.fin && s.sequence + span(s) <= upTo);
    this.#measure(this.#segments.slice(0, this.#segments.length - rest.length));
    this.#segments = rest;
    this.#retries = 0;
    this.#begin();
    return { ended };
  }

  /** The first segment once more, because the other side asks for it; its timer starts anew. */
  again(): void {
    const [segment] = this.#segments;
    if (segment === undefined) return;
    this.#arm();
    this.#settings.emit(segment);
  }

  /** Sends what waited for an acknowledgement, once there was one. */
  release(): void {
    if (this.#heldBack === 0 || this.#retries > 0) return;
    const held = this.#segments.slice(this.#segments.length - this.#heldBack);
    this.#heldBack = 0;
    for (const segment of held) this.#settings.emit(segment);
  }

  /** The round trip of what was sent once only (RFC 6298). */
  #measure(acknowledged: readonly Segment[]): void {
    const sent = this.#sent.get(acknowledged.at(-1)?.sequence ?? -1);
    for (const { sequence } of acknowledged) this.#sent.delete(sequence);
    if (sent === undefined || this.#retries > 0) return;
    const sample = this.#settings.now() - sent;
    this.#roundTrip = this.#roundTrip === undefined ? sample : Math.round((7 * this.#roundTrip + sample) / 8);
  }

  /** Less fits into a packet than was thought: what is on its way goes again, cut smaller. */
  cut(most: number): void {
    if (!this.#segments.some(({ length }) => length > most)) return;
    this.#segments = this.#segments.flatMap((segment) => pieces(segment, most));
    this.#heldBack = 0;
    for (const segment of this.#segments) this.#settings.emit(segment);
  }

  clear(): void {
    this.#segments = [];
    this.#timer?.cancel();
  }

  #begin(): void {
    this.#since = this.#settings.now();
    this.#arm();
  }

  #arm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#segments.length > 0) this.#timer = this.#settings.after(this.#timeout(), () => this.#repeat());
  }

  #repeat(): void {
    const [segment] = this.#segments;
    if (segment === undefined) return;
    if (this.#isEnough()) {
      this.#settings.gaveUp(segment.trace);
      return;
    }
    this.#retries++;
    if (this.#retries === 1 && this.#isOpen()) {
      // A tail loss probe sends the last segment, and counts for nothing.
      this.#arm();
      this.#settings.emit(this.#segments.at(-1) ?? segment);
      return;
    }
    if (this.#retries === 2 && this.#isOpen()) this.#since = this.#settings.now();
    this.#arm();
    this.#settings.emit(this.#collapse(segment));
  }

  /** The first segment, together with those behind it that fit into one packet (tcp_retrans_try_collapse). */
  #collapse(first: Segment): Segment {
    const sent = this.#segments.length - this.#heldBack;
    let [whole, count] = [first, 1];
    for (const next of this.#segments.slice(1, sent)) {
      if (whole.syn || whole.length + next.length > this.#settings.largest()) break;
      const payloads = [...whole.payloads, ...next.payloads];
      whole = { ...whole, length: whole.length + next.length, payloads, fin: next.fin };
      count++;
    }
    this.#segments = [whole, ...this.#segments.slice(count)];
    return whole;
  }

  #isOpen(): boolean {
    const phase = this.#settings.phase();
    return phase === 'open' || phase === 'orphan';
  }

  /** Time until the next retransmission. */
  #timeout(): Micros {
    const phase = this.#settings.phase();
    if (phase === 'opening') {
      const doublings = Math.max(0, this.#retries - this.#settings.sysctls.get('net.ipv4.tcp_syn_linear_timeouts'));
      return Math.min(initialTimeout * 2 ** doublings, maximumTimeout);
    }
    if (phase === 'accepting') return Math.min(initialTimeout * 2 ** this.#retries, maximumTimeout);
    // The least round trip is not nothing, which the rounding to jiffies shows.
    const roundTrip = Math.max(1, this.#roundTrip ?? 0);
    if (this.#retries === 0) return 2 * roundTrip + (this.#segments.length > 1 ? probeTimeout : leastTimeout);
    return Math.min(wholeJiffies(leastTimeout + roundTrip) * 2 ** (this.#retries - 1), maximumTimeout);
  }

  /** Repeats are counted where a connection opens; everywhere the time counts that they would take without linear ones. */
  #isEnough(): boolean {
    const { sysctls } = this.#settings;
    switch (this.#settings.phase()) {
      case 'opening':
        return this.#isEnoughOf(
          sysctls.get('net.ipv4.tcp_syn_retries'),
          sysctls.get('net.ipv4.tcp_syn_linear_timeouts'),
        );
      case 'accepting':
        return this.#retries >= sysctls.get('net.ipv4.tcp_synack_retries');
      case 'open':
        return this.#retries > 1 && this.#lasts(sysctls.get('net.ipv4.tcp_retries2'), leastTimeout);
      case 'orphan':
        return (
          this.#retries > 1 && this.#lasts(sysctls.get('net.ipv4.tcp_orphan_retries') || orphanRetries, leastTimeout)
        );
    }
  }

  #isEnoughOf(repeats: number, linear: number): boolean {
    return this.#retries >= repeats + linear || (this.#retries > 0 && this.#lasts(repeats, initialTimeout));
  }

  /** Has it been tried for as long as so many repeats take, each twice as long as the one before (tcp_model_timeout)? */
  #lasts(repeats: number, first: Micros): boolean {
    let span = 0;
    for (let n = 0; n <= repeats; n++) span += Math.min(first * 2 ** n, maximumTimeout);
    return this.#settings.now() - this.#since >= span;
  }
}

/** A segment in parts of at most so many octets; what it carries ends in the last. */
function pieces(segment: Segment, most: number): Segment[] {
  const parts: Segment[] = [];
  for (let from = 0; from === 0 || from < segment.length; from += most) {
    const length = Math.min(most, segment.length - from);
    const last = from + length === segment.length;
    parts.push({
      ...segment,
      sequence: segment.sequence + from,
      length,
      payloads: last ? segment.payloads : [],
      fin: last && segment.fin,
    });
  }
  return parts;
}
