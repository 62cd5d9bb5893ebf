/** Takes octets of a file, in order. They are another's: they change after the call. */
export type TakeOctets = (octets: Uint8Array) => void;

const pieceSize = 1 << 18;

const encoder = new TextEncoder();

/** Up to so many octets stand in an object of their own, which costs less to make than a buffer apart. */
const few = 64;

/** UTF-8 of a text. */
export function octetsOf(text: string): Uint8Array {
  if (text.length > few) return encoder.encode(text);
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x7f) return encoder.encode(text);
    octets[at] = code;
  }
  return octets;
}

/** Puts a file together out of small parts and hands it on in large pieces. */
export class Octets {
  readonly #take: TakeOctets;
  readonly #piece = new Uint8Array(pieceSize);
  #length = 0;

  constructor(take: TakeOctets) {
    this.#take = take;
  }

  put(octets: Uint8Array): void {
    const { length } = octets;
    if (this.#length + length > pieceSize) this.flush();
    if (length > pieceSize) this.#take(octets);
    else {
      this.#piece.set(octets, this.#length);
      this.#length += length;
    }
  }

  text(text: string): void {
    this.put(octetsOf(text));
  }

  /** As JavaScript writes it. */
  number(value: number): void {
    if (value >>> 0 === value) this.#digits(value, digitsOf(value));
    else this.text(String(value));
  }

  /** Microseconds in seconds, as JavaScript writes that fraction: exact while there are few enough digits. */
  seconds(micros: number): void {
    const whole = Math.floor(micros / 1_000_000);
    if (whole >>> 0 === whole) {
      this.number(whole);
      this.#fraction(micros - whole * 1_000_000);
    } else this.text(String(micros / 1_000_000));
  }

  /** Hands on what is left. */
  flush(): void {
    this.#take(this.#piece.subarray(0, this.#length));
    this.#length = 0;
  }

  #fraction(micros: number): void {
    if (micros === 0) return;
    let [rest, digits] = [micros, 6];
    for (; rest % 10 === 0; rest /= 10) digits--;
    this.put(point);
    this.#digits(rest, digits);
  }

  #digits(value: number, digits: number): void {
    if (this.#length + digits > pieceSize) this.flush();
    const piece = this.#piece;
    const start = this.#length;
    let rest = value;
    for (let at = start + digits - 1; at >= start; at--) {
      const tenth = (rest / 10) >>> 0;
      piece[at] = zero + rest - tenth * 10;
      rest = tenth;
    }
    this.#length = start + digits;
  }
}

const zero = 0x30;
const point = octetsOf('.');

function digitsOf(value: number): number {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  return digits;
}
