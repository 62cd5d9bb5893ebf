import type { Problem, Source } from '../problem/problem.ts';
import { type CorefileArtefact, manifestsIn, mounted } from '../scenario/artefacts.ts';
import { type EmbeddedText, readYaml } from '../scenario/document.ts';

/** What a manifest brings. */
export interface Manifest {
  readonly corefiles: readonly CorefileArtefact[];
  /** Keys of ConfigMaps without a Corefile, such as coredns-custom, as the files that CoreDNS sees. */
  readonly custom: Readonly<Record<string, string>>;
}

/** A ConfigMap, several of them after `---`, or a List as `kubectl get cm … -o yaml` prints it; a problem for anything else. */
export function readManifest(source: Source): Manifest | Problem {
  const problems: Problem[] = [];
  const custom: Record<string, string> = {};
  const found: { readonly corefile: EmbeddedText; readonly own: Readonly<Record<string, string>> }[] = [];
  for (const part of documentsOf(source)) {
    const document = readYaml(part, problems);
    if (document === undefined) continue;
    for (const { path, data } of manifestsIn(document.value)) {
      const corefile = document.textAt([...path, 'data', 'Corefile']);
      if (corefile === undefined) Object.assign(custom, mounted(data, 'custom'));
      else found.push({ corefile, own: mounted(data, 'own') });
    }
  }
  const [first] = problems;
  if (first !== undefined) return first;
  const corefiles = found.map(({ corefile, own }) => ({ corefile, files: { ...custom, ...own } }));
  if (corefiles.length > 0 || Object.keys(custom).length > 0) return { corefiles, custom };
  const hint = 'a ConfigMap for CoreDNS holds the text under data: Corefile: |';
  const message = 'the manifest holds no data.Corefile';
  return { code: 'no-corefile', file: source.file, line: 1, column: 1, message, hint };
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
