import type { Command } from './command.ts';
import { runCommand } from './run.ts';

/** Every command, in the order of `dnspath --help`. */
export const commands: readonly Command[] = [runCommand];
