import type { ServerBlock } from './parser.ts';

/**
 * A Corefile as Go's encoding/json writes the blocks that caddy read: what the `reload` plugin compares and takes the
 * digest of. `corefile` is the file's name; its own words carry none, those of imported files theirs.
 */
export function corefileJson(blocks: readonly ServerBlock[], corefile: string): string {
  const written = blocks.map(({ keys, directives }) => {
    const sorted = [...directives].sort(([a], [b]) => (a < b ? -1 : 1));
    const tokens = sorted.map(([name, words]) => [
      name,
      words.map(({ file, line, text }) => ({ File: file === corefile ? '' : file, Line: line, Text: text })),
    ]);
    return { Keys: keys.map((key) => key.text), Tokens: Object.fromEntries(tokens) };
  });
  return JSON.stringify(written).replace(/[<>&\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
