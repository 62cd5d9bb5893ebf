import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { caresRules } from './c-ares/c-ares.ts';
import { digRules } from './dig.ts';
import { glibcRules } from './glibc/process.ts';
import { goRules } from './go/go.ts';
import { muslRules } from './musl/musl.ts';
import { caresRelease, glibcRelease, goRelease } from './releases.ts';
import {
  explainResolvConf,
  formatResolvConf,
  parseResolvConf,
  type ResolvConf,
  type ResolvConfRules,
} from './resolv-conf.ts';

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
  ['nameserver fd00::a', []],
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

// Each of these was read by the real thing: recordings glibc-r…, musl125-r…, go-r…, node-r… .
test.each<[string, string, { readonly [reader: string]: Partial<ResolvConf> }]>([
  [
    'a carriage return spoils words for glibc alone',
    'search a.test\r\nnameserver 10.77.0.1\r\noptions ndots:5\r\n',
    {
      glibc: { nameservers: ['127.0.0.1'], search: ['a.test\r'], ndots: 5 },
      musl: { nameservers: ['10.77.0.1'], search: ['a.test'], ndots: 5 },
      Go: { nameservers: ['10.77.0.1'], search: ['a.test'], ndots: 5 },
      'c-ares': { nameservers: ['10.77.0.1'], search: ['a.test'], ndots: 5 },
    },
  ],
  [
    'an empty search line',
    'search a.test\nsearch\n',
    { glibc: { search: ['a.test'] }, musl: { search: [] }, Go: { search: [] }, 'c-ares': { search: ['a.test'] } },
  ],
  [
    'two words after domain',
    'domain a.test b.test\n',
    { glibc: { search: ['a.test'] }, musl: { search: ['a.test', 'b.test'] }, Go: { search: ['a.test'] } },
  ],
  [
    'domain after search',
    'search a.test b.test\ndomain c.test\n',
    { glibc: { search: ['c.test'] }, Go: { search: ['c.test'] }, 'c-ares': { search: ['a.test', 'b.test'] } },
  ],
  [
    'an address in few parts',
    'nameserver 10.77.1\n',
    {
      glibc: { nameservers: ['10.77.0.1'] },
      musl: { nameservers: ['10.77.0.1'] },
      Go: { nameservers: ['127.0.0.1', '::1'] },
    },
  ],
  [
    'an address in octal',
    'nameserver 012.0115.0.01\nnameserver 10.77.0.2\n',
    { glibc: { nameservers: ['10.77.0.1', '10.77.0.2'] }, Go: { nameservers: ['10.77.0.2'] } },
  ],
  [
    'two servers on a line',
    'nameserver 10.77.0.1 10.77.0.2\n',
    { glibc: { nameservers: ['10.77.0.1'] }, 'c-ares': { nameservers: ['10.77.0.1', '10.77.0.2'] } },
  ],
  [
    'an address with a port',
    'nameserver 10.77.0.1:53\nnameserver [10.77.0.1]:53\nnameserver 10.77.0.2\n',
    { glibc: { nameservers: ['10.77.0.2'] }, 'c-ares': { nameservers: ['10.77.0.1', '10.77.0.2'] } },
  ],
  [
    'a comment after an address',
    'nameserver 10.77.0.1;x\nnameserver 10.77.0.2#x\nnameserver 10.77.0.3 # x\n',
    {
      glibc: { nameservers: ['10.77.0.3'] },
      Go: { nameservers: ['10.77.0.3'] },
      'c-ares': { nameservers: ['10.77.0.3'] },
    },
  ],
  ['an option inside a word', 'options xndots:5\n', { glibc: { ndots: 1 }, musl: { ndots: 5 }, Go: { ndots: 1 } }],
  ['an option twice', 'options ndots:5 ndots:2\n', { glibc: { ndots: 2 }, musl: { ndots: 5 }, Go: { ndots: 2 } }],
  ['a negative number', 'options ndots:-3\n', { glibc: { ndots: 13 }, musl: { ndots: 1 }, Go: { ndots: 0 } }],
  ['no number', 'options ndots:\n', { glibc: { ndots: 0 }, musl: { ndots: 1 }, Go: { ndots: 0 } }],
  ['letters in a number', 'options timeout:1s\n', { glibc: { timeout: 1 }, musl: { timeout: 1 }, Go: { timeout: 1 } }],
  [
    'nothing to try',
    'options attempts:0\n',
    { glibc: { attempts: 0 }, musl: { attempts: 0 }, Go: { attempts: 1 }, 'c-ares': { attempts: 3 } },
  ],
])('%s', (_, text, expected) => {
  const readers = {
    glibc,
    musl: muslRules,
    Go: goRules(goRelease('1.26')),
    'c-ares': caresRules(caresRelease('1.34')),
  };
  for (const [name, rules] of Object.entries(readers))
    if (expected[name] !== undefined) expect(read(text, rules).conf, name).toMatchObject(expected[name]);
});

test('musl divides by attempts', () => {
  expect(read('options attempts:0', muslRules).remarks).toEqual(['1:9 option-fatal']);
});

test('glibc 2.41 takes options back', () => {
  const text = 'options rotate edns0 -rotate';
  expect(read(text, glibcRules(glibcRelease('2.41'))).conf.flags).toEqual(new Set(['edns0']));
  expect(read(text).remarks).toEqual(['1:22 ignored-option']);
});

test('glibc clamps what Go takes as it is', () => {
  const text = 'options timeout:60 attempts:9';
  expect(read(text).conf).toMatchObject({ timeout: 30, attempts: 5 });
  expect(read(text, goRules(goRelease('1.26'))).conf).toMatchObject({ timeout: 60, attempts: 9 });
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

test('never throws, and what is printed is read back the same by every reader', () => {
  const word = fc.constantFrom(
    'nameserver',
    'search',
    'options',
    'domain',
    '10.0.0.1',
    '10.1',
    '[::1]:53',
    'fe80::1%eth0',
    'ndots:7',
    'rotate',
    '-rotate',
    'use-vc',
    'a.test',
    '#',
    ';',
    '\t',
    '\r',
    'ndots:',
    'attempts:-1',
    'timeout:.5',
    ':',
    'é',
  );
  const line = fc.array(word, { maxLength: 6 }).map((words) => words.join(' '));
  const readers = [
    glibc,
    glibcRules(glibcRelease('2.41')),
    muslRules,
    goRules(goRelease('1.26')),
    caresRules(caresRelease('1.34')),
    digRules,
  ];
  fc.assert(
    fc.property(
      fc.array(fc.oneof(line, fc.string()), { maxLength: 8 }),
      fc.constantFrom(...readers),
      (lines, rules) => {
        const { conf } = read(lines.join('\n'), rules);
        expect(read(formatResolvConf(conf, rules), rules).conf).toEqual(conf);
        expect(read(explainResolvConf(conf), rules).conf).toEqual(conf);
      },
    ),
    { seed: 8 },
  );
});
