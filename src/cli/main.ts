import { isMainThread } from 'node:worker_threads';
import { executeLine } from './execute-line.ts';
import { exitCode } from './exit-code.ts';
import { ownTerminal } from './terminal.ts';

// From the source, whose TypeScript no thread of its own could read, everything is done in this one.
const program = import.meta.url.endsWith('.ts') ? undefined : new URL(import.meta.url);

if (isMainThread) main();
else void import('./worker.ts');

function main(): void {
  const terminal = ownTerminal();
  executeLine(process.argv.slice(2), terminal, program).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      const trace = error instanceof Error ? error.stack : String(error);
      terminal.complain(`dnspath: this is a defect of dnspath, not of your input. Please report it with:\n${trace}`);
      process.exitCode = exitCode.defect;
    },
  );
}
