import { version } from '../version.ts';
import { parseArguments } from './arguments.ts';
import { type ExitCode, exitCode } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/**
 * Does what the words after `dnspath` ask for: help, a complaint about them, or a command. `program`: what starts a
 * thread of this program; undefined: everything is done in this one.
 */
export async function executeLine(words: readonly string[], terminal: Terminal, program?: URL): Promise<ExitCode> {
  const request = parseArguments(words, version);
  switch (request.kind) {
    case 'print':
      terminal.print(request.text);
      return exitCode.fine;
    case 'mistakes':
      for (const mistake of request.mistakes) terminal.complain(`dnspath: ${mistake}`);
      terminal.complain(`Try '${request.help}'.`);
      return exitCode.badInput;
    case 'command':
      return await request.command.execute(request.given, terminal, program);
  }
}
