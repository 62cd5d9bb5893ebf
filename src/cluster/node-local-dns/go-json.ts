/** What a JSON text is read into. */
interface Types {
  readonly '[]string': readonly string[];
  readonly 'map[string][]string': Readonly<Record<string, readonly string[]>>;
}

/** `json.Unmarshal` into a list of strings or a map of such lists; the text of the error is Go's (encoding/json). */
export function goJson<T extends keyof Types>(
  text: string,
  type: T,
): { readonly value: Types[T] } | { readonly error: string };
export function goJson(text: string, type: keyof Types): { readonly value: unknown } | { readonly error: string } {
  const reader = new Reader(text);
  const problem = reader.document();
  if (problem !== undefined) return { error: problem };
  const wrong: string[] = [];
  const value: unknown = JSON.parse(text);
  const converted = type === '[]string' ? list(value, wrong) : map(value, wrong);
  const [first] = wrong;
  return first === undefined ? { value: converted } : { error: first };
}

function mismatch(value: unknown, type: string, wrong: string[]): void {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  wrong.push(`json: cannot unmarshal ${kind} into Go value of type ${type}`);
}

function list(value: unknown, wrong: string[]): string[] {
  if (value === null) return [];
  if (Array.isArray(value)) return value.map((item: unknown) => text(item, wrong));
  mismatch(value, '[]string', wrong);
  return [];
}

function text(value: unknown, wrong: string[]): string {
  if (typeof value === 'string') return value;
  if (value !== null) mismatch(value, 'string', wrong);
  return '';
}

function map(value: unknown, wrong: string[]): Record<string, string[]> {
  if (value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, list(item, wrong)]));
  mismatch(value, 'map[string][]string', wrong);
  return {};
}

/** Goes through a JSON text; each method returns Go's words for the first mistake. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(json: string) {
    this.#text = json;
  }

  document(): string | undefined {
    const problem = this.#value();
    if (problem !== undefined) return problem;
    this.#blanks();
    return this.#at < this.#text.length ? this.#invalid('after top-level value') : undefined;
  }

  #blanks(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? '#')) this.#at++;
  }

  #invalid(where: string): string {
    const character = this.#text[this.#at];
    if (character === undefined) return 'unexpected end of JSON input';
    const shown = character === "'" ? "\\'" : character === '"' ? '"' : JSON.stringify(character).slice(1, -1);
    return `invalid character '${shown}' ${where}`;
  }

  #value(): string | undefined {
    this.#blanks();
    const first = this.#text[this.#at] ?? '';
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    if (/[-\d]/.test(first)) return this.#number();
    const literal = ['true', 'false', 'null'].find((word) => word[0] === first);
    return literal === undefined ? this.#invalid('looking for beginning of value') : this.#literal(literal);
  }

  #literal(word: string): string | undefined {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter) return this.#invalid(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
    return undefined;
  }

  #number(): string | undefined {
    if (this.#text[this.#at] === '-') this.#at++;
    if (!this.#digit()) return this.#invalid('in numeric literal');
    if (this.#text[this.#at] === '0') this.#at++;
    else while (this.#digit()) this.#at++;
    if (this.#text[this.#at] === '.') {
      this.#at++;
      if (!this.#digit()) return this.#invalid('after decimal point in numeric literal');
      while (this.#digit()) this.#at++;
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      if (!this.#digit()) return this.#invalid('in exponent of numeric literal');
      while (this.#digit()) this.#at++;
    }
    return undefined;
  }

  #digit(): boolean {
    return /\d/.test(this.#text[this.#at] ?? '');
  }

  #string(): string | undefined {
    for (this.#at++; ; this.#at++) {
      const character = this.#text[this.#at];
      if (character === undefined || character < ' ') return this.#invalid('in string literal');
      if (character === '"') break;
      if (character !== '\\') continue;
      this.#at++;
      const escaped = this.#text[this.#at] ?? '';
      if (escaped === 'u') {
        for (let k = 0; k < 4; k++) {
          this.#at++;
          if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? ''))
            return this.#invalid('in \\u hexadecimal character escape');
        }
      } else if (escaped === '' || !'"\\/bfnrt'.includes(escaped)) return this.#invalid('in string escape code');
    }
    this.#at++;
    return undefined;
  }

  #array(): string | undefined {
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === ']') {
      this.#at++;
      return undefined;
    }
    for (;;) {
      const problem = this.#value();
      if (problem !== undefined) return problem;
      this.#blanks();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== ']') return this.#invalid('after array element');
      this.#at++;
      if (next === ']') return undefined;
    }
  }

  #object(): string | undefined {
    this.#at++;
    this.#blanks();
    if (this.#text[this.#at] === '}') {
      this.#at++;
      return undefined;
    }
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') return this.#invalid('looking for beginning of object key string');
      const problem = this.#string() ?? this.#member();
      if (problem !== undefined) return problem;
      const next = this.#text[this.#at];
      if (next !== ',' && next !== '}') return this.#invalid('after object key:value pair');
      this.#at++;
      if (next === '}') return undefined;
    }
  }

  /** From the colon to behind the value. */
  #member(): string | undefined {
    this.#blanks();
    if (this.#text[this.#at] !== ':') return this.#invalid('after object key');
    this.#at++;
    const problem = this.#value();
    this.#blanks();
    return problem;
  }
}
