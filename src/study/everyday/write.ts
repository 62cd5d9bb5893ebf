import { readInput } from '../../check/input.ts';
import { kindNames } from '../../check/kind.ts';
import type { Problem } from '../../problem/problem.ts';
import { rewrite } from '../../scenario/changes/rewrite.ts';
import type { Files } from '../../scenario/files.ts';
import { loadScenario } from '../../scenario/load.ts';
import { everydayAround } from './everyday.ts';

/** The files of an everyday cluster that are others around a Corefile, by name, and how they were fitted: a sentence each. */
export interface WrittenAround {
  readonly files: ReadonlyMap<string, string>;
  readonly said: readonly string[];
}

/** Writes the everyday cluster around a Corefile or ConfigMap. `scenario`: the text of the cluster's own scenario file. */
export function writtenAround(
  corefile: string,
  { everyday, scenario }: { readonly everyday: string; readonly scenario: string },
  files: Files,
): WrittenAround | Problem {
  const looked = readInput(corefile, files, undefined);
  if ('kind' in looked && looked.kind !== 'corefile' && looked.kind !== 'configmap') {
    const message = looked.source.text === '' ? 'this is a directory' : `this is a ${kindNames[looked.kind]}`;
    return { code: 'wrong-kind', file: corefile, line: 1, column: 1, message, hint: '' };
  }
  const input = readInput(corefile, files, 'corefile');
  if (!('kind' in input)) return input;
  const { changes, said } = everydayAround([input.source], loadScenario(everyday, files));
  return { files: rewrite('scenario.yaml', scenario, changes).set('Corefile', input.source.text), said };
}
