import type { Problems } from '../problem/problem.ts';
import { type EmbeddedText, type Path, readYaml, withIndent, type YamlDocument } from './document.ts';
import { binaryProblem, directoryOf, type Files, joinPath } from './files.ts';

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

/** Where the pod has the ConfigMap `coredns`, and below it the one of the operator's own additions. */
const directory = '/etc/coredns';

/**
 * Takes the Corefile out of a ConfigMap manifest, or of a List of them as `kubectl get configmap -o yaml` prints it; any
 * other text is the Corefile itself.
 */
export function unpackCorefile(text: EmbeddedText, problems: Problems): CorefileArtefact | undefined {
  if (!/^\s*(apiVersion|kind|data|metadata|items):/m.test(text.source.text)) return { corefile: text, files: {} };
  const manifest = withIndent(text, problems, readYaml);
  if (manifest === undefined) return undefined;
  const all = manifestsIn(manifest.value);
  const own = all.find(({ path }) => manifest.textAt([...path, 'data', 'Corefile']) !== undefined);
  const corefile = own === undefined ? undefined : manifest.textAt([...own.path, 'data', 'Corefile']);
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
  const files = Object.assign({}, ...all.map((one) => mounted(one.data, one === own ? 'own' : 'custom')));
  return { corefile: { ...corefile, indent: corefile.indent + text.indent }, files };
}

/** The keys of a ConfigMap manifest. */
export function unpackConfigMap(text: EmbeddedText, problems: Problems): Record<string, string> {
  const manifest = withIndent(text, problems, readYaml);
  return manifest === undefined ? {} : Object.assign({}, ...manifestsIn(manifest.value).map(({ data }) => data));
}

/** The files of a `coredns-custom` manifest, by the names that a Corefile may use. */
export function unpackCustom(text: EmbeddedText, problems: Problems): Record<string, string> {
  return mounted(unpackConfigMap(text, problems), 'custom');
}

/** Each key as a file: relative to the Corefile, and by its whole path. */
export function mounted(data: Readonly<Record<string, string>>, place: 'own' | 'custom'): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [name, text] of Object.entries(data)) {
    // The distributions that keep additions beside the Corefile mount them apart too.
    const path = place === 'custom' || /\.(override|server)$/.test(name) ? `custom/${name}` : name;
    files[path] = text;
    files[`${directory}/${path}`] = text;
  }
  return files;
}

/** ConfigMaps with their keys beside `Corefile`: the manifest itself, or the items of a List. */
export function manifestsIn(value: unknown): { readonly path: Path; readonly data: Record<string, string> }[] {
  const items = typeof value === 'object' && value !== null && 'items' in value ? value.items : undefined;
  if (Array.isArray(items)) return items.map((item, i) => ({ path: ['items', i], data: keysOf(item) }));
  return [{ path: [], data: keysOf(value) }];
}

function keysOf(manifest: unknown): Record<string, string> {
  const data = typeof manifest === 'object' && manifest !== null && 'data' in manifest ? manifest.data : undefined;
  const keys: Record<string, string> = {};
  if (typeof data !== 'object' || data === null) return keys;
  for (const [name, text] of Object.entries(data))
    if (name !== 'Corefile' && typeof text === 'string') keys[name] = text;
  return keys;
}
