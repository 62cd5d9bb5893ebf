import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('a scenario that is not there ends with 2 and no stack trace', () => {
  const words = [
    '--import',
    './test/support/typescript.mjs',
    '--no-warnings',
    'src/cli/main.ts',
    'run',
    'no/such/scenario',
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
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
