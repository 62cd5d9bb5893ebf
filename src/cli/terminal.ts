/** Where a command prints. */
export interface Terminal {
  /** To standard output. */
  print(text: string): void;
  /** To standard error. */
  complain(text: string): void;
  /** May standard output have colours? */
  readonly colour: boolean;
}

/** This process's own standard output and error. A reader that goes away early, such as `head`, is no mistake. */
export function ownTerminal(): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const { NO_COLOR: noColour = '', TERM: terminal } = process.env;
  return {
    print: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
    colour: process.stdout.isTTY === true && noColour === '' && terminal !== 'dumb',
  };
}
