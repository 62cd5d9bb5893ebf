import { isCollection, isSeq, parseDocument } from 'yaml';
import type { Change } from './change.ts';

/**
 * A scenario file with other values in it, its comments kept, and the files beside it that are others, by name. A text that takes the place of a file beside it
 * (`./internet.zone`) becomes that file.
 */
export function rewrite(name: string, text: string, changes: readonly Change[]): Map<string, string> {
  const document = parseDocument(text);
  const files = new Map<string, string>();
  for (const change of changes) {
    if (change.kind !== 'value') continue;
    const { path, value } = change;
    const present = document.getIn(path);
    if (typeof value === 'string' && typeof present === 'string' && present.startsWith('./'))
      files.set(present.slice('./'.length), value);
    else {
      // A line for each entry, as people write them.
      const node = document.createNode(value, { flow: true });
      if (isSeq(node)) {
        node.flow = false;
        for (const item of node.items) if (isCollection(item)) item.flow = true;
      }
      document.setIn(path, node);
    }
  }
  return new Map([[name, document.toString({ lineWidth: 0 })], ...files]);
}
