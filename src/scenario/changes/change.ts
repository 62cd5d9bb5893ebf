import type { Problems, Source } from '../../problem/problem.ts';
import { type Path, plainAt, readYaml, type YamlDocument } from '../document.ts';
import { takesOnlyText } from '../schema-paths.ts';
import { readPath } from './path.ts';

/**
 * Something that is put in the place of what a scenario file says.
 *
 * - `settings`: lines of `path=value`, the value as YAML, such as `workloads.app.every=2s` or `events[2].at=90s`;
 *   `file` is what its problems are reported under, such as `--set`. A path of a file is relative to where the
 *   program was started, not to the scenario.
 * - `value`: a value at a path, as it stands.
 */
export type Change =
  | { readonly kind: 'settings'; readonly file: string; readonly lines: readonly string[] }
  | { readonly kind: 'value'; readonly file: string; readonly path: Path; readonly value: unknown };

/** A change whose path and value were read. */
interface Applied {
  readonly path: Path;
  readonly value: YamlDocument;
  /** Column of the last step of its path. */
  readonly keyColumn: number;
}

/** The document as it reads with the changes in it, each in its turn; places in them are those of the changes. */
export function withChanges(document: YamlDocument, changes: readonly Change[], problems: Problems): YamlDocument {
  let value = document.value;
  const applied: Applied[] = [];
  const apply = (change: Applied) => {
    value = withValue(value, change.path, change.value.value);
    applied.push(change);
  };
  for (const change of changes) {
    if (change.kind === 'value') apply({ path: change.path, value: plainDocument(change), keyColumn: 1 });
    else
      for (const line of change.lines.keys()) {
        const setting = readSetting(change.file, change.lines, line, value, problems);
        if (setting !== undefined) apply(setting);
      }
  }
  return changed(document, value, applied);
}

/** Texts that problems in changes are shown from. */
export function textsOf(changes: readonly Change[]): readonly (readonly [file: string, text: string])[] {
  return changes.map((change) => [
    change.file,
    change.kind === 'value' ? shown(change.value) : change.lines.join('\n'),
  ]);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readSetting(
  file: string,
  lines: readonly string[],
  line: number,
  root: unknown,
  problems: Problems,
): Applied | undefined {
  const text = lines[line] ?? '';
  const objectTo = (column: number, message: string, hint: string) => {
    problems.push({ code: 'bad-setting', file, line: line + 1, column, message, hint });
    return undefined;
  };
  const path = readPath(text, root);
  if ('message' in path) return objectTo(path.column, path.message, path.hint);
  const after = text.slice(path.end + 1);
  if (after.trim() === '')
    return objectTo(path.end + 2, 'a value is missing', 'write path=value, such as cluster.coredns.replicas=3');
  const value = readYaml({ file, text: '\n'.repeat(line) + ' '.repeat(path.end + 1) + after }, problems);
  if (value === undefined) return undefined;
  const { steps, lastColumn } = path;
  // What a shell leaves of "1.30" has no quotes.
  const written = value.writtenAt([]);
  const isText = typeof value.value === 'number' && takesOnlyText(steps, written);
  return { path: steps, value: isText ? { ...value, value: written } : value, keyColumn: lastColumn };
}

/** A value as a document, all of it in one place. */
function plainDocument({ file, value }: { readonly file: string; readonly value: unknown }): YamlDocument {
  const source: Source = { file, text: shown(value) };
  const place = { file, line: 1, column: 1 };
  return {
    source,
    value,
    valueAt: () => place,
    keyAt: () => place,
    get: (path) => plainAt(value, path),
    writtenAt: (path) => shown(plainAt(value, path)),
    textAt: (path) => {
      const text = plainAt(value, path);
      return typeof text === 'string' ? { source: { file, text }, indent: 0 } : undefined;
    },
  };
}

function changed(document: YamlDocument, value: unknown, applied: readonly Applied[]): YamlDocument {
  /** The change that put a value there, or the first below a place that no file has. */
  const owner = (path: Path) =>
    applied.findLast((change) => isWithin(path, change.path)) ??
    (plainAt(document.value, path) === undefined ? applied.find((change) => isWithin(change.path, path)) : undefined);
  const rest = (path: Path, change: Applied) => path.slice(change.path.length);
  return {
    source: document.source,
    value,
    valueAt: (path) => {
      const own = owner(path);
      return own === undefined ? document.valueAt(path) : own.value.valueAt(rest(path, own));
    },
    keyAt: (path) => {
      const own = owner(path);
      if (own === undefined) return document.keyAt(path);
      const inside = rest(path, own);
      if (path.length < own.path.length) return { ...own.value.valueAt([]), column: 1 };
      return inside.length > 0 ? own.value.keyAt(inside) : { ...own.value.valueAt([]), column: own.keyColumn };
    },
    get: (path) => plainAt(value, path),
    textAt: (path) => {
      const own = owner(path);
      return own === undefined ? document.textAt(path) : own.value.textAt(rest(path, own));
    },
    writtenAt: (path) => {
      const own = owner(path);
      return own === undefined ? document.writtenAt(path) : own.value.writtenAt(rest(path, own));
    },
  };
}

function isWithin(path: Path, outer: Path): boolean {
  return outer.every((step, i) => String(step) === String(path[i]));
}

/** A copy with a value at a path; maps that are not there are made. */
function withValue(root: unknown, path: Path, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(root)) {
    const copy: unknown[] = [...root];
    copy[Number(step)] = withValue(copy[Number(step)], rest, value);
    return copy;
  }
  const map = typeof root === 'object' && root !== null ? root : {};
  return { ...map, [step]: withValue(plainAt(map, [step]), rest, value) };
}
