import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { agrees, markdownOf, partsOf, printedBy, type Shown } from './console.ts';

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
        shown.push({ command, output: agrees(output, printed) ? output : printed });
      }
      done.push({ kind: 'console', shown });
    }
    return markdownOf(done);
  } finally {
    process.chdir(home);
    rmSync(place, { recursive: true });
  }
}
