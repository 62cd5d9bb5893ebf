import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withOutputsOf } from '../test/docs/tutorial.ts';

// Writes what the commands of the tutorials print today into docs/tutorial*.md.
for (const name of readdirSync('docs').filter((file) => /^tutorial.*\.md$/.test(file))) {
  writeFileSync(`docs/${name}`, await withOutputsOf(readFileSync(`docs/${name}`, 'utf8')));
}
