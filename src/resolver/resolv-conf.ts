import type { Problem, Source } from '../problem/problem.ts';
import type { ReadServer } from './server-address.ts';

/** What a resolver takes out of resolv.conf. */
export interface ResolvConf {
  /** Addresses in the order of the file. */
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Seconds. */
  readonly timeout: number;
  readonly attempts: number;
  /** The options without a number, such as `rotate` or `use-vc`, by their full names. */
  readonly flags: ReadonlySet<string>;
}

/** How one resolver reads the file. */
export interface ResolvConfRules {
  /** Its name in remarks, such as `glibc`. */
  readonly reader: string;
  /** The servers when the file names none. */
  readonly defaultServers: readonly string[];
  readonly nameservers: number;
  /** What it takes for a server; `serversOnALine`: as many as stand there, each once. */
  readonly server: ReadServer;
  readonly serversOnALine: boolean;
  readonly searchDomains: number;
  readonly searchCharacters: number;
  /** A longer line is dropped whole. */
  readonly lineCharacters: number;
  /** May blanks stand before a keyword? */
  readonly indented: boolean;
  /** A word of a line: all that is not a blank to this reader. */
  readonly word: RegExp;
  /** A `domain` line: its first word is the search list, or all are, or the first one where no search list stands yet. */
  readonly domain: 'first' | 'all' | 'first-if-alone';
  /** Do the domains of a second `search` line come after those of the first? */
  readonly searchLinesAdd?: boolean;
  /** Does `search` without a domain empty the list? */
  readonly emptySearchClears: boolean;
  /** A word is the option that it begins with, or the one that it is; or an option stands anywhere in the line. */
  readonly options: 'by-prefix' | 'by-word' | 'anywhere';
  readonly flags: readonly string[];
  /** Other spellings of options. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** `-rotate` switches it off again. */
  readonly minusClears?: boolean;
  /** `options NAME:NUMBER`: value without the option, and bounds. */
  readonly numbers: Readonly<
    Record<NumberOption, { readonly default: number; readonly least: number; readonly most: number }>
  >;
  /** A value at which the program dies, and how. */
  readonly fatal?: { readonly option: NumberOption; readonly value: number; readonly how: string };
  /** What it makes of the text after the colon; undefined: the option is ignored. */
  readonly number: (text: string, option: NumberOption) => number | undefined;
}

export type NumberOption = 'ndots' | 'timeout' | 'attempts';
const numberOptions: readonly NumberOption[] = ['ndots', 'timeout', 'attempts'];
const isNumberOption = (name: string): name is NumberOption => numberOptions.some((option) => option === name);

/** C's atoi: what does not begin with a number is 0. */
export const atoi = (text: string): number => Number.parseInt(text, 10) || 0;

