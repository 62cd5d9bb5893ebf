import type { Problems, Source } from '../problem/problem.ts';
import type { ArtefactReader } from './artefacts.ts';
import { type EmbeddedText, withIndent } from './document.ts';
import type { ScenarioFile } from './schema/scenario.ts';

/** A scenario whose texts are being read, and what is found in them. */
export interface Reading {
  readonly file: ScenarioFile;
  readonly reader: ArtefactReader;
  /** What is odd. */
  readonly remarks: Problems;
  /** What is wrong. */
  readonly problems: Problems;
}

/** Checks a text; what it finds is put where it stands in the file. */
export function checked(
  text: EmbeddedText,
  { remarks, problems }: Pick<Reading, 'remarks' | 'problems'>,
  check: (source: Source, odd: Problems, wrong: Problems) => void,
): void {
  withIndent(text, remarks, (source, odd) => {
    withIndent(text, problems, (_, wrong) => check(source, odd, wrong));
  });
}
