import type { Problem, Source } from '../problem/problem.ts';
import { parseResolvConf, type ResolvConf, type ResolvConfRules } from '../resolver/resolv-conf.ts';
import { resolvConfRules } from '../resolver/rules.ts';

/** How one resolver reads the file. */
export interface Reading {
  readonly rules: ResolvConfRules;
  readonly conf: ResolvConf;
  readonly remarks: readonly Problem[];
}

/** A resolv.conf as the programs in a cluster read it. */
export interface ResolvConfView {
  readonly source: Source;
  /** glibc first, then musl, Go and c-ares. */
  readonly readings: readonly [glibc: Reading, ...others: Reading[]];
  readonly lines: readonly Line[];
}

/** A line's words, comments left out. */
export interface Line {
  readonly keyword: Word;
  readonly words: readonly Word[];
}

export interface Word {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

const readers = [
  { kind: 'glibc', release: '2.36' },
  { kind: 'musl', release: '1.2.5' },
  { kind: 'go', release: '1.22' },
  { kind: 'c-ares', release: '1.34' },
] as const;

export function viewResolvConf(source: Source): ResolvConfView {
  const read = (rules: ResolvConfRules): Reading => {
    const remarks: Problem[] = [];
    return { rules, conf: parseResolvConf(source, rules, remarks), remarks };
  };
  const [glibc, ...others] = readers;
  return {
    source,
    readings: [read(resolvConfRules(glibc)), ...others.map((reader) => read(resolvConfRules(reader)))],
    lines: linesOf(source),
  };
}

function linesOf({ file, text }: Source): Line[] {
  return text.split('\n').flatMap((line, i) => {
    if (/^[#;]/.test(line)) return [];
    const words = [...line.matchAll(/\S+/g)].map((m) => ({ file, line: i + 1, column: m.index + 1, text: m[0] }));
    const [keyword, ...rest] = words;
    return keyword === undefined ? [] : [{ keyword, words: rest }];
  });
}

/** The last line of a keyword, or the start of the file. */
export function placeOf({ lines, source }: ResolvConfView, keyword: string): Word {
  const found = lines.findLast((line) => line.keyword.text === keyword)?.keyword;
  return found ?? { file: source.file, line: 1, column: 1, text: '' };
}
