/** A call of the harness in a script: `e.query(s, 1)` is `query` of `['s', '1']`. */
export interface Call {
  readonly method: string;
  /** As written. */
  readonly words: readonly string[];
  /** The string that an argument is; undefined when that takes more of Python than is read here. */
  value(index: number): string | undefined;
  /** Of `name=value`. */
  named(name: string): string | undefined;
}

type Names = ReadonlyMap<string, string | readonly string[]>;

interface Line {
  readonly indent: number;
  readonly text: string;
}

/**
 * The calls that a script makes, in order. Of Python this reads string literals, f-strings of names, `join`, lists that
 * grow by `+=`, and `for` over a tuple of strings; what stands in a `def`, `if` or any other loop is left out.
 */
export function callsOf(script: string): Call[] {
  const calls: Call[] = [];
  const known = new Map<string, string | readonly string[]>([
    ['VIP', '10.96.0.10'],
    ['PODCIDR', '10.244.0.0/16'],
  ]);
  run(linesOf(script), known, calls);
  return calls;
}

function run(lines: readonly Line[], names: Map<string, string | readonly string[]>, calls: Call[]): void {
  for (let at = 0; at < lines.length; at++) {
    const { indent, text } = lines[at] ?? { indent: 0, text: '' };
    const end = lines.findIndex((line, n) => n > at && line.indent <= indent);
    const body = lines.slice(at + 1, end < 0 ? lines.length : end);
    const loop = /^for (\w+) in \((.*)\):(.*)$/s.exec(text);
    if (loop !== null) {
      const [, name = '', items = '', inline = ''] = loop;
      for (const item of split(items, ',').flatMap((word) => stringOf(word, names) ?? [])) {
        names.set(name, item);
        run(inline.trim() === '' ? body : [{ indent, text: inline.trim() }], names, calls);
      }
      at += body.length;
    } else if (/^(def|for|while|if|with|class)\b/.test(text)) at += body.length;
    else for (const statement of split(text.replace(/^(try|finally):/, ''), ';')) execute(statement, names, calls);
  }
}

function execute(statement: string, names: Map<string, string | readonly string[]>, calls: Call[]): void {
  const list = /^(\w+) (\+?)= \[(.*)\]$/s.exec(statement);
  if (list !== null) {
    const [, name = '', grows, items = ''] = list;
    const before = grows === '+' ? names.get(name) : [];
    const more = split(items, ',').flatMap((word) => stringOf(word, names) ?? []);
    if (typeof before === 'object') names.set(name, [...before, ...more]);
    return;
  }
  const call = /^(?:\w+ = )?e\.(\w+)\((.*)\)$/s.exec(statement);
  if (call === null) return;
  const [, method = '', text = ''] = call;
  const words = split(text, ',');
  const then: Names = new Map(names);
  calls.push({
    method,
    words,
    value: (index) => stringOf(words[index] ?? '', then),
    named: (name) => {
      const word = words.find((w) => w.startsWith(`${name}=`));
      return word && stringOf(word.slice(name.length + 1), then);
    },
  });
}

function stringOf(text: string, names: Names): string | undefined {
  const literal = /^(f?)(?:"([^"\\]*)"|'([^'\\]*)')$/.exec(text);
  if (literal !== null) {
    const raw = literal[2] ?? literal[3] ?? '';
    return literal[1] === '' ? raw : filled(raw, names);
  }
  const joined = /^"([^"]*)"\.join\((?:(\w+)|(\w+) for \3 in (\w+)(?: if "([^"]*)" in \3)?)\)$/.exec(text);
  if (joined !== null) {
    const list = names.get(joined[2] ?? joined[4] ?? '');
    return typeof list === 'object'
      ? list.filter((item) => item.includes(joined[5] ?? '')).join(joined[1] ?? '')
      : undefined;
  }
  const value = names.get(text);
  return typeof value === 'string' ? value : undefined;
}

/** An f-string with its names filled in. */
function filled(raw: string, names: Names): string | undefined {
  let whole = true;
  const text = raw.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = names.get(name);
    whole &&= typeof value === 'string';
    return typeof value === 'string' ? value : '';
  });
  return whole && !text.includes('{') ? text : undefined;
}

/** Lines without their indentation; one whose brackets are open goes on in the next. */
function linesOf(script: string): Line[] {
  const lines: Line[] = [];
  let open = '';
  for (const line of script.split('\n')) {
    open = open === '' ? line : `${open} ${line.trim()}`;
    if (depthOf(open) > 0) continue;
    const text = open.trim();
    if (text !== '' && !text.startsWith('#')) lines.push({ indent: open.search(/\S/), text });
    open = '';
  }
  return lines;
}

/** Strings, comments, or a single character. */
const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|#.*$|[\s\S]/gm;

function depthOf(text: string): number {
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) depth += /^[([{]$/.test(token) ? 1 : /^[)\]}]$/.test(token) ? -1 : 0;
  return depth;
}

/** The parts between separators that stand in no string or bracket; comments go. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (token.length > 1 && token.startsWith('#')) continue;
    depth += /^[([{]$/.test(token) ? 1 : /^[)\]}]$/.test(token) ? -1 : 0;
    if (token === separator && depth === 0) parts.push('');
    else parts.push(`${parts.pop()}${token}`);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}
