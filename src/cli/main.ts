#!/usr/bin/env node
import { version } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { ownTerminal, type Terminal } from './terminal.ts';

async function main(terminal: Terminal): Promise<ExitCode> {
  const command = parseArguments(process.argv.slice(2), version);
  switch (command.kind) {
    case 'print':
      terminal.print(command.text);
      return exitCode.fine;
    case 'mistakes':
      for (const mistake of command.mistakes) terminal.complain(`dnspath: ${mistake}`);
      terminal.complain(`Try '${command.help}'.`);
      return exitCode.badInput;
    case 'run': {
      const { runCommand } = await import('./run-command.ts');
      return runCommand(command, terminal);
    }
  }
}

const terminal = ownTerminal();
try {
  process.exitCode = await main(terminal);
} catch (error) {
  const trace = error instanceof Error ? error.stack : String(error);
  terminal.complain(`dnspath: this is a defect of dnspath, not of your input. Please report it with:\n${trace}`);
  process.exitCode = exitCode.defect;
}
