import { expect, test } from 'vitest';
import { Entries } from './entries.ts';
import { parseHosts } from './hosts-file.ts';

function entries(wildcards: boolean): Entries {
  const both = new Entries(parseHosts('10.9.1.1 a.test\n10.9.1.9 *.test', ['.'], true), { wildcards });
  both.file = parseHosts('10.9.1.2 a.test # of the file\n2001:db8::1 six.test\n', ['.'], true);
  return both;
}

test.each([
  ['the file first', 'A', 'a.test.', ['10.9.1.2', '10.9.1.1']],
  ['a name of the other family is no case for the wildcard', 'A', 'six.test.', []],
  ['a wildcard stands for what is not there', 'A', 'b.test.', ['10.9.1.9']],
  ['of any first label, and no other', 'A', 'c.b.test.', []],
  ['names by address', 'PTR', '1.1.9.10.in-addr.arpa.', ['a.test.']],
  ['other types', 'MX', 'a.test.', []],
])('%s', (_, type, name, expected) => {
  const found = entries(true).data(type, name);
  expect(found.map((data) => ('address' in data ? data.address : 'target' in data && data.target))).toEqual(expected);
});

test('without wildcards a name must be there itself', () => {
  expect(['a.test.', 'six.test.', 'b.test.'].map((name) => entries(false).has(name))).toEqual([true, true, false]);
  expect(entries(false).size).toBe(8);
});
