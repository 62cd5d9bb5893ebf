import { resolve } from 'node:path';
import { conformance, type FamilyResult } from './agreement.ts';
import { recordings } from './find.ts';

const usage = 'usage: npm run conformance -- [--family FAMILY] [--emit DIR] [PATH…]';

/** Words of the command line; undefined when they make no sense. */
function parse(words: readonly string[]) {
  const paths: string[] = [];
  const options: { family?: string; emit?: string } = {};
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--family' || word === '--emit') {
      const value = words[++i];
      if (value === undefined) return undefined;
      if (word === '--family') options.family = value;
      else options.emit = resolve(value);
    } else if (word.startsWith('-')) return undefined;
    else paths.push(word);
  }
  return { paths: paths.length > 0 ? paths : [recordings], options };
}

function report({ family, agree, all, random, differences, byClient }: FamilyResult): void {
  for (const difference of differences) console.log(difference);
  for (const file of random) console.log(`${file}: random, judged by a test of its own`);
  for (const part of byClient) console.log(`  ${part.client}: ${part.agree} of ${part.all} agree`);
  console.log(`${family}: ${agree} of ${all} agree`);
}

const parsed = parse(process.argv.slice(2));
if (parsed === undefined) {
  console.error(usage);
  process.exitCode = 2;
} else {
  for (const result of conformance(parsed.paths, parsed.options)) report(result);
}
