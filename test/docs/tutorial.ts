import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { agrees, leftOut, markdownOf, partsOf, printedBy, type Shown } from './console.ts';

/**
 * A tutorial with what its commands print today; what it shows stays where it agrees with that. Its commands run one
 * after the other in an empty directory, beside the bundled scenarios.
 */
export async function withOutputsOf(markdown: string): Promise<string> {
  const [home, place] = [process.cwd(), mkdtempSync(join(tmpdir(), 'dnspath-tutorial-'))];
  symlinkSync(resolve('scenarios'), join(place, 'scenarios'));
  process.chdir(place);
  try {
    const parts = partsOf(markdown);
    const done: typeof parts = [];
    for (const part of parts) {
      if (part.kind === 'words') {
        done.push(part);
        continue;
      }
      const shown: Shown[] = [];
      for (const { command, output } of part.shown) {
        const printed = await printedBy(command);
        shown.push({ command, output: renewed(output, printed) });
      }
      done.push({ kind: 'console', shown });
    }
    return markdownOf(done);
  } finally {
    process.chdir(home);
    rmSync(place, { recursive: true });
  }
}

/** What is shown where that has changed: left out once, it is left out again between as many lines. */
function renewed(shown: readonly string[], printed: readonly string[]): readonly string[] {
  if (agrees(shown, printed)) return shown;
  const at = shown.indexOf(leftOut);
  if (at < 0 || at !== shown.lastIndexOf(leftOut)) return printed;
  const last = shown.length - at - 1;
  return [...printed.slice(0, at), leftOut, ...printed.slice(printed.length - last)];
}
