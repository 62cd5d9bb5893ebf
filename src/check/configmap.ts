import type { Problem, Source } from '../problem/problem.ts';
import type { CorefileArtefact } from '../scenario/artefacts.ts';
import { configMapsIn, mounted, noCorefile } from '../scenario/manifests.ts';

/** What a manifest brings. */
export interface Manifest {
  readonly corefiles: readonly CorefileArtefact[];
  /** Keys of ConfigMaps without a Corefile, such as coredns-custom, as the files that CoreDNS sees. */
  readonly custom: Readonly<Record<string, string>>;
}

/** ConfigMaps, with a Corefile or with additions to one; a problem for anything else. */
export function readManifest(source: Source): Manifest | Problem {
  const problems: Problem[] = [];
  const all = configMapsIn(source, problems) ?? [];
  const [first] = problems;
  if (first !== undefined) return first;
  const additions = all.filter(({ corefile }) => corefile === undefined);
  const custom = Object.assign({}, ...additions.map(({ data }) => mounted(data, 'custom')));
  const corefiles = all.flatMap(({ corefile, data }) =>
    corefile === undefined ? [] : [{ corefile, files: { ...custom, ...mounted(data, 'own') } }],
  );
  if (corefiles.length > 0 || Object.keys(custom).length > 0) return { corefiles, custom };
  return noCorefile({ file: source.file, line: 1, column: 1 });
}
