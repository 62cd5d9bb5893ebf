import type { Command } from './command.ts';

/** `dnspath schema`: what a scenario file may hold. */
export const schemaCommand: Command = {
  name: 'schema',
  summary: 'Print the JSON Schema of scenario files, for editors',
  usage: `[FILE]

FILE is written in place of the terminal. An editor with a YAML language server
completes and checks a scenario whose first line is
# yaml-language-server: $schema=FILE`,
  options: {},
  examples: [['scenario.schema.json', 'writes it beside a scenario.yaml']],
  epilogue: 'Exit codes: 0 fine, 2 the file cannot be written.',
  mistakes: ({ words }) => (words.length > 1 ? ['schema takes one file'] : []),
  execute: async ({ words: [file] }, terminal) => {
    const { writeSchema } = await import('../write-starter.ts');
    return writeSchema(file, terminal);
  },
};
