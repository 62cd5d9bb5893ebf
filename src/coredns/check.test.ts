import { expect, test } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { checkCorefile } from './check.ts';
import { findRelease } from './releases.ts';

// What to do about a refusal: `dnspath run` and `dnspath check` say the same. The releases: recordings corefile-start-*.
test.each([
  ['cache 30 {\n success x\n }', 'write it as: success CAPACITY [TTL] [MINTTL]'],
  ['cache -1', 'write it as: cache [TTL] [ZONES…]'],
  ['cache {\n succes 100\n }', 'did you mean `success`?'],
  ['forward 192.0.2.53', 'write it as: forward FROM TO…'],
  ['health {\n nosuch\n }', 'its braces take lameduck'],
  ['loop x', 'write it as: loop'],
  ['autopath', 'write it as: autopath [ZONES…] FILE|@kubernetes'],
  ['cahce 30', 'did you mean `cache`?'],
  ['nosuchplugin', 'leave it out: this release has no such plugin'],
  ['header {\n response set ra\n }', 'leave it out: this release has no such plugin; taken by CoreDNS 1.8.5 and later'],
  ['import', 'write it as: import SNIPPET|FILE'],
])('%s', (line, hint) => {
  const release = findRelease('1.8.0');
  if (release === undefined) throw new Error('there is no such release');
  const problems: Problem[] = [];
  const text = `. {\n ${line}\n}\n`;
  checkCorefile({ file: 'Corefile', text }, { release, files: {}, environment: {} }, [], problems);
  expect(problems.map((problem) => problem.hint)).toEqual([hint]);
});
