import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  type ParsedNode,
  parseDocument,
  type Scalar,
} from 'yaml';
import { type Position, type Problems, positionAt, type Source } from '../problem/problem.ts';

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

/** Reads one YAML document; undefined when it cannot be read. */
export function readYaml(source: Source, problems: Problems): YamlDocument | undefined {
  const lines = new LineCounter();
  const document = parseDocument(source.text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  for (const error of document.errors) {
    problems.push({
      code: 'yaml-syntax',
      ...positionAt(source, error.pos[0]),
      message: yamlMessage(error.code, error.message),
      hint: '',
    });
  }
  if (document.errors.length > 0 || document.contents === null) return undefined;
  const root: ParsedNode = document.contents;
  const position = (node: Node | undefined) => positionAt(source, node?.range?.[0] ?? 0);
  return {
    source,
    value: document.toJS({ maxAliasCount: 100 }),
    valueAt: (path) => position(nearest(root, path)),
    keyAt: (path) => {
      const key = pairAt(root, path)?.key;
      return position(key ?? nearest(root, path));
    },
    get: (path) => {
      const node = find(root, path);
      return isScalar(node) ? node.value : node;
    },
    textAt: (path) => {
      const node = find(root, path);
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
    textAt: (path) => document.textAt(places(path)),
  };
}

function yamlMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands here twice';
  return message.charAt(0).toLowerCase() + message.slice(1);
}

function pairAt(root: Node, path: Path): Pair<Node, Node | null> | undefined {
  const parent = find(root, path.slice(0, -1));
  const last = path.at(-1);
  if (!isMap<Node, Node | null>(parent)) return undefined;
  return parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last));
}

function child(node: Node, step: string | number): Node | undefined {
  if (isMap<Node, Node | null>(node)) {
    return node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step))?.value ?? undefined;
  }
  if (isSeq<Node>(node)) return node.items[Number(step)];
  return undefined;
}

function find(root: Node, path: Path): Node | undefined {
  let node: Node | undefined = root;
  for (const step of path) {
    if (node === undefined || isAlias(node)) return undefined;
    node = child(node, step);
  }
  return node;
}

function nearest(root: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = find(root, path.slice(0, length));
    if (node !== undefined) return node;
  }
  return root;
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
