// Runs the built command once and keeps what V8 compiled meanwhile beside it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const root = fileURLToPath(new URL('..', import.meta.url));
const place = mkdtempSync(join(tmpdir(), 'dnspath-build-'));
process.argv.splice(
  2,
  Number.POSITIVE_INFINITY,
  'run',
  ...['a-record-failover', 'pod-restart-fixed-port', 'udp-truncation'].map((name) => join(root, 'scenarios', name)),
  '--quiet',
  '--no-charts',
  '--jobs', // what a thread of its own compiles is not this script's
  '1',
  '--out',
  place,
);
setFlagsFromString('--no-flush-bytecode');
const { script, cacheFile } = await import('../dist/cli/main.js');
process.on('exit', () => {
  // Whether scenarios are as expected is not the build's business.
  process.exitCode = 0;
  // V8 takes only what was kept under its usual settings.
  setFlagsFromString('--flush-bytecode');
  writeFileSync(cacheFile, script.createCachedData());
  rmSync(place, { recursive: true });
});
