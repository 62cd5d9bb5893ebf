import {
  type ErrorCode,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { type Position, type Problems, positionAt, type Source } from '../problem/problem.ts';
import { decapitalised } from '../trace/words.ts';

export type Path = readonly (string | number)[];

/** A YAML file: its value, and where each part of it stands. */
export interface YamlDocument {
  readonly source: Source;
  readonly value: unknown;
  /** Position of the value at a path; of the nearest part above it when there is none. */
  valueAt(path: Path): Position;
  /** Position of the key at the end of a path. */
  keyAt(path: Path): Position;
  /** The scalar at a path, the map or list there as a node, or undefined. */
  get(path: Path): unknown;
  /** A value as it stands in the file; empty for maps, lists and what is not there. */
  writtenAt(path: Path): string;
  /** A text of the document as a source of its own. */
  textAt(path: Path): EmbeddedText | undefined;
}

/**
 * A text that stands inside another file. Empty lines in front make its line numbers those of the file;
 * `indent` is what a column needs to be added to.
 */
export interface EmbeddedText {
  readonly source: Source;
  readonly indent: number;
}

type Parsed = ReturnType<typeof parseDocument>;

const yamlRemedies: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'indent with blanks',
  BAD_INDENT: 'indent this line like those that it belongs to',
  BLOCK_AS_IMPLICIT_KEY: 'put a text with a colon in it into quotes, or the map on lines of its own',
  MULTILINE_IMPLICIT_KEY: 'write the key and its colon on one line',
  MISSING_CHAR: 'look for a quote, bracket, comma or colon that is missing before this',
  BAD_SCALAR_START: 'put the text into quotes',
  UNEXPECTED_TOKEN: 'look for a quote or bracket too many; a text with such signs goes into quotes',
  BAD_ALIAS: 'put a text that begins with * or & into quotes',
  KEY_OVER_1024_CHARS: 'put a long text with a colon in it into quotes',
  MULTIPLE_DOCS: 'put it into a file of its own, or leave the line --- out',
  BAD_DQ_ESCAPE: 'write a backslash twice, or the text in single quotes',
};

/** In place of the library's own words. */
const yamlMessages: Partial<Record<ErrorCode, string>> = { MULTIPLE_DOCS: 'a second document begins here' };

/** Behind a tab the library takes nothing to be where it ought to. */
function withoutConsequences(errors: Parsed['errors']): Parsed['errors'] {
  const tabs = errors.filter(({ code }) => code === 'TAB_AS_INDENT');
  return tabs.length > 0 ? tabs : errors;
}

/** Reads one YAML document; undefined when it cannot be read. */
export function readYaml(source: Source, problems: Problems): YamlDocument | undefined {
  // The library compares each key with all others of its map, too long for maps of thousands.
  const document = parseDocument(source.text, { uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  const problem = (code: string, offset: number, message: string, hint: string) =>
    problems.push({ code, ...positionAt(source, offset), message, hint });
  const repeated = repeatedKeys(document);
  for (const error of withoutConsequences(document.errors)) {
    const message = yamlMessages[error.code] ?? decapitalised(error.message);
    problem('yaml-syntax', error.pos[0], message, yamlRemedies[error.code] ?? '');
  }
  for (const key of repeated) {
    problem('yaml-syntax', key.range?.[0] ?? 0, 'this key stands here twice', 'make one of the two');
  }
  if (document.errors.length + repeated.length > 0) return undefined;
  if (document.contents === null) {
    problem(
      'empty-file',
      0,
      'there is nothing in this file',
      'begin with title, duration, cluster, pods and workloads',
    );
    return undefined;
  }
  const value = plainValue(document, problem);
  if (value === undefined) return undefined;
  const tree = new Tree(document, document.contents);
  const position = (node: Node | undefined) => positionAt(source, node?.range?.[0] ?? 0);
  return {
    source,
    value: value.plain,
    valueAt: (path) => position(tree.nearest(path)),
    keyAt: (path) => position(tree.key(path) ?? tree.nearest(path)),
    get: (path) => {
      const node = tree.find(path);
      return isScalar(node) ? node.value : node;
    },
    writtenAt: (path) => {
      const node = tree.find(path);
      return isScalar(node) ? (node.source ?? '') : '';
    },
    textAt: (path) => {
      const node = tree.find(path);
      return isScalar(node) && typeof node.value === 'string' ? embedded(source, node, node.value) : undefined;
    },
  };
}

/** The same document, asked with paths that are translated first. */
export function withPlaces(document: YamlDocument, places: (path: Path) => Path): YamlDocument {
  return {
    ...document,
    valueAt: (path) => document.valueAt(places(path)),
    keyAt: (path) => document.keyAt(places(path)),
    get: (path) => document.get(places(path)),
    writtenAt: (path) => document.writtenAt(places(path)),
    textAt: (path) => document.textAt(places(path)),
  };
}

/** Keys of the map at a path; none where no map is. */
export function keysOf(document: YamlDocument, path: Path): string[] {
  const map = document.get(path);
  if (isMap(map)) return map.items.map(({ key }) => (isScalar(key) ? String(key.value) : ''));
  return typeof map !== 'object' || map === null || isNode(map) || Array.isArray(map) ? [] : Object.keys(map);
}

/** The document as plain values; undefined, with a problem, when an alias leads nowhere or into itself, or far too many follow one another. */
function plainValue(
  document: Parsed,
  problem: (code: string, offset: number, message: string, hint: string) => void,
): { readonly plain: unknown } | undefined {
  let first: number | undefined;
  let isBroken = false;
  visit(document, {
    Alias(_key, alias, around) {
      first ??= alias.range?.[0];
      const target = alias.resolve(document);
      if (target !== undefined && !around.includes(target)) return;
      isBroken = true;
      const [message, hint] =
        target === undefined
          ? [`nothing is marked &${alias.source}`, `mark what it stands for with &${alias.source}`]
          : [`*${alias.source} stands inside of what it stands for`, 'write the value out'];
      problem('unknown-alias', alias.range?.[0] ?? 0, message, `${hint}, or put the text in quotes`);
    },
  });
  if (isBroken) return undefined;
  try {
    return { plain: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    problem('unknown-alias', first ?? 0, 'too many aliases', 'write the values out');
    return undefined;
  }
}

/** The value at a path of plain maps and lists; undefined when there is none. */
export function plainAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.prototype.propertyIsEnumerable.call(value, step) ? Reflect.get(value, step) : undefined;
  }
  return value;
}

/** Keys that stand in their map before. */
function repeatedKeys(document: Parsed): Scalar[] {
  const repeated: Scalar[] = [];
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) repeated.push(key);
        seen.add(key.value);
      }
    },
  });
  return repeated;
}

