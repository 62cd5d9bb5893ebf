import type { WordReader } from './reader.ts';
import type { Negatable } from './rule.ts';
import type { Word } from './words.ts';

/** How an option of a match or target is written. */
export interface OptionForm {
  /** Words behind it. */
  readonly words: 0 | 1 | 2;
  /** May `!` stand in front of it? */
  readonly negatable: boolean;
}

export const flag: OptionForm = { words: 0, negatable: false };
export const negatableFlag: OptionForm = { words: 0, negatable: true };
export const value: OptionForm = { words: 1, negatable: false };
export const negatableValue: OptionForm = { words: 1, negatable: true };

/** Options by name; a name instead of a form: another spelling of that option. */
export type OptionForms = Readonly<Record<string, OptionForm | string>>;

interface Given {
  readonly not: boolean;
  readonly word: Word;
  readonly values: readonly Word[];
}

/** The options of one match or target of a rule, as they were given. */
export class Options {
  /** Such as `-m mark`. */
  readonly owner: string;
  readonly #forms: OptionForms;
  readonly #place: Word;
  readonly #reader: WordReader;
  readonly #given = new Map<string, Given>();

  constructor(owner: string, forms: OptionForms, place: Word, reader: WordReader) {
    this.owner = owner;
    this.#forms = forms;
    this.#place = place;
    this.#reader = reader;
  }

  /** Takes the values of an option, which was read already. */
  read(word: Word, not: boolean): void {
    const own = this.#forms[word.text];
    const name = typeof own === 'string' ? own : word.text;
    const form = typeof own === 'string' ? this.#forms[own] : own;
    if (typeof form !== 'object') return;
    const values: Word[] = [];
    for (let n = 0; n < form.words; n++) {
      const taken = this.#reader.take(`what belongs to \`${word.text}\``);
      if (taken === undefined) return;
      values.push(taken);
    }
    if (not && !form.negatable) this.#reader.problem('not-negatable', `\`${word.text}\` takes no \`!\``, '', word);
    else if (this.#given.has(name))
      this.#reader.problem('repeated-option', `\`${word.text}\` stands here twice`, 'iptables takes it once', word);
    else this.#given.set(name, { not, word, values });
  }

  has(name: string): boolean {
    return this.#given.has(name);
  }

  /** Was any of them given? Otherwise a problem names the first ones. */
  needs(...names: readonly string[]): boolean {
    if (names.some((name) => this.#given.has(name))) return true;
    this.problem('missing-option', `\`${this.owner}\` needs \`${names.slice(0, 3).join('` or `')}\``, '');
    return false;
  }

  /** Is an option without a value given, and how? */
  flag(name: string): { readonly not: boolean } | undefined {
    const given = this.#given.get(name);
    return given && { not: given.not };
  }

  /** The value of an option: absent when it was not given, or is wrong, which is a problem then. */
  value<T>(name: string, what: string, parse: (text: string) => T | undefined, hint = ''): Negatable<T> | undefined {
    const given = this.#given.get(name);
    const [word] = given?.values ?? [];
    if (given === undefined || word === undefined) return undefined;
    const parsed = parse(word.text);
    if (parsed !== undefined) return { not: given.not, value: parsed };
    this.#reader.problem('bad-value', `\`${word.text}\` is not ${what}`, hint, word);
    return undefined;
  }

  /** The two values of an option, each of the same sort. */
  pair<T>(name: string, what: string, parse: (text: string) => T | undefined): Negatable<readonly [T, T]> | undefined {
    const given = this.#given.get(name);
    if (given === undefined) return undefined;
    const parsed = given.values.map((word) => {
      const one = parse(word.text);
      if (one === undefined) this.#reader.problem('bad-value', `\`${word.text}\` is not ${what}`, '', word);
      return one;
    });
    const [first, second] = parsed;
    return first === undefined || second === undefined ? undefined : { not: given.not, value: [first, second] };
  }

  /** A problem about an option, or about the match or target as a whole. */
  problem(code: string, message: string, hint: string, option = ''): undefined {
    this.#reader.problem(code, message, hint, this.#given.get(option)?.word ?? this.#place);
  }
}

/** `! ` where it belongs. */
export function bang({ not }: { readonly not: boolean }): string {
  return not ? '! ' : '';
}