interface Word {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Reads the file as that resolver does. Nothing in it is an error to libc: what has no effect, or another than it seems, becomes a remark. */
export function parseResolvConf(source: Source, rules: ResolvConfRules, remarks: Problem[] = []): ResolvConf {
  const reading = new Reading(source.file, rules, remarks);
  for (const [index, text] of source.text.split('\n').entries()) {
    if (text.trim() === '' || /^[#;]/.test(text)) continue;
    const words = [...text.matchAll(rules.word)].map(
      (m): Word => ({ text: m[0], line: index + 1, column: m.index + 1 }),
    );
    const [keyword, ...rest] = words;
    if (keyword === undefined || /^[#;]/.test(keyword.text)) continue;
    if (text.length > rules.lineCharacters) {
      reading.remark(
        'long-line',
        keyword,
        `${rules.reader} drops a line of more than ${rules.lineCharacters} characters`,
        'shorten it',
      );
    } else if (keyword.column > 1 && !rules.indented) {
      reading.remark(
        'indented-line',
        keyword,
        `${rules.reader} ignores a line that begins with a blank`,
        'move the keyword to the first column',
      );
    } else reading.line(keyword, rest);
  }
  return reading.result();
}

/** The file that says the same: servers, search list, options that differ from the defaults. */
export function formatResolvConf(conf: ResolvConf, rules: ResolvConfRules): string {
  const numbers = numberOptions
    .filter((name) => conf[name] !== rules.numbers[name].default)
    .map((name) => `${name}:${conf[name]}`);
  return linesOf(conf, numbers);
}

/** The same with every number, given or not: what the reader goes by. */
export function explainResolvConf(conf: ResolvConf): string {
  return linesOf(
    conf,
    numberOptions.map((name) => `${name}:${conf[name]}`),
  );
}

function linesOf({ nameservers, search, flags }: ResolvConf, numbers: readonly string[]): string {
  const options = [...numbers, ...flags];
  const lines = nameservers.map((address) => `nameserver ${address}`);
  if (search.length > 0) lines.push(`search ${search.join(' ')}`);
  if (options.length > 0) lines.push(`options ${options.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

class Reading {
  readonly #file: string;
  readonly #rules: ResolvConfRules;
  readonly #remarks: Problem[];
  readonly #nameservers: string[] = [];
  #search: readonly string[] = [];
  #searchLine: Word | undefined;
  readonly #numbers: Record<NumberOption, number>;
  readonly #flags = new Set<string>();

  constructor(file: string, rules: ResolvConfRules, remarks: Problem[]) {
    this.#file = file;
    this.#rules = rules;
    this.#remarks = remarks;
    const { ndots, timeout, attempts } = rules.numbers;
    this.#numbers = { ndots: ndots.default, timeout: timeout.default, attempts: attempts.default };
  }

  result(): ResolvConf {
    const nameservers = this.#nameservers.length > 0 ? this.#nameservers : this.#rules.defaultServers;
    return { nameservers, search: this.#search, ...this.#numbers, flags: this.#flags };
  }

  line(keyword: Word, words: readonly Word[]): void {
    const { domain, options, serversOnALine, reader } = this.#rules;
    if (keyword.text === 'nameserver') {
      for (const word of serversOnALine ? words : [words[0] ?? keyword]) this.#nameserver(word);
    } else if (keyword.text === 'search') this.#searchList(keyword, words);
    else if (keyword.text === 'domain') {
      if (domain === 'all') this.#searchList(keyword, words);
      else if (domain === 'first' || this.#searchLine === undefined) this.#searchList(keyword, words.slice(0, 1));
    } else if (keyword.text === 'options') {
      if (options === 'anywhere') this.#optionsAnywhere(words);
      else for (const word of words) this.#option(word);
    } else this.remark('ignored-line', keyword, `${reader} ignores "${keyword.text}"`, 'remove the line');
  }

  remark(code: string, { line, column }: Word, message: string, hint: string): void {
    this.#remarks.push({ code, file: this.#file, line, column, message, hint });
  }

  #nameserver(word: Word): void {
    const { reader, server, nameservers, serversOnALine } = this.#rules;
    const address = server(word.text);
    if (address === undefined) {
      const seen = word.text === 'nameserver' ? '' : JSON.stringify(word.text).slice(1, -1);
      const message = `"${seen}" is not an address to ${reader}: the line is ignored`;
      this.remark('not-an-address', word, message, 'write an address and nothing else');
    } else if (serversOnALine && this.#nameservers.includes(address)) {
      this.remark('server-not-used', word, `${reader} takes a server once`, 'remove the line');
    } else if (this.#nameservers.length >= nameservers) {
      const message = `${reader} uses the first ${nameservers} servers only: this one is never asked`;
      this.remark('server-not-used', word, message, 'remove the line');
    } else {
      this.#nameservers.push(address);
      if (address !== word.text && !address.includes(':'))
        this.remark('other-address', word, `${reader} takes "${word.text}" for ${address}`, `write ${address}`);
    }
  }

  #searchList(keyword: Word, words: readonly Word[]): void {
    if (words.length === 0 && !this.#rules.emptySearchClears) return;
    const adds = this.#rules.searchLinesAdd === true && this.#searchLine?.text === 'search';
    if (this.#searchLine !== undefined && !adds) {
      this.remark(
        'search-replaced',
        this.#searchLine,
        `the search list of this line is replaced by line ${keyword.line}`,
        'keep one of the lines',
      );
    }
    const kept = words.filter(
      ({ text }, i) =>
        i < this.#rules.searchDomains && lengthOf(words.slice(0, i)) + text.length <= this.#rules.searchCharacters,
    );
    for (const word of words.filter((w) => !kept.includes(w))) {
      this.remark(
        'domain-not-used',
        word,
        `${this.#rules.reader} cuts the search list before this domain`,
        `keep to ${this.#rules.searchDomains} domains and ${this.#rules.searchCharacters} characters`,
      );
    }
    this.#searchLine = keyword;
    const domains = kept.map(({ text }) => text);
    this.#search = adds ? [...this.#search, ...domains] : domains;
  }

  #option(word: Word): void {
    const { aliases = {}, options, flags, minusClears, reader } = this.#rules;
    const isOff = minusClears === true && word.text.startsWith('-');
    const [written = '', value] = word.text.slice(isOff ? 1 : 0).split(':');
    const name = aliases[written] ?? written;
    if (isNumberOption(name) && value !== undefined && !isOff) {
      this.#number(word, name, value);
      return;
    }
    const flag = flags.find((known) => (options === 'by-prefix' ? name.startsWith(known) : name === known));
    if (flag === undefined) this.#ignoreOption(word, reader);
    else if (isOff) this.#flags.delete(flag);
    else this.#flags.add(flag);
  }

  /** The first `ndots:` of the line counts, be it inside a word. */
  #optionsAnywhere(words: readonly Word[]): void {
    for (const name of numberOptions) {
      const word = words.find(({ text }) => text.includes(`${name}:`));
      if (word !== undefined)
        this.#number(word, name, word.text.slice(word.text.indexOf(`${name}:`) + name.length + 1));
    }
    for (const word of words)
      if (!numberOptions.some((name) => word.text.includes(`${name}:`))) this.#ignoreOption(word, this.#rules.reader);
  }

  #ignoreOption(word: Word, reader: string): void {
    const message = `${reader} ignores the option "${word.text}"`;
    this.remark('ignored-option', word, message, 'remove it, or use a resolver that knows it');
  }

  #number(word: Word, name: NumberOption, text: string): void {
    const { least, most } = this.#rules.numbers[name];
    const { number, reader, fatal } = this.#rules;
    const value = number(text, name);
    if (fatal?.option === name && fatal.value === value) {
      this.remark('option-fatal', word, `${reader} ${fatal.how}`, `write ${name}:1 or more`);
    }
    if (value === undefined) {
      this.#ignoreOption(word, reader);
      return;
    }
    this.#numbers[name] = Math.min(Math.max(value, least), most);
    if (String(this.#numbers[name]) !== text) {
      this.remark(
        'option-clamped',
        word,
        `${reader} takes ${name}:${text} as ${name}:${this.#numbers[name]}`,
        `write a number between ${Math.max(least, 1)} and ${Math.min(most, 30)}`,
      );
    }
  }
}

function lengthOf(words: readonly Word[]): number {
  return words.reduce((sum, { text }) => sum + text.length + 1, 0);
}
