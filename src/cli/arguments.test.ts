import { describe, expect, test } from 'vitest';
import { parseArguments } from './arguments.ts';
import { commands } from './commands/table.ts';

const parse = (line: string) => parseArguments(line === '' ? [] : line.split(' '), '1.2.3');

describe('parseArguments', () => {
  test('words, texts and flags', () => {
    const request = parse('run a b/scenario.yaml --seed 007 --out=/tmp/x --quiet --quiet');
    if (request.kind !== 'command') throw new Error('no command');
    const { command, given } = request;
    expect(command.name).toBe('run');
    expect(given.words).toEqual(['a', 'b/scenario.yaml']);
    expect([given.text('seed'), given.text('out')]).toEqual(['007', '/tmp/x']);
    expect([given.flag('quiet'), given.flag('json')]).toEqual([true, false]);
  });

  test('words after -- are scenarios', () => {
    expect(parse('run a -- -b')).toMatchObject({ given: { words: ['a', '-b'] } });
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

test.each(commands)(
  'the help of $name is written for 80 columns: no line is broken a second time',
  ({ usage, epilogue }) => {
    for (const line of `${usage}\n${epilogue}`.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  },
);
