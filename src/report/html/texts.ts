/** Each text once; elsewhere only its number. */
export class Texts {
  readonly #numbers = new Map<string, number>();
  readonly #all: string[] = [];
  #size = 0;

  number(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#all.push(text) - 1;
      this.#numbers.set(text, number);
      this.#size += text.length;
    }
    return number;
  }

  get all(): readonly string[] {
    return this.#all;
  }

  /** Characters of all of them. */
  get size(): number {
    return this.#size;
  }
}
