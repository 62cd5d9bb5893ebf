import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Problem } from '../../problem/problem.ts';
import { parseCorefile } from './parser.ts';

const directives = ['bind', 'errors', 'log', 'cache', 'forward', 'template', 'whoami'];

function parse(text: string, files: Readonly<Record<string, string>> = {}, environment = {}) {
  const problems: Problem[] = [];
  const context = {
    directives,
    environment,
    files: { read: (path: string) => files[path], names: () => Object.keys(files) },
  };
  const corefile = parseCorefile({ file: 'Corefile', text }, context, problems);
  const blocks = corefile.blocks.map(({ keys, directives }) => ({
    keys: keys.map((key) => key.text),
    directives: Object.fromEntries([...directives].map(([name, words]) => [name, words.map((word) => word.text)])),
  }));
  return { ...corefile, blocks, problems };
}

describe('what a Corefile says', () => {
  test.each([
    [
      'no braces',
      '.:53\nerrors\nwhoami\n',
      [{ keys: ['.:53'], directives: { errors: ['errors'], whoami: ['whoami'] } }],
    ],
    ['keys only', '.:53', [{ keys: ['.:53'], directives: {} }]],
    ['brace on the next line', '.:53\n{\n whoami\n}', [{ keys: ['.:53'], directives: { whoami: ['whoami'] } }]],
    ['no opening brace', '.:53\n  whoami\n}\n', [{ keys: ['.:53'], directives: { whoami: ['whoami'] } }]],
    [
      'byte-order mark, CRLF, tabs',
      '\uFEFF.:53\t{\r\n\tcache\t30\r\n}\r\n',
      [{ keys: ['.:53'], directives: { cache: ['cache', '30'] } }],
    ],
    [
      'a comment inside a word',
      '. {\n forward . 10.9.0.21#53\n errors\n}',
      [{ keys: ['.'], directives: { forward: ['forward', '.', '10.9.0.21'], errors: ['errors'] } }],
    ],
    [
      'a quoted word over two lines',
      '. {\n template IN A {\n  answer "a\n b" c\n }\n}',
      [{ keys: ['.'], directives: { template: ['template', 'IN', 'A', '{', 'answer', 'a\n b', 'c', '}'] } }],
    ],
    [
      'keys by space and comma',
      'a:53 b, c,\nd:1053 {\n whoami\n}',
      [{ keys: ['a:53', 'b', 'c', 'd:1053'], directives: { whoami: ['whoami'] } }],
    ],
    [
      'a stray closing brace is a key',
      '.:53 {\n whoami\n}\n}\n',
      [
        { keys: ['.:53'], directives: { whoami: ['whoami'] } },
        { keys: ['}'], directives: {} },
      ],
    ],
    [
      'the same directive twice',
      '. {\n log a\n log b\n}',
      [{ keys: ['.'], directives: { log: ['log', 'a', 'log', 'b'] } }],
    ],
    [
      'a brace on the line below a directive',
      '. {\n forward . x\n {\n policy random\n }\n}',
      [{ keys: ['.'], directives: { forward: ['forward', '.', 'x', '{', 'policy', 'random', '}'] } }],
    ],
    [
      'a snippet',
      '(s) {\n errors\n cache 30\n}\n. {\n import s\n whoami\n}',
      [{ keys: ['.'], directives: { errors: ['errors'], cache: ['cache', '30'], whoami: ['whoami'] } }],
    ],
  ])('%s', (_, text, blocks) => {
    expect(parse(text)).toMatchObject({ blocks, failure: undefined, problems: [] });
  });

  test('environment', () => {
    const { blocks } = parse('.:{$P} {\n cache {%T%}\n forward . {$NONE}\n}', {}, { P: '53', T: '30' });
    expect(blocks).toEqual([{ keys: ['.:53'], directives: { cache: ['cache', '30'], forward: ['forward', '.', ''] } }]);
  });

  test('a glob of whole blocks, in order of name', () => {
    const files = { 'conf.d/b.conf': 'b:53 {\n whoami\n}\n', 'conf.d/a.conf': 'a:53 {\n errors\n}\n' };
    expect(parse('import conf.d/*.conf\n', files).blocks.map((block) => block.keys)).toEqual([['a:53'], ['b:53']]);
  });

  test('a glob without a match is a warning', () => {
    expect(parse('. {\n import conf.d/*.conf\n whoami\n}')).toMatchObject({
      failure: undefined,
      warnings: ['[WARNING] No files matching import glob pattern: conf.d/*.conf'],
    });
  });
});

