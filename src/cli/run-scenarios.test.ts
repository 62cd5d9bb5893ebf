import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

let place: string;
const terminal = new CaughtTerminal();

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'dnspath-run-'));
});
afterAll(() => rmSync(place, { recursive: true }));
beforeEach(() => terminal.clear());

const run = (...words: string[]) => executeLine(['run', ...words], terminal);

/** A copy of a bundled scenario, made short, with a change in its scenario.yaml. */
function scenario(name: string, change: (text: string) => string = (text) => text): string {
  const directory = join(place, name);
  cpSync('scenarios/a-record-failover', directory, { recursive: true });
  const file = join(directory, 'scenario.yaml');
  const short = readFileSync(file, 'utf8')
    .replace('duration: 3m', 'duration: 70s')
    .replace(/, every: 1s }/g, ', every: 10s }')
    .replace(/^(expect|lesson|remedy):.*/ms, 'expect:\n  - { workload: app-redis, failures: 0 }\n');
  writeFileSync(file, change(short));
  return directory;
}

describe('bad input ends with 2, says what is wrong and leaves nothing behind', () => {
  test('neither file nor directory, and a directory without a scenario', async () => {
    mkdirSync(join(place, 'empty'));
    const out = join(place, 'nothing');
    expect(await run(join(place, 'absent'), join(place, 'empty'), '--out', out)).toBe(2);
    expect(terminal.complaints).toContain(`${join(place, 'absent')}:1:1: there is no such file or directory`);
    expect(terminal.complaints).toContain(`${join(place, 'empty')}:1:1: the directory holds no scenario.yaml`);
    expect(terminal.complaints).toContain('2 problems; nothing was run, nothing was written.');
    expect(existsSync(out)).toBe(false);
    expect(terminal.shown).toBe('');
  });

  test('all mistakes of all scenarios at once, each with its line and a caret', async () => {
    const first = scenario('typo', (text) => text.replace('duration:', 'duratoin:'));
    const second = scenario('unit', (text) => text.replace('every: 10s', 'every: 5'));
    const out = join(place, 'nothing');
    expect(await run(first, second, '--out', out)).toBe(2);
    expect(terminal.complaints).toMatch(/typo\/scenario\.yaml:\d+:1: .*duratoin/);
    expect(terminal.complaints).toContain('did you mean duration?');
    expect(terminal.complaints).toMatch(/unit\/scenario\.yaml:\d+:\d+: /);
    expect(terminal.complaints).toMatch(/^ +\^$/m);
    expect(terminal.complaints.split('\n').filter((line) => line.includes('    at '))).toEqual([]);
    expect(existsSync(out)).toBe(false);
  });

  test('captures that there are not, beside mistakes in the scenario', async () => {
    const typo = scenario('typo', (text) => text.replace('duration:', 'duratoin:'));
    const out = join(place, 'nothing');
    expect(await run(typo, '--capture', 'tcpdmp, conntrack', '--capture', 'pcapng', '--out', out)).toBe(2);
    expect(terminal.complaints).toContain('dnspath: unknown capture "tcpdmp"; did you mean tcpdump?\n');
    expect(terminal.complaints).toContain(
      'dnspath: unknown capture "pcapng"; captures: conntrack, iptables, tcpdump, coredns-log, coredns-metrics\n',
    );
    expect(terminal.complaints).toContain('did you mean duration?');
    expect(existsSync(out)).toBe(false);
  });

  test('an output directory that cannot be', async () => {
    const directory = scenario('no-place');
    const before = readdirSync(place);
    writeFileSync(join(place, 'file'), '');
    expect(await run(directory, '--out', join(place, 'file/report'))).toBe(2);
    expect(terminal.complaints).toBe(
      `dnspath: cannot write to ${join(place, 'file/report')}/: a file is in the way; choose another place with --out\n`,
    );
    rmSync(join(place, 'file'));
    expect(readdirSync(place)).toEqual(before);
  });

  test('two scenarios of one name', async () => {
    const first = scenario('one/same');
    const second = scenario('two/same');
    expect(await run(first, second, '--out', join(place, 'twins'))).toBe(2);
    expect(terminal.complaints).toContain('would both write to');
    expect(existsSync(join(place, 'twins'))).toBe(false);
  });
});

describe('a run', () => {
  test('prints its verdict in 80 columns and writes the report', async () => {
    const out = join(place, 'report');
    expect(await run(scenario('fine'), '--out', out, '--no-charts')).toBe(0);
    expect(terminal.shown.split('\n').filter((line) => line.length > 80 && !line.includes(out))).toEqual([]);
    expect(terminal.shown).toContain(out);
    expect(readdirSync(out).sort()).toEqual(['events.jsonl', 'summary.json', 'timeline.csv']);
    expect(terminal.complaints).toBe('');
  });

  test('of several scenarios writes a directory for each', async () => {
    const out = join(place, 'several');
    expect(await run(scenario('a'), scenario('b'), '--out', out, '--no-charts', '--quiet')).toBe(0);
    expect(readdirSync(out).sort()).toEqual(['a', 'b']);
    expect(terminal.shown).toBe('');
  });

  test('ends with 1 and says why when an expectation is not met, even when quiet', async () => {
    const directory = scenario('unmet', (text) => `${text}  - { workload: app-redis, failures: 7 }\n`);
    expect(await run(directory, '--out', join(place, 'unmet-report'), '--no-charts', '--quiet')).toBe(1);
    expect(terminal.shown).toContain('NOT MET');
  });

  test('as JSON is the summary on one line', async () => {
    const out = join(place, 'json');
    expect(await run(scenario('json-case'), '--out', out, '--no-charts', '--json')).toBe(0);
    expect(terminal.shown.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(terminal.shown)).toEqual(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')));
  });

  test('writes what tools on the nodes print, when asked for', async () => {
    const out = join(place, 'captured');
    const words = [
      '--out',
      out,
      '--no-charts',
      '--quiet',
      '--capture',
      'conntrack,tcpdump',
      '--capture',
      'coredns-log',
    ];
    expect(await run(scenario('captured-case'), ...words)).toBe(0);
    expect(readdirSync(out)).toEqual(expect.arrayContaining(['conntrack.txt', 'tcpdump.txt', 'coredns.log']));
    expect(readFileSync(join(out, 'tcpdump.txt'), 'utf8')).toMatch(/A\? redis\.example\.com\./);
  });

  test('with another seed says so', async () => {
    const words = ['--out', join(place, 'seed'), '--no-charts', '--json', '--seed', 'another'];
    expect(await run(scenario('seeded'), ...words)).toBe(0);
    expect(JSON.parse(terminal.shown).seed).toBe('another');
  });

  test('twice writes the same bytes, and says so', async () => {
    const words = ['--out', join(place, 'twice'), '--check-determinism'];
    expect(await run(scenario('repeated'), ...words)).toBe(0);
    expect(terminal.shown).toContain('two runs wrote the same bytes: summary.json, timeline.csv, events.jsonl, ');
  });
});
