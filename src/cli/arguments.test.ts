import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';

const parse = (line: string) => parseArguments(line === '' ? [] : line.split(' '), '1.2.3');

describe('parseArguments', () => {
  test('run with every option', () => {
    const line = 'run a b/scenario.yaml --seed 007 --out=/tmp/x --check-determinism --quiet --json --no-charts';
    expect(parse(line)).toEqual({
      kind: 'run',
      scenarios: ['a', 'b/scenario.yaml'],
      seed: '007',
      out: '/tmp/x',
      checkDeterminism: true,
      quiet: true,
      json: true,
      charts: false,
    });
  });

  test('run with no option', () => {
    expect(parse('run a')).toEqual({
      kind: 'run',
      scenarios: ['a'],
      seed: undefined,
      out: undefined,
      checkDeterminism: false,
      quiet: false,
      json: false,
      charts: true,
    });
  });

  test('words after -- are scenarios', () => {
    expect(parse('run a -- -b')).toMatchObject({ scenarios: ['a', '-b'] });
  });

  test.each([
    ['', ['a command is missing']],
    ['rnu x', ['unknown command rnu; did you mean run?']],
    ['deploy x', ['unknown command deploy']],
    ['run', ['run needs a scenario: a directory with a scenario.yaml, or such a file']],
    ['run x --sed 5', ['unknown option --sed; did you mean --seed?']],
    ['run x --no-chart', ['unknown option --no-chart; did you mean --no-charts?']],
    ['run x -z --foobar', ['unknown option -z', 'unknown option --foobar']],
    ['run x --seed --quiet', ['--seed needs a value']],
    ['run x --out a --out b', ['--out is given more than once']],
    ['--quiet run x', ['the command comes first: dnspath run …']],
    ['rnu x --quite', ['unknown command rnu; did you mean run?', 'unknown option --quite; did you mean --quiet?']],
  ])('mistakes of "%s", all at once', (line, mistakes) => {
    expect(parse(line)).toMatchObject({ kind: 'mistakes', mistakes });
  });

  test.each(['--help', 'run --help', 'help'])('%s fits 80 columns', (line) => {
    const command = parse(line);
    expect(command.kind).toBe('print');
    const text = command.kind === 'print' ? command.text : '';
    expect(text).toContain('dnspath run');
    expect(text.split('\n').filter((row) => row.length > 80)).toEqual([]);
  });

  test('--version', () => {
    expect(parse('--version')).toEqual({ kind: 'print', text: '1.2.3' });
  });
});
