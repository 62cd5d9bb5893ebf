import fc from 'fast-check';
import { expect, test } from 'vitest';
import { glibcHosts, goHosts, HostsFile, type HostsRules, muslHosts } from './hosts-file.ts';

const text =
  '127.0.0.1 localhost\n::1 localhost # loopback\n# 10.0.0.9 gone\n10.0.0.1 Db.example.com db\n10.0.0.2 db\nnonsense db\n  10.0.0.3 indented\n';

// Recordings glibc-h00, musl125-h00, go-h00-files-dns.
test.each<[string, HostsRules, string, 'any' | 'ipv4' | 'ipv6', string[]]>([
  ['glibc', glibcHosts, 'localhost', 'any', ['127.0.0.1', '::1']],
  ['glibc', glibcHosts, 'localhost', 'ipv4', ['127.0.0.1']],
  ['glibc', glibcHosts, 'localhost', 'ipv6', ['::1']],
  ['glibc', glibcHosts, 'db', 'any', ['10.0.0.1', '10.0.0.2']],
  ['glibc', glibcHosts, 'DB.EXAMPLE.COM', 'ipv4', ['10.0.0.1']],
  ['glibc', glibcHosts, 'gone', 'any', []],
  ['glibc', glibcHosts, 'indented', 'any', ['10.0.0.3']],
  ['glibc', glibcHosts, 'db.', 'any', []],
  ['musl', muslHosts, 'db.example.com', 'any', []],
  ['musl', muslHosts, 'Db.example.com', 'any', ['10.0.0.1']],
  ['musl', muslHosts, 'indented', 'any', []],
  ['Go', goHosts, 'DB', 'any', ['10.0.0.1', '10.0.0.2']],
  ['Go', goHosts, 'db.', 'any', []],
  ['Go', goHosts, 'db.example.com.', 'any', ['10.0.0.1']],
])('%s: %s %s %s: %j', (_, rules, name, family, addresses) => {
  expect(new HostsFile(text, rules).look(name, family)).toEqual(addresses);
});

test('any text is read', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (lines, name) => {
      for (const rules of [glibcHosts, muslHosts, goHosts])
        expect(new HostsFile(lines, rules).look(name, 'any')).toBeInstanceOf(Array);
    }),
    { seed: 8 },
  );
});
