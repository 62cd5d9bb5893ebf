import type { Problems } from '../problem/problem.ts';
import { type EmbeddedText, type Path, readYaml, withIndent, type YamlDocument } from './document.ts';
import { directoryOf, type Files, joinPath } from './files.ts';

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
    const file = joinPath(directoryOf(this.#document.valueAt(path).file), name);
    const text = this.#files.read(file);
    if (text === undefined) {
      const what = this.#files.isDirectory(file) ? 'is a directory' : 'does not exist';
      const hint = 'paths are relative to the scenario file; a text of its own is written as a block, after |';
      this.#problems.push({ code: 'missing-file', ...this.#document.valueAt(path), message: `${file} ${what}`, hint });
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

/** Takes the Corefile out of a ConfigMap manifest; any other text is the Corefile itself. */
export function unpackCorefile(text: EmbeddedText, problems: Problems): CorefileArtefact | undefined {
  if (!/^\s*(apiVersion|kind|data|metadata):/m.test(text.source.text)) return { corefile: text, files: {} };
  const manifest = withIndent(text, problems, readYaml);
  if (manifest === undefined) return undefined;
  const corefile = manifest.textAt(['data', 'Corefile']);
  if (corefile === undefined) {
    const hint = 'a ConfigMap for CoreDNS holds the text under data: Corefile: |';
    problems.push({
      code: 'no-corefile',
      ...manifest.valueAt(['data']),
      message: 'the manifest holds no data.Corefile',
      hint,
    });
    return undefined;
  }
  return { corefile: { ...corefile, indent: corefile.indent + text.indent }, files: otherFiles(manifest.value) };
}

/** The keys of a ConfigMap manifest. */
export function unpackConfigMap(text: EmbeddedText, problems: Problems): Record<string, string> {
  const manifest = withIndent(text, problems, readYaml);
  return manifest === undefined ? {} : otherFiles(manifest.value);
}

function otherFiles(manifest: unknown): Record<string, string> {
  const data = typeof manifest === 'object' && manifest !== null && 'data' in manifest ? manifest.data : undefined;
  const files: Record<string, string> = {};
  if (typeof data !== 'object' || data === null) return files;
  for (const [name, text] of Object.entries(data))
    if (name !== 'Corefile' && typeof text === 'string') files[name] = text;
  return files;
}
