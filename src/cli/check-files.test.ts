import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

const place = mkdtempSync(join(tmpdir(), 'dnspath-check-'));
const good = join(place, 'Corefile');
const bad = join(place, 'bad.Corefile');
writeFileSync(good, '. {\n  errors\n  cache 30\n  forward . 192.0.2.53\n}\n');
writeFileSync(bad, '. {\n  errors\n  cache 30s\n  forward . 192.0.2.53\n}\n');
afterAll(() => rmSync(place, { recursive: true }));

async function check(...words: readonly string[]) {
  const terminal = new CaughtTerminal();
  const code = await executeLine(['check', ...words], terminal);
  return { code, printed: terminal.shown, complaints: terminal.complaints };
}

test('exit codes: 0 fine, 1 errors, 2 what cannot be read, and the rest is checked all the same', async () => {
  expect(await check(good)).toMatchObject({ code: 0, complaints: '' });
  expect(await check(bad)).toMatchObject({ code: 1, complaints: '' });
  const mixed = await check(good, join(place, 'nowhere'));
  expect(mixed.code).toBe(2);
  expect(mixed.complaints).toContain('there is no such file');
  expect(mixed.printed).toContain('starts with this Corefile');
});

test('JSON and SARIF are nothing but that, also where a file cannot be read', async () => {
  const json = await check(bad, join(place, 'nowhere'), '--format', 'json');
  expect(JSON.parse(json.printed)).toMatchObject({ errors: 1, unreadable: [{ code: 'missing-file' }] });
  const sarif = await check(bad, '--format', 'sarif');
  expect(JSON.parse(sarif.printed)).toMatchObject({ version: '2.1.0' });
});

test.each([
  [[], 'check needs a file'],
  [[good, '--format', 'xml'], '--format xml is none of text, json, sarif'],
  [[good, '--to', '1.12.1'], '--to needs --from'],
  [[good, '--from', '1.9.3', '--to', '1.12.1', '--release', '1.12.1'], '--to and --release'],
  [[good, '--release', '1.11.9'], 'CoreDNS 1.11.9 is not modelled'],
  [[good, '--kind', 'zonefile'], '--kind zonefile is none of'],
])('wrong usage %j: %s', async (words, complaint) => {
  const { code, complaints } = await check(...words);
  expect(code).toBe(2);
  expect(complaints).toContain(complaint);
});
