import { spawnSync } from 'node:child_process';
import { executeLine } from '../../src/cli/execute-line.ts';
import { CaughtTerminal } from '../../src/cli/testing/caught-terminal.ts';

/** A command of a tutorial, and what it is shown to print. */
export interface Shown {
  readonly command: string;
  readonly output: readonly string[];
}

/** A stretch of a tutorial: its own words, or a block of commands. */
type Part =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'console'; readonly shown: readonly Shown[] };

/** Takes a tutorial apart: what stands between ```console and ``` is commands, after `$ `, each with its output. */
export function partsOf(markdown: string): Part[] {
  return markdown.split(/^(```console\n[\s\S]*?^```$)/m).map((text) => {
    const [, block] = /^```console\n([\s\S]*?)^```$/m.exec(text) ?? [];
    return block === undefined ? { kind: 'words', text } : { kind: 'console', shown: shownIn(block) };
  });
}

function shownIn(block: string): Shown[] {
  const shown: { command: string; output: string[] }[] = [];
  for (const line of block.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('$ ')) shown.push({ command: line.slice(2), output: [] });
    else shown.at(-1)?.output.push(line);
  }
  return shown;
}

/** The other way about. */
export function markdownOf(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (part.kind === 'words') return part.text;
      const lines = part.shown.flatMap(({ command, output }) => [`$ ${command}`, ...output]);
      return `\`\`\`console\n${lines.join('\n')}\n\`\`\``;
    })
    .join('');
}

/** A line that stands for any number of others. */
export const leftOut = '…';

/** Is that what was printed, but for what is left out? */
export function agrees(shown: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = shown;
  if (first === undefined) return printed.length === 0;
  if (first !== leftOut) return first === printed[0] && agrees(rest, printed.slice(1));
  return printed.some((_, i) => agrees(rest, printed.slice(i))) || agrees(rest, []);
}

/**
 * Runs a command in the working directory: `dnspath …`, which may end in `; echo $?`, within this process; anything
 * else by the shell. Returns the lines that a terminal would show.
 */
export async function printedBy(command: string): Promise<string[]> {
  const [, line, echo] = /^dnspath\b(.*?)(; echo \$\?)?$/.exec(command) ?? [];
  if (line === undefined) {
    const { stdout, stderr } = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
    return linesOf(stdout + stderr);
  }
  const terminal = new CaughtTerminal();
  const code = await executeLine(wordsOf(line), terminal);
  return [...linesOf(terminal.both), ...(echo === undefined ? [] : [String(code)])];
}

/** Words of a command line as a shell splits them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:[^\s'"]+|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

function linesOf(text: string): string[] {
  const lines = text.split('\n');
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
