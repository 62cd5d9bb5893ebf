import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { disk } from '../../src/cli/disk.ts';
import { loadScenario, run } from '../../src/index.ts';
import { verdictText } from '../../src/report/text.ts';
import { galleryTable, withTable } from './gallery.ts';

const readme = readFileSync('README.md', 'utf8');

test('what the README shows is what the tool prints', () => {
  const shown = [...readme.matchAll(/```text\n(.*?)```/gs)].map(([, text]) => text);
  const finished = run(loadScenario('scenarios/a-record-failover', disk));
  const printed = verdictText(finished, { colour: false, directory: undefined, files: [] });
  expect(shown).toHaveLength(1);
  expect(printed).toContain(shown[0]);
});

test('the table of incidents is that of the committed reports (npm run docs writes it)', () => {
  expect(withTable(readme, galleryTable())).toBe(readme);
});

test('what the README links to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path ?? '');
  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
