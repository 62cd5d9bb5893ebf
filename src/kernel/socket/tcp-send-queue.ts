import type { TraceId } from '../../engine/recorder.ts';
import type { Timer } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import type { Sysctls } from '../sysctls.ts';
import { initialTimeout, leastTimeout, maximumTimeout, minimumTimeout, orphanRetries } from './tcp-constants.ts';
import { type Segment, span } from './tcp-segment.ts';

/** `orphan`: the application has closed. */
type Phase = 'opening' | 'accepting' | 'open' | 'orphan';

interface SendQueueSettings {
  readonly sysctls: Sysctls;
  readonly now: () => Micros;
  readonly after: (delay: Micros, action: () => void) => Timer;
  readonly phase: () => Phase;
  readonly emit: (segment: Segment) => void;
  /** Nobody answers. */
  readonly gaveUp: (about: TraceId) => void;
}

/** What was sent and not acknowledged, and when it is sent again (net/ipv4/tcp_timer.c). */
export class SendQueue {
  readonly #settings: SendQueueSettings;
  #segments: readonly Segment[] = [];
  #heldBack = 0; // so many of them, the last ones, have not been sent yet
  #retries = 0;
  /** When the first of them was sent for the first time. */
  #since: Micros = 0;
  #timer: Timer | undefined;

  constructor(settings: SendQueueSettings) {
    this.#settings = settings;
  }

  push(segment: Segment): void {
    this.#segments = [...this.#segments, segment];
    if (this.#segments.length === 1) this.#begin();
    if (this.#retries > 1)
      this.#heldBack++; // after a time-out the congestion window is one segment
    else this.#settings.emit(segment);
  }

  /** All before `upTo` has arrived. `ended`: was a FIN among it? */
  acknowledge(upTo: number): { readonly ended: boolean } {
    const rest = this.#segments.filter((s) => s.sequence + span(s) > upTo);
    if (rest.length === this.#segments.length) return { ended: false };
    const ended = this.#segments.some((s) => s.fin && s.sequence + span(s) <= upTo);
    this.#segments = rest;
    this.#retries = 0;
    this.#begin();
    for (const segment of rest.slice(rest.length - this.#heldBack)) this.#settings.emit(segment);
    this.#heldBack = 0;
    return { ended };
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
    this.#arm();
    this.#settings.emit(segment);
  }

  /** Time until the next retransmission. */
  #timeout(): Micros {
    const phase = this.#settings.phase();
    if (phase === 'opening') {
      const doublings = Math.max(0, this.#retries - this.#settings.sysctls.get('net.ipv4.tcp_syn_linear_timeouts'));
      return Math.min(initialTimeout * 2 ** doublings, maximumTimeout);
    }
    if (phase === 'accepting') return Math.min(initialTimeout * 2 ** this.#retries, maximumTimeout);
    // The first repeat is a tail loss probe, which does not back off.
    return Math.min(minimumTimeout * 2 ** Math.max(0, this.#retries - 1), maximumTimeout);
  }

  /** Opening, repeats are counted; later the time counts that they would take. */
  #isEnough(): boolean {
    const { sysctls } = this.#settings;
    switch (this.#settings.phase()) {
      case 'opening':
        return (
          this.#retries >= sysctls.get('net.ipv4.tcp_syn_retries') + sysctls.get('net.ipv4.tcp_syn_linear_timeouts')
        );
      case 'accepting':
        return this.#retries >= sysctls.get('net.ipv4.tcp_synack_retries');
      case 'open':
        return this.#lasts(sysctls.get('net.ipv4.tcp_retries2'));
      case 'orphan':
        return this.#lasts(sysctls.get('net.ipv4.tcp_orphan_retries') || orphanRetries);
    }
  }

  /** Has it been tried for as long as so many repeats take (tcp_model_timeout)? */
  #lasts(repeats: number): boolean {
    let span = 0;
    for (let n = 0; n <= repeats; n++) span += Math.min(leastTimeout * 2 ** n, maximumTimeout);
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
