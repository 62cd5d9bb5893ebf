import type { Problems } from '../problem/problem.ts';
import { type EmbeddedText, type Path, withIndent, type YamlDocument } from './document.ts';
import { binaryProblem, directoryOf, type Files, joinPath } from './files.ts';
import { configMapsIn, mounted, noCorefile } from './manifests.ts';

/** Reads the operator's own texts: by path beside the scenario, or from a block inside it. */
export class ArtefactReader {
  readonly #document: YamlDocument;
  readonly #files: Files;
  readonly #problems: Problems;
  /** Every file that was read, by name: what a problem's source line is printed from. The reader adds its own. */
  readonly texts: Map<string, string>;

  constructor(document: YamlDocument, files: Files, problems: Problems, texts: Map<string, string>) {
    this.#document = document;
    this.#files = files;
    this.#problems = problems;
    this.texts = texts;
  }

  /** The text that the value at `path` is or names; undefined, with a problem, when there is no such file. */
  read(path: Path): EmbeddedText | undefined {
    const inline = this.inline(path);
    if (inline === undefined) return undefined;
    const value = inline.source.text.trimStart();
    if (value.trimEnd().includes('\n') || value.endsWith('\n')) return inline;
    return this.#file(value, path);
  }

  /** The text that stands at `path` itself. */
  inline(path: Path): EmbeddedText | undefined {
    return this.#document.textAt(path);
  }

  #file(name: string, path: Path): EmbeddedText | undefined {
    const place = this.#document.valueAt(path);
    const file = joinPath(directoryOf(place.file), name);
    const text = this.#files.read(file);
    if (text === undefined) {
      const what = this.#files.isDirectory(file) ? 'is a directory' : 'does not exist';
      // What was said on the command line, as `--set`, has no file.
      const hint = place.file.startsWith('--')
        ? `paths in ${place.file} are relative to the current directory`
        : 'paths are relative to the scenario file; a text of its own is written as a block, after |';
      this.#problems.push({ code: 'missing-file', ...place, message: `${file} ${what}`, hint });
      return undefined;
    }
    const binary = binaryProblem(file, text);
    if (binary !== undefined) {
      this.#problems.push(binary);
      return undefined;
    }
    this.texts.set(file, text);
    return { source: { file, text }, indent: 0 };
  }
}

/** What a ConfigMap or a bare Corefile says: the Corefile and the other files beside it. */
export interface CorefileArtefact {
  readonly corefile: EmbeddedText;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Takes the Corefile out of a ConfigMap manifest, or of several, as `kubectl get configmap -o yaml` prints them; any
 * other text is the Corefile itself.
 */
export function unpackCorefile(text: EmbeddedText, problems: Problems): CorefileArtefact | undefined {
  if (!/^\s*(apiVersion|kind|data|metadata|items):/m.test(text.source.text)) return { corefile: text, files: {} };
  const all = withIndent(text, problems, configMapsIn);
  if (all === undefined) return undefined;
  const own = all.find(({ corefile }) => corefile !== undefined);
  if (own?.corefile === undefined) {
    problems.push(noCorefile(all[0]?.place ?? { file: text.source.file, line: 1, column: 1 }));
    return undefined;
  }
  const files = Object.assign({}, ...all.map((one) => mounted(one.data, one === own ? 'own' : 'custom')));
  return { corefile: { ...own.corefile, indent: own.corefile.indent + text.indent }, files };
}

/** The keys of ConfigMap manifests. */
export function unpackConfigMap(text: EmbeddedText, problems: Problems): Record<string, string> {
  const all = withIndent(text, problems, configMapsIn) ?? [];
  return Object.assign({}, ...all.map(({ data }) => data));
}

/** The files of a `coredns-custom` manifest, by the names that a Corefile may use. */
export function unpackCustom(text: EmbeddedText, problems: Problems): Record<string, string> {
  return mounted(unpackConfigMap(text, problems), 'custom');
}
