import type { Problem, Source } from '../problem/problem.ts';
import type { CorefileArtefact } from '../scenario/artefacts.ts';
import { type Path, readYaml, type YamlDocument } from '../scenario/document.ts';

/**
 * The Corefiles of a manifest: a ConfigMap, several of them after `---`, or a List as `kubectl get cm … -o yaml` prints
 * it. A problem when there is none.
 */
export function corefilesIn(source: Source): CorefileArtefact[] | Problem {
  const problems: Problem[] = [];
  const found: CorefileArtefact[] = [];
  for (const part of documentsOf(source)) {
    const document = readYaml(part, problems);
    if (document === undefined) continue;
    for (const path of mapsIn(document)) {
      const corefile = document.textAt([...path, 'data', 'Corefile']);
      if (corefile !== undefined)
        found.push({ corefile, files: otherFiles(valueAt(document.value, [...path, 'data'])) });
    }
  }
  const [first] = problems;
  if (first !== undefined) return first;
  if (found.length > 0) return found;
  const hint = 'a ConfigMap for CoreDNS holds the text under data: Corefile: |';
  return {
    code: 'no-corefile',
    file: source.file,
    line: 1,
    column: 1,
    message: 'the manifest holds no data.Corefile',
    hint,
  };
}

/** The documents of a YAML stream, each with the line numbers of the whole. */
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

function mapsIn(document: YamlDocument): Path[] {
  const items = valueAt(document.value, ['items']);
  return Array.isArray(items) ? items.map((_, i) => ['items', i]) : [[]];
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([key]) => key === String(step))?.[1];
  }
  return value;
}

function otherFiles(data: unknown): Record<string, string> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data).filter(
      (entry): entry is [string, string] => entry[0] !== 'Corefile' && typeof entry[1] === 'string',
    ),
  );
}
