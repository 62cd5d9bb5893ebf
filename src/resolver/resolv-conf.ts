import { parseAddress } from '../network/address.ts';
import type { Problem, Source } from '../problem/problem.ts';

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
  /** Its name in remarks, such as `glibc 2.36`. */
  readonly reader: string;
  /** The server when the file names none. */
  readonly defaultServer: string;
  readonly nameservers: number;
  readonly searchDomains: number;
  readonly searchCharacters: number;
  /** A longer line is dropped whole. */
  readonly lineCharacters: number;
  /** May blanks stand before a keyword? */
  readonly indented: boolean;
  readonly flags: readonly string[];
  /** Does a word count as the option that it begins with? */
  readonly flagsByPrefix: boolean;
  /** `options NAME:NUMBER`: value without the option, and bounds. */
  readonly numbers: Readonly<
    Record<NumberOption, { readonly default: number; readonly least: number; readonly most: number }>
  >;
}

type NumberOption = 'ndots' | 'timeout' | 'attempts';
const isNumberOption = (name: string): name is NumberOption =>
  name === 'ndots' || name === 'timeout' || name === 'attempts';

interface Word {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** Reads the file as that resolver does. Nothing in it is an error to libc: what has no effect, or another than it seems, becomes a remark. */
export function parseResolvConf(source: Source, rules: ResolvConfRules, remarks: Problem[] = []): ResolvConf {
  const reading = new Reading(source.file, rules, remarks);
  for (const [index, text] of source.text.split('\n').entries()) {
    const line = text.replace(/\r$/, '');
    if (line.trim() === '' || /^[#;]/.test(line)) continue;
    const words = [...line.matchAll(/\S+/g)].map((m): Word => ({ text: m[0], line: index + 1, column: m.index + 1 }));
    const [keyword, ...rest] = words;
    if (keyword === undefined) continue;
    if (line.length > rules.lineCharacters) {
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
  const names: readonly NumberOption[] = ['ndots', 'timeout', 'attempts'];
  const numbers = names
    .filter((name) => conf[name] !== rules.numbers[name].default)
    .map((name) => `${name}:${conf[name]}`);
  const options = [...numbers, ...conf.flags];
  const lines = conf.nameservers.map((address) => `nameserver ${address}`);
  if (conf.search.length > 0) lines.push(`search ${conf.search.join(' ')}`);
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
    const nameservers = this.#nameservers.length > 0 ? this.#nameservers : [this.#rules.defaultServer];
    return { nameservers, search: this.#search, ...this.#numbers, flags: this.#flags };
  }

  line(keyword: Word, words: readonly Word[]): void {
    if (keyword.text === 'nameserver') this.#nameserver(keyword, words);
    else if (keyword.text === 'search') this.#searchList(keyword, words);
    else if (keyword.text === 'domain') this.#searchList(keyword, words.slice(0, 1));
    else if (keyword.text === 'options') for (const word of words) this.#option(word);
    else this.remark('ignored-line', keyword, `${this.#rules.reader} ignores "${keyword.text}"`, 'remove the line');
  }

  remark(code: string, { line, column }: Word, message: string, hint: string): void {
    this.#remarks.push({ code, file: this.#file, line, column, message, hint });
  }

  #nameserver(keyword: Word, [word]: readonly Word[]): void {
    const address = word?.text.replace(/[;#].*/, '') ?? '';
    const isIpv6 = /^[0-9a-f:.]+(%\S+)?$/i.test(address) && address.includes(':');
    if (parseAddress(address) === undefined && !isIpv6) {
      this.remark(
        'not-an-address',
        word ?? keyword,
        `"${address}" is not an address: the line is ignored`,
        'write an IPv4 address',
      );
    } else if (this.#nameservers.length >= this.#rules.nameservers) {
      this.remark(
        'server-not-used',
        word ?? keyword,
        `${this.#rules.reader} uses the first ${this.#rules.nameservers} servers only: this one is never asked`,
        'remove the line',
      );
    } else {
      this.#nameservers.push(address);
      if (isIpv6)
        this.remark(
          'ipv6-server',
          word ?? keyword,
          'servers with IPv6 addresses count, but are not reachable here',
          'write an IPv4 address',
        );
    }
  }

  #searchList(keyword: Word, words: readonly Word[]): void {
    if (this.#searchLine !== undefined) {
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
    this.#search = kept.map(({ text }) => text);
  }

  #option(word: Word): void {
    const [name = '', value] = word.text.split(':');
    if (isNumberOption(name) && value !== undefined) {
      this.#number(word, name, Number.parseInt(value, 10) || 0);
      return;
    }
    const flag = this.#rules.flags.find((known) =>
      this.#rules.flagsByPrefix ? word.text.startsWith(known) : word.text === known,
    );
    if (flag === undefined)
      this.remark(
        'ignored-option',
        word,
        `${this.#rules.reader} ignores the option "${word.text}"`,
        'remove it, or use a resolver that knows it',
      );
    else this.#flags.add(flag);
  }

  #number(word: Word, name: NumberOption, value: number): void {
    const { least, most } = this.#rules.numbers[name];
    this.#numbers[name] = Math.min(Math.max(value, least), most);
    if (this.#numbers[name] !== value) {
      this.remark(
        'option-clamped',
        word,
        `${this.#rules.reader} takes ${name}:${value} as ${name}:${this.#numbers[name]}`,
        `keep it between ${least} and ${most}`,
      );
    }
  }
}

function lengthOf(words: readonly Word[]): number {
  return words.reduce((sum, { text }) => sum + text.length + 1, 0);
}
