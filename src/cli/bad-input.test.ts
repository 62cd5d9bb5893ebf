import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

const terminal = new CaughtTerminal();
const home = process.cwd();
const place = mkdtempSync(join(tmpdir(), 'dnspath-bad-'));
const before: string[] = [];

beforeAll(() => {
  cpSync('starter', join(place, 'mine'), { recursive: true });
  process.chdir(place);
  const starter = readFileSync('mine/scenario.yaml', 'utf8');
  writeFileSync('mine/huge.yaml', starter.replace(/duration: .*/, 'duration: 99999999999999999999s'));
  writeFileSync('mine/often.yaml', starter.replace(/every: [^ ]+/, 'every: 1us'));
  writeFileSync('mine/seed.yaml', starter.replace(/seed: .*/, 'seed: 1e400'));
  writeFileSync(
    'binary',
    Uint8Array.from({ length: 256 }, (_, i) => i),
  );
  writeFileSync('empty', '');
  symlinkSync('loop', 'loop');
  const captured = '12:00:00.000000 IP 10.0.0.1.53000 > 10.0.0.2.53: 1+ A? a.b. (21)\n';
  writeFileSync('captured', captured);
  mkdirSync('report');
  writeFileSync('report/summary.json', '{');
  before.push(...readdirSync('.', { recursive: true, encoding: 'utf8' }).sort());
});
afterAll(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});
beforeEach(() => terminal.clear());

const long = 'x'.repeat(300);

test.each([
  ['run loop', 'loop:1:1: there is no such file or directory\n  name a directory with a scenario.yaml'],
  ['run empty/x', 'empty/x:1:1: there is no such file or directory'],
  [`run ${long}`, `${long}:1:1: there is no such file or directory`],
  ['run binary', 'binary:1:1: this is not a text\n  give it as plain text in UTF-8'],
  ['run empty', 'empty:1:1: there is nothing in this file\n  begin with title'],
  ['run mine/huge.yaml', 'duration "99999999999999999999s" is more than ten years\n'],
  ['run mine/often.yaml', 'every 1us for 5m is 300000000 lookups, more than 10000000\n'],
  ['run mine/seed.yaml', 'seed must be a whole number or a text, not the number Infinity\n'],
  ['run mine --seed', '--seed needs a value'],
  ['run mine --out loop', 'cannot write to loop/: a symbolic link leads to itself; choose another place with --out'],
  ['run mine --out empty/x', 'cannot write to empty/x/: a file is in the way; choose another place with --out'],
  [`run mine --out ${long}`, `cannot write to ${long}/: the name is too long; choose another place with --out`],
  ['explain loop', 'loop:1:1: there is no such file or directory'],
  ['explain report', 'report/summary.json is not what dnspath run writes; name the scenario itself'],
  ['check loop', 'loop:1:1: there is no such file, or it cannot be read\n  name a file that you can read'],
  ['check binary', 'binary:1:1: this is not a text\n  give it as plain text in UTF-8'],
  ['compare mine loop', 'loop:1:1: there is no such file'],
  ['compare mine --corefile loop', '--corefile:1:1: loop does not exist'],
  ['compare mine --corefile binary', 'binary:1:1: this is not a text'],
  ['lookup a..b', 'NAME:1:1: "a..b" is not a domain name\n  a..b\n  ^\n  labels of at most 63'],
  ['lookup x --pod-namespace A_B', '--pod-namespace:1:1: "A_B" is not a name\n  A_B\n  ^\n  use lower-case letters'],
  [`lookup ${'abc.'.repeat(70)}`, '\n1 problem; nothing was looked up.\n'],
  ['lookup x --corefile binary', 'binary:1:1: this is not a text'],
  ['lookup x --corefile mine', '--corefile:1:1: mine is a directory'],
  ['lookup x --resolv-conf binary', 'binary:1:1: this is not a text'],
  ['init empty/x', 'cannot write to empty/x/: a file is in the way; name another directory'],
  ['init mine', 'already: nothing was written; name another directory'],
  ['init new --corefile loop', 'there is no such file, or it cannot be read; name a file that you can read'],
  ['init new --corefile captured', 'dnspath: --corefile captured: this is what `tcpdump` prints; put what happened'],
  ['schema loop', 'cannot write loop: a symbolic link leads to itself; name another file'],
])('%s', async (line, complaint) => {
  expect(await executeLine(line.split(' '), terminal)).toBe(2);
  expect(terminal.complaints).toContain(complaint);
  expect(terminal.shown).toBe('');
  expect(readdirSync('.', { recursive: true, encoding: 'utf8' }).sort()).toEqual(before);
});
