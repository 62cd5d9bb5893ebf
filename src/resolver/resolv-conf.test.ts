import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { glibcRules } from './glibc/process.ts';
import { goRules } from './go/go.ts';
import { muslRules } from './musl/musl.ts';
import { glibcRelease } from './releases.ts';
import { formatResolvConf, parseResolvConf, type ResolvConfRules } from './resolv-conf.ts';

const glibc = glibcRules(glibcRelease('2.36'));

function read(text: string, rules: ResolvConfRules = glibc) {
  const remarks: Problem[] = [];
  const conf = parseResolvConf({ file: 'resolv.conf', text }, rules, remarks);
  return { conf, remarks: remarks.map(({ line, column, code }) => `${line}:${column} ${code}`) };
}

test('a pod’s file', () => {
  const text =
    'search ns1.svc.cluster.local svc.cluster.local\nnameserver 10.96.0.10\noptions ndots:5 timeout:1 single-request-reopen\n';
  const { conf, remarks } = read(text);
  expect(conf).toEqual({
    nameservers: ['10.96.0.10'],
    search: ['ns1.svc.cluster.local', 'svc.cluster.local'],
    ndots: 5,
    timeout: 1,
    attempts: 2,
    flags: new Set(['single-request-reopen']),
  });
  expect(remarks).toEqual([]);
});

test('an empty file: the local host, ndots 1, 5 seconds, 2 attempts', () => {
  expect(read('').conf).toEqual({
    nameservers: ['127.0.0.1'],
    search: [],
    ndots: 1,
    timeout: 5,
    attempts: 2,
    flags: new Set(),
  });
});

test.each([
  ['nameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\nnameserver 10.0.0.4', ['4:12 server-not-used']],
  ['nameserver ten', ['1:12 not-an-address']],
  ['nameserver', ['1:1 not-an-address']],
  ['nameserver fd00::a', ['1:12 ipv6-server']],
  ['search a.test\ndomain b.test', ['1:1 search-replaced']],
  ['options timeout:31 attempts:9 ndots:16', ['1:9 option-clamped', '1:20 option-clamped', '1:31 option-clamped']],
  ['options fast', ['1:9 ignored-option']],
  ['sortlist 10.0.0.0', ['1:1 ignored-line']],
  [' nameserver 10.0.0.1', ['1:2 indented-line']],
  ['# comment\n; comment\n', []],
  ['nameserver 10.0.0.1 # first', []],
])('glibc 2.36 reads %j with remarks %j', (text, remarks) => {
  expect(read(text).remarks).toEqual(remarks);
});

test('glibc clamps what Go takes as it is', () => {
  const text = 'options timeout:60 attempts:9';
  expect(read(text).conf).toMatchObject({ timeout: 30, attempts: 5 });
  expect(read(text, goRules).conf).toMatchObject({ timeout: 60, attempts: 9 });
  expect(read(text, muslRules).conf).toMatchObject({ timeout: 60, attempts: 9 });
});

test('musl drops a line of more than 254 characters whole (musl123-25)', () => {
  const domains = Array.from({ length: 8 }, (_, i) => `d${i}-${'x'.repeat(30)}.test`);
  const text = `search ${domains.join(' ')}\nnameserver 10.77.0.1\n`;
  expect(read(text, muslRules)).toMatchObject({ conf: { search: [] }, remarks: ['1:1 long-line'] });
  expect(read(text).conf.search).toEqual(domains);
});

test('glibc before 2.26 keeps six domains', () => {
  const text = 'search a b c d e f g';
  expect(read(text, glibcRules(glibcRelease('2.17'))).conf.search).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  expect(read(text).conf.search).toHaveLength(7);
});

test('options that a release does not know yet are ignored with a remark', () => {
  const old = glibcRules(glibcRelease('2.35'));
  expect(read('options no-aaaa', old).remarks).toEqual(['1:9 ignored-option']);
  expect(read('options no-aaaa').conf.flags).toEqual(new Set(['no-aaaa']));
});

test('never throws, and what is printed is read back the same', () => {
  const word = fc.constantFrom(
    'nameserver',
    'search',
    'options',
    'domain',
    '10.0.0.1',
    'ndots:7',
    'rotate',
    'a.test',
    '#',
    '\t',
    'ndots:',
    ':',
    'é',
  );
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
  fc.assert(
    fc.property(fc.array(fc.oneof(line, fc.string()), { maxLength: 8 }), (lines) => {
      const { conf } = read(lines.join('\n'));
      expect(read(formatResolvConf(conf, glibc)).conf).toEqual(conf);
    }),
  );
});
