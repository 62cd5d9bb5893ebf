import { lex } from '../../coredns/corefile/lexer.ts';
import { startsLine, type Token } from '../../coredns/corefile/token.ts';
import type { Source } from '../../problem/problem.ts';
import { directoryOf, type Files, joinPath } from '../../scenario/files.ts';

/** Files that a Corefile names: those that are at hand, and what is put in place of the others. */
export interface NamedFiles {
  readonly files: Readonly<Record<string, string>>;
  /** Where those of the user's are, by the path that the Corefile writes. */
  readonly names: ReadonlyMap<string, string>;
  /** Named with an absolute path and not given: taken for sound, and not looked into. */
  readonly assumed: readonly string[];
}

const readers: readonly string[] = ['forward', 'file', 'hosts', 'autopath', 'import'];
const mostFiles = 200;
const resolvConf = 'nameserver 192.0.2.53\nsearch corp.example\n';

/**
 * Relative paths are read beside the Corefile. Absolute ones are those of the pod: a given file of the same name
 * stands for them, or else a sound one is assumed.
 */
export function namedFiles(source: Source, disk: Files, given: ReadonlyMap<string, string>): NamedFiles {
  const files: Record<string, string> = {};
  const names = new Map<string, string>();
  const assumed: string[] = [];
  for (const { directive, path } of pathsIn(source)) {
    const name = path.split('/').at(-1) ?? path;
    const beside = path.startsWith('/') ? undefined : joinPath(directoryOf(source.file), path);
    const own = given.get(name) ?? (beside === undefined ? undefined : disk.read(beside));
    if (own !== undefined && beside !== undefined) names.set(path, beside);
    if (own !== undefined) files[path] = own;
    else if (path.startsWith('/') && directive !== 'file' && directive !== 'hosts' && !/[*?[]/.test(path)) {
      files[path] = directive === 'import' ? '' : resolvConf;
      assumed.push(path);
    }
    if (Object.keys(files).length > mostFiles) break;
  }
  return { files, names, assumed };
}

function pathsIn(source: Source): { directive: string; path: string }[] {
  const paths: { directive: string; path: string }[] = [];
  let first: Token | undefined;
  let before: Token | undefined;
  for (const token of lex(source)) {
    if (startsLine(token, before)) first = token;
    else if (first !== undefined && readers.includes(first.text) && isPath(token.text)) {
      const known = paths.some(({ path }) => path === token.text);
      if (!known && paths.length < 5 * mostFiles) paths.push({ directive: first.text, path: token.text });
    }
    before = token;
  }
  return paths;
}

/** Not an address, a number, a brace or a scheme. */
const isPath = (text: string): boolean => /[a-z]/i.test(text) && !text.includes('://') && !text.startsWith('@');
