import { isMainThread } from 'node:worker_threads';
import { executeLine } from './execute-line.ts';
import { exitCode } from './exit-code.ts';
import { ownTerminal } from './terminal.ts';

if (isMainThread) main();
else void import('./worker.ts');

function main(): void {
  const terminal = ownTerminal();
  executeLine(process.argv.slice(2), terminal, new URL(import.meta.url)).then(
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
