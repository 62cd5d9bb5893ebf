import { NotUnderstood } from './values.ts';

/** A word of a Python script. Strings are unquoted; `prefix` holds their letters, such as `f`. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'operator' | 'newline' | 'indent' | 'dedent' | 'end';
  readonly text: string;
  readonly prefix: string;
  readonly line: number;
}

const pattern =
  /([ \t]+|\\\n)|(#[^\n]*)|(\n)|((?:[bfruBFRU]{0,2})(?:"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'))|(0[xX][0-9a-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][-+]?\d+)?\.?)|([A-Za-z_]\w*)|(\*\*=|\/\/=|>>=|<<=|\*\*|\/\/|>>|<<|<=|>=|==|!=|->|:=|[-+*/%&|^]=|[-+*/%&|^~<>()[\]{},:.;=@])/y;

/** Splits a script into words; indentation becomes words too. Throws where it is no Python. */
export function tokensOf(script: string): Token[] {
  return new Tokenizer().read(`${script.replaceAll('\r\n', '\n')}\n`);
}

class Tokenizer {
  readonly #tokens: Token[] = [];
  readonly #indents = [0];
  /** Brackets that are open: lines and indentation mean nothing there. */
  #depth = 0;
  #line = 1;
  /** Has nothing but spaces come on this line? */
  #fresh = true;
  #indent = 0;

  read(source: string): Token[] {
    for (let at = 0; at < source.length; ) {
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (match === null) throw new NotUnderstood(`line ${this.#line}: not understood: ${source.slice(at, at + 20)}`);
      at += match[0].length;
      const [all, space, comment, newline] = match;
      if (newline !== undefined) this.#newline();
      else if (space !== undefined) this.#space(all);
      else if (comment === undefined) this.#word(match);
    }
    this.#indent = 0;
    this.#settle();
    this.#add('end');
    return this.#tokens;
  }

  #add(kind: Token['kind'], text = '', prefix = ''): void {
    this.#tokens.push({ kind, text, prefix, line: this.#line });
  }

  #newline(): void {
    if (this.#depth === 0 && !this.#fresh) this.#add('newline');
    if (this.#depth === 0) [this.#fresh, this.#indent] = [true, 0];
    this.#line++;
  }

  #space(text: string): void {
    if (this.#fresh && this.#depth === 0) this.#indent += text.length;
    if (text.startsWith('\\')) this.#line++;
  }

  #word([, , , , string, number, name, operator = '']: RegExpExecArray): void {
    if (this.#fresh && this.#depth === 0) this.#settle();
    if (string !== undefined) {
      const prefix = /^[a-zA-Z]*/.exec(string)?.[0] ?? '';
      const quotes = /^("""|'''|"|')/.exec(string.slice(prefix.length))?.[0] ?? '"';
      this.#add('string', string.slice(prefix.length + quotes.length, -quotes.length), prefix.toLowerCase());
      this.#line += string.split('\n').length - 1;
    } else if (number !== undefined) this.#add('number', number.replaceAll('_', ''));
    else if (name !== undefined) this.#add('name', name);
    else {
      if (/^[([{]$/.test(operator)) this.#depth++;
      if (/^[)\]}]$/.test(operator)) this.#depth--;
      this.#add('operator', operator);
    }
  }

  /** The first word of a line tells where blocks begin and end. */
  #settle(): void {
    this.#fresh = false;
    if (this.#indent > (this.#indents.at(-1) ?? 0)) {
      this.#indents.push(this.#indent);
      this.#add('indent');
    }
    while (this.#indent < (this.#indents.at(-1) ?? 0)) {
      this.#indents.pop();
      this.#add('dedent');
    }
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\n': '' };

/** A string's text with its escapes resolved. */
export function unescaped({ text, prefix }: Token): string {
  if (prefix.includes('r')) return text;
  return text.replace(/\\(x[0-9a-fA-F]{2}|[\s\S])/g, (_, what: string) =>
    what.length === 3 ? String.fromCharCode(Number.parseInt(what.slice(1), 16)) : (escapes[what] ?? what),
  );
}