// Texts: recordings coredns/corefile/corefile-start-*.
describe('with which words CoreDNS refuses', () => {
  test.each([
    [
      '.:53 {\n  bind 10.9.0.10\n  errors\n  forword . 10.9.0.21\n}\n',
      "Corefile:4 - Error during parsing: Unknown directive 'forword'",
    ],
    ['.:53 {\n  errors\n  whoami\n', "Corefile:3 - Syntax error: Unexpected token 'whoami', expecting '}'"],
    ['.:53 {\n  bind 10.9.0.10\n  cache {\n    success 100\n', 'Corefile:4 - Error during parsing: Unexpected EOF'],
    ['.:53 { whoami }\n', "Corefile:1 - Error during parsing: Unexpected '}' because no matching opening brace"],
    [
      'a.test:53, b.test:53, {\n  whoami\n}\n',
      "Corefile:1 - Error during parsing: Expected another address but had '{' - check for extra comma",
    ],
    [
      '(common) {\n errors\n}\n(common) {\n log\n}\n',
      'Corefile:4 - Error during parsing: redeclaration of previously declared snippet common',
    ],
    ['. {\n import nosuch.conf\n}', 'Corefile:2 - Error during parsing: File to import not found: nosuch.conf'],
    ['. {\n import conf.d\n}', 'Corefile:2 - Error during parsing: Could not import conf.d: is a directory'],
    [
      'import conf.d/*/*.conf\n',
      'Corefile:1 - Error during parsing: Glob pattern may only contain one wildcard (*), but has others: conf.d/*/*.conf',
    ],
    ['. {\n import a b\n}', 'Corefile:2 - Error during parsing: Import takes only one argument (glob pattern or file)'],
    [
      '.:53 {\n errors\n log . "{remote}\n  whoami\n}\n',
      "Corefile:3 - Syntax error: Unexpected token '{remote}\n  whoami\n}\n', expecting '}'",
    ],
  ])('%j', (text, failure) => {
    expect(parse(text, { 'conf.d/a.conf': 'errors\n' }).failure).toBe(failure);
  });
});

describe('problems', () => {
  test('all unknown directives at once, each with its place and a suggestion', () => {
    expect(parse('. {\n  forword . 10.0.0.1\n\n  chache 30\n}').problems).toEqual([
      {
        code: 'unknown-directive',
        file: 'Corefile',
        line: 2,
        column: 3,
        message: "Unknown directive 'forword'",
        hint: 'did you mean `forward`?',
      },
      {
        code: 'unknown-directive',
        file: 'Corefile',
        line: 4,
        column: 3,
        message: "Unknown directive 'chache'",
        hint: 'did you mean `cache`?',
      },
    ]);
  });

  test('an error in an imported file names that file', () => {
    expect(parse('. {\n import common.conf\n}', { 'common.conf': 'errors\n# two\nbogus\n' })).toMatchObject({
      failure: "common.conf:3 - Error during parsing: Unknown directive 'bogus'",
      problems: [{ file: 'common.conf', line: 3, column: 1 }],
    });
  });

  test('a file that imports itself', () => {
    expect(parse('import self.conf\n', { 'self.conf': 'import self.conf\n' }).failure).toBe(
      'self.conf:1 - Error during parsing: maximum file import depth (10000) exceeded',
    );
  });
});

test('any text at all: never throws, never hangs', () => {
  const words = fc.constantFrom(
    '.',
    '.:53',
    '{',
    '}',
    'import',
    's',
    '(s)',
    'cache',
    '"',
    '\\',
    '#',
    ',',
    '\n',
    ' ',
    '{$X}',
    '{%X%}',
    '*',
    'a,',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 40 }).map((list) => list.join(' ')),
    fc.array(words).map((list) => list.join('')),
  );
  fc.assert(
    fc.property(text, (corefile) => {
      const result = parse(corefile, { s: corefile }, { X: '{$X}{' });
      expect(result.failure === undefined).toBe(result.problems.length === 0);
    }),
  );
});