/** The nodes of a document by their paths; an alias stands for what it was set to. */
class Tree {
  readonly #document: Parsed;
  readonly #root: Node;

  constructor(document: Parsed, root: Node) {
    this.#document = document;
    this.#root = root;
  }

  find(path: Path): Node | undefined {
    let node: Node | undefined = this.#root;
    for (const step of path) {
      if (node === undefined) return undefined;
      node = this.#resolved(childOf(node, step));
    }
    return node;
  }

  /** The node at a path, or the nearest one above it. */
  nearest(path: Path): Node {
    for (let length = path.length; length > 0; length--) {
      const node = this.find(path.slice(0, length));
      if (node !== undefined) return node;
    }
    return this.#root;
  }

  /** The key at the end of a path. */
  key(path: Path): Node | undefined {
    const parent = this.find(path.slice(0, -1));
    return isMap<Node, Node | null>(parent) ? pairOf(parent, path.at(-1))?.key : undefined;
  }

  #resolved(node: Node | undefined): Node | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }
}

function childOf(node: Node, step: string | number): Node | undefined {
  if (isMap<Node, Node | null>(node)) return pairOf(node, step)?.value ?? undefined;
  return isSeq<Node>(node) ? node.items[Number(step)] : undefined;
}

function pairOf(
  map: YAMLMap<Node, Node | null>,
  step: string | number | undefined,
): Pair<Node, Node | null> | undefined {
  return map.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
}

function embedded(source: Source, scalar: Scalar, value: string): EmbeddedText {
  const start = scalar.range?.[0] ?? 0;
  const { line, column } = positionAt(source, start);
  const isBlock = scalar.type === 'BLOCK_LITERAL' || scalar.type === 'BLOCK_FOLDED';
  if (!isBlock) {
    const quoted = scalar.type === 'QUOTE_DOUBLE' || scalar.type === 'QUOTE_SINGLE';
    return {
      source: { file: source.file, text: '\n'.repeat(line - 1) + value },
      indent: column - 1 + (quoted ? 1 : 0),
    };
  }
  const first =
    source.text
      .split('\n')
      .slice(line)
      .find((text) => text.trim() !== '') ?? '';
  return {
    source: { file: source.file, text: '\n'.repeat(line) + value },
    indent: first.length - first.trimStart().length,
  };
}

/** Runs a parser on an embedded text and puts its problems where they stand in the file. */
export function withIndent<T>(
  text: EmbeddedText,
  problems: Problems,
  parse: (source: Source, problems: Problems) => T,
): T {
  const found: Problems = [];
  const result = parse(text.source, found);
  for (const problem of found) {
    problems.push(problem.file === text.source.file ? { ...problem, column: problem.column + text.indent } : problem);
  }
  return result;
}
