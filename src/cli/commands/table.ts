import { checkCommand } from './check.ts';
import type { Command } from './command.ts';
import { compareCommand } from './compare.ts';
import { explainCommand } from './explain.ts';
import { initCommand } from './init.ts';
import { lookupCommand } from './lookup.ts';
import { runCommand } from './run.ts';
import { schemaCommand } from './schema.ts';

/** Every command, in the order of `dnspath --help`. */
export const commands: readonly Command[] = [
  runCommand,
  compareCommand,
  checkCommand,
  explainCommand,
  lookupCommand,
  initCommand,
  schemaCommand,
];
