import type { Problems } from '../../problem/problem.ts';
import type { Word } from './words.ts';

/** Takes words one by one and notes what is wrong with them. */
export class WordReader {
  readonly #words: readonly Word[];
  readonly #end: Word;
  readonly #problems: Problems;
  #next = 0;

  /** `end` stands where the line ends: the place of what is missing there. */
  constructor(words: readonly Word[], end: Word, problems: Problems) {
    this.#words = words;
    this.#end = end;
    this.#problems = problems;
  }

  get last(): Word {
    return this.#words[this.#next - 1] ?? this.#end;
  }

  peek(): string | undefined {
    return this.#words[this.#next]?.text;
  }

  /** The next word, or a problem that says what should stand there. */
  take(what: string): Word | undefined {
    const word = this.#words[this.#next];
    if (word === undefined) {
      this.problem('missing-value', `${what} is missing`, '', this.#end);
      return undefined;
    }
    this.#next++;
    return word;
  }

  /** The next word as a value, or a problem. */
  value<T>(what: string, parse: (text: string) => T | undefined, hint = ''): T | undefined {
    const word = this.take(what);
    if (word === undefined) return undefined;
    const value = parse(word.text);
    if (value === undefined) this.problem('bad-value', `\`${word.text}\` is not ${what}`, hint, word);
    return value;
  }

  problem(code: string, message: string, hint: string, word: Word = this.last): void {
    const { file, line, column } = word;
    this.#problems.push({ code, message, hint, file, line, column });
  }
}
