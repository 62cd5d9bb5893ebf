import type { ResourceRecord } from '../dns/record.ts';
import { parseRecord, wordsOf } from '../dns/text.ts';
import type { GoValue } from './corefile/go-values.ts';

/** A record from its text, or the error of miekg/dns' parser; without a TTL it is 3600. */
export function goRecord(text: string): GoValue<ResourceRecord> {
  const words = wordsOf(firstEntry(text)).map((word) => (word.quoted ? `"${word.text}"` : word.text));
  const hasTtl = /^\d/.test(words[1] ?? '');
  const line = hasTtl ? words.join(' ') : [words[0], '3600', ...words.slice(1)].join(' ');
  const record = parseRecord(line);
  if (record !== undefined) return { value: record };
  const [only, second] = words;
  if (second === undefined) return { error: `dns: not a TTL: ${JSON.stringify(only ?? '')} at line: 1:${text.length}` };
  const type = words[hasTtl ? 3 : 2] ?? '';
  const data = words.at(-1) ?? '';
  return { error: `dns: bad ${type} ${type}: ${JSON.stringify(data)} at line: 1:${text.length}` };
}

/** The first entry of a zone file's text in one line: without comments and parentheses, which join lines (RFC 1035 §5.1). */
function firstEntry(text: string): string {
  let entry = '';
  let depth = 0;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"?|\\.|;[^\n]*|./gs)) {
    if (piece === '(') depth++;
    else if (piece === ')') depth--;
    else if (piece === '\n' && depth === 0 && entry.trim() !== '') break;
    else if (!piece.startsWith(';')) entry += piece === '\n' ? ' ' : piece;
    if (piece === '(' || piece === ')') entry += ' ';
  }
  return entry;
}
