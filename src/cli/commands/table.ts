import { checkCommand } from './check.ts';
import type { Command } from './command.ts';
import { compareCommand } from './compare.ts';
import { explainCommand } from './explain.ts';
import { runCommand } from './run.ts';

/** Every command, in the order of `dnspath --help`. */
export const commands: readonly Command[] = [runCommand, compareCommand, checkCommand, explainCommand];
