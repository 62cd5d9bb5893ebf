import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

let place: string;
const terminal = new CaughtTerminal();

beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), 'dnspath-explain-'));
  cpSync('scenarios/pod-restart-fixed-port', join(place, 'mine'), { recursive: true });
});
afterAll(() => rmSync(place, { recursive: true }));
beforeEach(() => terminal.clear());

const dnspath = (...words: string[]) => executeLine(words, terminal);

describe('explain', () => {
  test('tells a lookup, as text and as JSON', async () => {
    expect(await dnspath('explain', join(place, 'mine'), '--lookup', 'orders-redis/14')).toBe(0);
    expect(terminal.shown).toContain('orders-redis/14 failed (stuck-conntrack-entry)');
    expect(terminal.shown).toContain('conntrack  udp      17 30 src=10.42.0.33 dst=10.43.0.10');
    terminal.clear();
    expect(await dnspath('explain', join(place, 'mine'), '--lookup', 'orders-redis/14', '--json')).toBe(0);
    const { stories } = JSON.parse(terminal.shown);
    expect(stories).toMatchObject([
      {
        kind: 'asked',
        cause: 'stuck-conntrack-entry',
        lookups: ['orders-redis/14'],
        account: { start: 70.003, end: 75.003, verdict: 'failed', result: 'timeout' },
      },
    ]);
  });

  test.each([
    ['its seed', ['--seed', '7']],
    ['its seed, whatever was captured', ['--seed', '7', '--capture', 'tcpdump,conntrack']],
  ])('runs the scenario of a report again with %s', async (_what, words) => {
    const report = join(place, 'report');
    await dnspath('run', join(place, 'mine'), ...words, '--out', report, '--quiet', '--no-charts');
    terminal.clear();
    expect(await dnspath('explain', report, '--lookup', 'shop-redis/3')).toBe(0);
    expect(terminal.shown).toContain('seed 7,');
    expect(terminal.complaints).toBe('');
  });

  test('says so when the scenario is another one by now, or gone', async () => {
    const [scenario, report] = [join(place, 'changing'), join(place, 'older')];
    cpSync(join(place, 'mine'), scenario, { recursive: true });
    await dnspath('run', scenario, '--out', report, '--quiet', '--no-charts');
    const file = join(scenario, 'scenario.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('latency: 25us', 'latency: 30us'));
    expect(await dnspath('explain', report, '--slowest', '1')).toBe(0);
    expect(terminal.complaints).toBe(
      `dnspath: ${file} has changed since ${report} was written: this explains it as it is now.\n`,
    );
    rmSync(scenario, { recursive: true });
    terminal.clear();
    expect(await dnspath('explain', report)).toBe(2);
    expect(terminal.complaints).toBe(
      `dnspath: ${report} was made from ${file}, which is not there now; go to the directory where it was run, or name the scenario itself\n`,
    );
  });

  test.each([
    ['no JSON', '{'],
    ['nothing of ours', '[]'],
    ['no scenario', '{"seed": "1"}'],
  ])('refuses a summary.json with %s', async (name, text) => {
    const report = join(place, name);
    mkdirSync(report);
    writeFileSync(join(report, 'summary.json'), text);
    expect(await dnspath('explain', report)).toBe(2);
    expect(terminal.complaints).toMatch(/^dnspath: .*summary\.json .*; name the scenario itself\n$/);
    expect(terminal.shown).toBe('');
  });

  test('says everything that is wrong with a choice', async () => {
    expect(await dnspath('explain', join(place, 'mine'), '--workload', 'order-redis', '--lookup', 'x')).toBe(2);
    expect(terminal.complaints).toBe(
      'dnspath: --workload: there is no workload order-redis; did you mean orders-redis?\n' +
        'dnspath: --lookup: x is not a lookup; write WORKLOAD/NUMBER, as in timeline.csv\n',
    );
    expect(terminal.shown).toBe('');
  });

  test.each([
    [['explain'], ['explain takes one scenario or report; 0 are given']],
    [
      ['explain', 'a', 'b', '--slowest', 'all'],
      ['explain takes one scenario or report; 2 are given', '--slowest needs a number, such as 3'],
    ],
  ])('mistakes of %j', (words, mistakes) => {
    expect(parseArguments(words, '0.0.0')).toMatchObject({ kind: 'mistakes', mistakes });
  });
});
