import type { Position, Problem, Problems, Source } from '../problem/problem.ts';
import { type EmbeddedText, type Path, plainAt, readYaml } from './document.ts';

/** A ConfigMap as its manifest has it. */
export interface ConfigMap {
  /** Undefined: there is none in it. */
  readonly corefile: EmbeddedText | undefined;
  /** Its other keys. */
  readonly data: Readonly<Record<string, string>>;
  /** Where its `data` stands. */
  readonly place: Position;
}

/** Where the pod has the ConfigMap `coredns`, and below it the one of the operator's own additions. */
const directory = '/etc/coredns';

/** All of a file: one, several after `---`, or a List as `kubectl get configmap -o yaml` prints it. Undefined: one cannot be read. */
export function configMapsIn(source: Source, problems: Problems): ConfigMap[] | undefined {
  const parts = documentsOf(source);
  const documents = parts.flatMap((part) => readYaml(part, problems) ?? []);
  if (documents.length < parts.length) return undefined;
  const manifests = documents.filter(({ value }) => typeof value === 'object');
  if (manifests.length < Math.max(1, parts.length)) {
    problems.push(noManifest(source.file));
    return undefined;
  }
  return manifests.flatMap((document) =>
    pathsIn(document.value).map((path) => ({
      corefile: document.textAt([...path, 'data', 'Corefile']),
      data: textsIn(plainAt(document.value, [...path, 'data'])),
      place: document.valueAt([...path, 'data']),
    })),
  );
}

function noManifest(file: string): Problem {
  const hint = 'give what `kubectl get configmap … -o yaml` prints';
  return { code: 'no-manifest', file, line: 1, column: 1, message: 'this is no manifest of a ConfigMap', hint };
}

export function noCorefile(place: Position): Problem {
  const hint = 'a ConfigMap for CoreDNS holds the text under data: Corefile: |';
  return { code: 'no-corefile', ...place, message: 'the manifest holds no data.Corefile', hint };
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

/** The documents of a YAML stream that hold anything, each with the line numbers of the whole. */
function documentsOf({ file, text }: Source): Source[] {
  const lines = text.split('\n');
  const starts = [0, ...lines.flatMap((line, i) => (/^---(\s|$)/.test(line) ? [i + 1] : []))];
  return starts
    .map((start, i) => {
      const own = lines.slice(start, (starts[i + 1] ?? lines.length + 1) - 1);
      return { file, text: '\n'.repeat(start) + own.join('\n') };
    })
    .filter((part) => part.text.replace(/^\s*#[^\n]*/gm, '').trim() !== '');
}

/** The manifest itself, or the items of a List. */
function pathsIn(value: unknown): Path[] {
  const items = plainAt(value, ['items']);
  return Array.isArray(items) ? items.map((_, i) => ['items', i]) : [[]];
}

function textsIn(data: unknown): Record<string, string> {
  const texts: Record<string, string> = {};
  if (typeof data !== 'object' || data === null) return texts;
  for (const [name, text] of Object.entries(data))
    if (name !== 'Corefile' && typeof text === 'string') texts[name] = text;
  return texts;
}
