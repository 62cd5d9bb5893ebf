import { expect, test } from 'vitest';
import { ColumnStore } from '../engine/columns.ts';
import type { Process } from '../engine/process.ts';
import { Recorder } from '../engine/recorder.ts';
import { Simulation } from '../engine/simulation.ts';
import type { LookupResult } from './lookup.ts';
import { Program, type ProgramName } from './program.ts';

/** As these programs printed it on Debian 12. */
test.each<[ProgramName, string, string, string]>([
  [
    'python',
    'EAI_AGAIN',
    'Temporary failure in name resolution',
    'socket.gaierror: [Errno -3] Temporary failure in name resolution',
  ],
  [
    'python',
    'EAI_NODATA',
    'No address associated with hostname',
    'socket.gaierror: [Errno -5] No address associated with hostname',
  ],
  [
    'php',
    'EAI_NONAME',
    'Name or service not known',
    'php_network_getaddresses: getaddrinfo for db.test failed: Name or service not known',
  ],
  ['curl', 'EAI_AGAIN', 'Temporary failure in name resolution', 'curl: (6) Could not resolve host: db.test'],
  ['wget', 'EAI_NONAME', 'Name or service not known', 'failed: Name or service not known.'],
])('%s of %s', (program, result, printed, words) => {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const inner = {
    // biome-ignore lint/correctness/useYield: it fails at once
    *lookup(): Process<LookupResult> {
      return { result, addresses: [], printed, errno: 0 };
    },
    rewriteResolvConf() {},
  };
  let seen = '';
  simulation.spawn(
    (function* (): Process {
      seen = (yield* new Program(inner, program).lookup({ name: 'db.test', family: 'any' }, 0)).printed;
    })(),
  );
  simulation.run(1);
  expect(seen).toBe(words);
});
