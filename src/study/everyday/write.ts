import { readInput } from '../../check/input.ts';
import { kindNames } from '../../check/kind.ts';
import type { Problem, Source } from '../../problem/problem.ts';
import { rewrite } from '../../scenario/changes/rewrite.ts';
import type { Files } from '../../scenario/files.ts';
import { loadScenario } from '../../scenario/load.ts';
import { everydayAround } from './everyday.ts';
import { isOfNodeCache, nodeCacheChanges } from './node-cache.ts';

/** The files of an everyday cluster that are others around a Corefile, by name, and how they were fitted: a sentence each. */
export interface WrittenAround {
  readonly files: ReadonlyMap<string, string>;
  readonly said: readonly string[];
}

/** Paths of what the cluster runs; absent: the everyday one. */
export interface RunsIn {
  readonly corefile: string | undefined;
  readonly nodeLocal: string | undefined;
}

/** Writes the everyday cluster around Corefiles or ConfigMaps. `scenario`: the text of the cluster's own scenario file. */
export function writtenAround(
  { corefile, nodeLocal }: RunsIn,
  { everyday, scenario }: { readonly everyday: string; readonly scenario: string },
  files: Files,
): WrittenAround | Problem {
  const [own, ofNodes] = [corefile, nodeLocal].map((path) => (path === undefined ? undefined : readOne(path, files)));
  if (own !== undefined && 'code' in own) return own;
  if (ofNodes !== undefined && 'code' in ofNodes) return ofNodes;
  if (own !== undefined && isOfNodeCache(own.text)) {
    const message = 'this is a Corefile of NodeLocal DNSCache';
    return {
      ...at(own.file),
      code: 'wrong-kind',
      message,
      hint: `give it as --node-local ${own.file}, beside CoreDNS's`,
    };
  }
  const around = everydayAround(own === undefined ? [] : [own], loadScenario(everyday, files));
  const nodeCache = ofNodes === undefined ? [] : nodeCacheChanges(ofNodes, './node-local.Corefile');
  const written = rewrite('scenario.yaml', scenario, [...around.changes, ...nodeCache]);
  if (own !== undefined) written.set('Corefile', own.text);
  if (ofNodes !== undefined) written.set('node-local.Corefile', ofNodes.text);
  return { files: written, said: around.said };
}

function readOne(path: string, files: Files): Source | Problem {
  const looked = readInput(path, files, undefined);
  if ('code' in looked && looked.code !== 'unknown-kind') return looked;
  if ('kind' in looked && looked.kind !== 'corefile' && looked.kind !== 'configmap') {
    const message = looked.source.text === '' ? 'this is a directory' : `this is a ${kindNames[looked.kind]}`;
    return { ...at(path), code: 'wrong-kind', message, hint: '' };
  }
  const input = readInput(path, files, 'corefile');
  return 'kind' in input ? input.source : input;
}

const at = (file: string) => ({ file, line: 1, column: 1 });
