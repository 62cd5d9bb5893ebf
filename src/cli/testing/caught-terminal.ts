import type { Terminal } from '../terminal.ts';

/** A terminal that keeps what is printed on it. */
export class CaughtTerminal implements Terminal {
  /** Standard output since the last `clear`, a line feed after each text. */
  shown = '';
  /** The same of standard error. */
  complaints = '';
  /** Both, in the order of their coming. */
  both = '';
  readonly colour = false;

  print(text: string): void {
    this.shown += `${text}\n`;
    this.both += `${text}\n`;
  }

  complain(text: string): void {
    this.complaints += `${text}\n`;
    this.both += `${text}\n`;
  }

  clear(): void {
    this.shown = '';
    this.complaints = '';
    this.both = '';
  }
}
