import { expect, test } from 'vitest';
import { executeLine } from './execute-line.ts';
import { CaughtTerminal } from './testing/caught-terminal.ts';

test('mistakes on the command line end with 2, on standard error, in a line each', async () => {
  const terminal = new CaughtTerminal();
  expect(await executeLine(['rnu', '--quite'], terminal)).toBe(2);
  expect(terminal.shown).toBe('');
  expect(terminal.complaints).toBe(
    [
      'dnspath: unknown command rnu; did you mean run?',
      'dnspath: unknown option --quite; did you mean --quiet?',
      "Try 'dnspath --help'.",
      '',
    ].join('\n'),
  );
});

test('help is what was asked for', async () => {
  const terminal = new CaughtTerminal();
  expect(await executeLine(['--help'], terminal)).toBe(0);
  expect(terminal.complaints).toBe('');
  expect(terminal.shown).toContain('dnspath run');
});
