import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { withOutputsOf } from '../test/docs/tutorial.ts';

// Writes what the commands of the tutorials and of the questions print today into docs/.
for (const name of readdirSync('docs').filter((file) => /^(tutorial.*|questions)\.md$/.test(file))) {
  writeFileSync(`docs/${name}`, await withOutputsOf(readFileSync(`docs/${name}`, 'utf8')));
}
