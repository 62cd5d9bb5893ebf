// Writes the README's table of incidents out of reports/*/summary.json: what came of each, why, and what its cure makes of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { galleryTable, withTable } from '../test/readme/gallery.ts';

writeFileSync('README.md', withTable(readFileSync('README.md', 'utf8'), galleryTable()));
