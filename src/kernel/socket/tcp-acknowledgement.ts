import type { Timer } from '../../engine/simulation.ts';
import type { Micros } from '../../engine/time.ts';
import { delayedAck } from './tcp-constants.ts';

interface AcknowledgementSettings {
  readonly now: () => Micros;
  readonly after: (delay: Micros, action: () => void) => Timer;
  readonly send: () => void;
  /** Answers given at once that make a dialogue. */
  readonly dialogueAfter: number;
}

/**
 * When an end says what it has received: at once, until its own data have come so soon after the other's that this looks
 * like a dialogue; from then on an ACK waits for data to travel with (`pingpong` in net/ipv4/tcp_input.c, tcp_output.c).
 */
export class Acknowledgements {
  readonly #settings: AcknowledgementSettings;
  #timer: Timer | undefined;
  /** Is an ACK to go as soon as what came in is dealt with? */
  #due = false;
  /** Answers given at once. */
  #replies = 0;
  #lastReceived: Micros = Number.NEGATIVE_INFINITY;

  constructor(settings: AcknowledgementSettings) {
    this.#settings = settings;
  }

  /** Data came in; a second segment while an ACK waits is too much to wait. */
  received(): void {
    this.#lastReceived = this.#settings.now();
    this.#due = this.#replies < this.#settings.dialogueAfter || this.#timer !== undefined;
    if (!this.#due) this.#later();
  }

  /** What came in is dealt with: the ACK goes, unless data that had to wait have taken it along. */
  settle(): void {
    if (this.#due) this.#settings.send();
  }

  /** A FIN came in where the application is still open: it will most likely close, too. */
  receivedEnd(): void {
    this.#replies = this.#settings.dialogueAfter;
    this.#due = false;
    this.#later();
  }

  /** Something came twice or too early: no time for waiting. */
  disturbed(): void {
    this.#replies = 0;
    this.#settings.send();
  }

  /** A segment goes out, and every segment says what was received. */
  sent(hasData: boolean): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = false;
    if (hasData && this.#settings.now() - this.#lastReceived < delayedAck) this.#replies++;
  }

  cancel(): void {
    this.#timer?.cancel();
  }

  /** An ACK that found no company ends the dialogue. */
  #later(): void {
    this.#timer ??= this.#settings.after(delayedAck, () => {
      this.#replies = 0;
      this.#settings.send();
    });
  }
}
