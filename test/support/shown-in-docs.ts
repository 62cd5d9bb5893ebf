import { readdirSync, readFileSync } from 'node:fs';

/** The pages of docs/ that show commands with what they print. */
export const pages: readonly string[] = readdirSync('docs').filter((name) => /^(tutorial.*|questions)\.md$/.test(name));

/** The bundled scenarios that a command of such a page runs as they are: where the page is tested, they are judged. */
export function scenariosIn(page: string): string[] {
  const commands = readFileSync(`docs/${page}`, 'utf8').match(/^\$ dnspath (run|compare|explain) .*$/gm) ?? [];
  const names = commands.flatMap((command) => [...command.matchAll(/ scenarios\/([\w.-]+)(?= |;|$)/g)]);
  return [...new Set(names.map(([, name]) => name ?? ''))];
}
