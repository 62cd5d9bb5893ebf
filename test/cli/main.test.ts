import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

function dnspath(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--no-warnings', 'src/cli/main.ts', ...words],
    { encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

test('mistakes on the command line end with 2, on standard error, in a line each', () => {
  expect(dnspath('rnu', '--quite')).toEqual({
    status: 2,
    stdout: '',
    stderr: [
      'dnspath: unknown command rnu; did you mean run?',
      'dnspath: unknown option --quite; did you mean --quiet?',
      "Try 'dnspath --help'.",
      '',
    ].join('\n'),
  });
});

test('a scenario that is not there ends with 2 and no stack trace', () => {
  const { status, stdout, stderr } = dnspath('run', 'no/such/scenario');
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe(
    [
      'no/such/scenario:1:1: there is no such file or directory',
      '  name a directory with a scenario.yaml, or the file itself',
      '1 problem; nothing was run, nothing was written.',
      '',
    ].join('\n'),
  );
});
