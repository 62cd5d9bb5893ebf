import { startsLine, type Token } from '../../coredns/corefile/token.ts';

/** A property inside the braces of a directive, and its words. */
export interface Property {
  readonly name: Token;
  readonly args: readonly Token[];
}

/** One occurrence of a directive: its words on the line, and its properties. */
export interface Statement extends Property {
  readonly properties: readonly Property[];
}

/** The occurrences of one directive in a block, from its words as the parser joined them. */
export function statementsOf(tokens: readonly Token[]): Statement[] {
  const statements: { name: Token; args: Token[]; properties: Property[] }[] = [];
  let depth = 0;
  for (const line of linesOf(tokens)) {
    const [first] = line;
    if (first === undefined) continue;
    const words = line.filter(({ text }) => text !== '{' && text !== '}');
    const [name, ...args] = words;
    const current = statements.at(-1);
    if (name !== undefined && (depth === 0 || current === undefined)) statements.push({ name, args, properties: [] });
    else if (name !== undefined) current?.properties.push({ name, args });
    for (const { text } of line) {
      if (text === '{') depth++;
      if (text === '}') depth = Math.max(0, depth - 1);
    }
  }
  return statements;
}

function linesOf(tokens: readonly Token[]): Token[][] {
  const lines: Token[][] = [];
  let before: Token | undefined;
  for (const token of tokens) {
    const line = lines.at(-1);
    if (line === undefined || startsLine(token, before)) lines.push([token]);
    else line.push(token);
    before = token;
  }
  return lines;
}

/** The last property of that name, which is the one that counts. */
export function propertyOf(statement: Statement | undefined, name: string): Property | undefined {
  return statement?.properties.findLast((property) => property.name.text === name);
}

export function hasProperty(statement: Statement | undefined, name: string): boolean {
  return propertyOf(statement, name) !== undefined;
}
