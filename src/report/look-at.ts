import { hanging, type Styler } from './terminal.ts';

/** What was written beside the verdict. */
export interface Written {
  /** Where the report's files are, as the user would type it; absent: they were not written. */
  readonly directory: string | undefined;
  /** Names of those files. */
  readonly files: readonly string[];
}

/** The last lines of a verdict: where there is more to see. */
export function lookAt({ directory, files }: Written, style: Styler): string[] {
  if (directory === undefined) return [];
  return [`${style('bold', 'look at')}  ${directory}/`, ...hanging('  ', files.join(', '))];
}
