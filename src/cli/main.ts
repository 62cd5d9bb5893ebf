import { version } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import { ownTerminal, type Terminal } from './terminal.ts';

async function main(terminal: Terminal): Promise<ExitCode> {
  const request = parseArguments(process.argv.slice(2), version);
  switch (request.kind) {
    case 'print':
      terminal.print(request.text);
      return exitCode.fine;
    case 'mistakes':
      for (const mistake of request.mistakes) terminal.complain(`dnspath: ${mistake}`);
      terminal.complain(`Try '${request.help}'.`);
      return exitCode.badInput;
    case 'command':
      return request.command.execute(request.given, terminal);
  }
}

const terminal = ownTerminal();
main(terminal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const trace = error instanceof Error ? error.stack : String(error);
    terminal.complain(`dnspath: this is a defect of dnspath, not of your input. Please report it with:\n${trace}`);
    process.exitCode = exitCode.defect;
  },
);
