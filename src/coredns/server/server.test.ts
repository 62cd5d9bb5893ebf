import { describe, expect, test } from 'vitest';
import { served } from '../testing/served.ts';

const block = (keys: string, text: string) =>
  `${keys} {\n template ANY ANY {\n answer "{{ .Name }} 60 IN TXT ${text}"\n }\n}\n`;

describe('which block serves', () => {
  const corefile = block('test', 'test') + block('a.test', 'a') + block('10.0.0.0/24', 'reverse');
  test.each([
    ['x.a.test.', 'TXT', 'a'],
    ['X.A.TEST.', 'TXT', 'a'],
    ['ba.test.', 'TXT', 'test'],
    ['a.test.', 'DS', 'test'],
    ['1.0.0.10.in-addr.arpa.', 'TXT', 'reverse'],
  ])('%s %s: %s', (name, type, text) => {
    expect(served(corefile).ask(name, type)?.answer).toEqual([`${name.toLowerCase()} 60 IN TXT "${text}"`]);
  });

  test('none: refused, empty', () => {
    expect(served(corefile).ask('example.', 'A')).toMatchObject({ rcode: 'REFUSED', aa: false, answer: [], size: 25 });
  });
});

describe('what the server writes itself', () => {
  // corefile-route-empty-block
  test('the end of the chain is a SERVFAIL that names the last plugin', () => {
    const { ask, log } = served('. {\n errors\n log\n}');
    expect(ask('x.b.test.', 'A')?.rcode).toBe('SERVFAIL');
    expect(log).toContain('[ERROR] plugin/errors: 2 x.b.test. A: plugin/log: no next plugin found');
  });

  // corefile-template-miss
  test.each([
    ['1.6.7', '[ERROR] Recovered from panic in server: "dns://:53"'],
    ['1.7.0', '[ERROR] plugin/errors: 2 miss.test. AAAA: plugin/template: no next plugin found'],
  ])('a template at the end of the chain in %s', (release, line) => {
    const { ask, log } = served('. {\n errors\n template IN A {\n answer "x. 1 IN A 192.0.2.1"\n }\n}', { release });
    expect(ask('miss.test.', 'AAAA')?.rcode).toBe('SERVFAIL');
    expect(log).toContain(line);
  });
});

// corefile-server-releases
describe('a block without plugins', () => {
  const corefile = '. {\n whoami\n}\na.test {\n bind 10.9.0.10\n}';
  test.each([
    ['1.6.7', 'A', 'SERVFAIL', ['[ERROR] Recovered from panic in server: "dns://10.9.0.10:53"']],
    ['1.8.6', 'A', 'REFUSED', []],
  ])('%s: %s', (release, type, rcode, lines) => {
    const { ask, log } = served(corefile.replace('whoami', 'bind 10.9.0.10\n whoami'), { release });
    expect(ask('x.a.test.', type)?.rcode).toBe(rcode);
    expect(log).toEqual(lines);
  });
});

// corefile-k8s-brace-in-block
test.each([
  ['1.8.6', "plugin/kubernetes: Corefile:4 - Error during parsing: unknown property '{'"],
  ['1.15.0', 'plugin/kubernetes: this plugin can only be used once per Server Block'],
])('a brace on its own line within a block in %s', (release, failure) => {
  const corefile = '. {\n kubernetes cluster.local {\n endpoint http://10.9.0.40:8080\n {\n }\n }\n}';
  expect(served(corefile, { release }).failure).toBe(failure);
});

// corefile-start-*, golden.json: corefile-errors
describe('starts that are refused', () => {
  test.each([
    ['. {\n whoami\n}\n. {\n whoami\n}', '1.15.0', 'cannot serve dns://.:53 - it is already defined'],
    [
      'a.test a.test {\n bind 10.9.0.10\n whoami\n}',
      '1.8.4',
      'cannot serve dns://a.test.:53 on 10.9.0.10 - it is already defined',
    ],
    [
      'a.test a.test {\n bind 10.9.0.10\n whoami\n}',
      '1.8.6',
      'cannot serve dns://a.test.:53 - zone overlap listener capacity with dns://a.test.:53 on 10.9.0.10',
    ],
    ['.:53{\n whoami\n}', '1.9.4', 'error inspecting server blocks: zone is not a valid domain name: .:53{'],
    [
      '. {\n cache 0\n errors bogus.log\n}',
      '1.11.1',
      'plugin/errors: Corefile:3 - Error during parsing: invalid log file: bogus.log',
    ],
    ['. {\n loop\n loop\n}', '1.11.1', 'plugin/loop: this plugin can only be used once per Server Block'],
    ['. {\n rewrite stop\n}', '1.9.3', 'panic: runtime error: index out of range [1] with length 1'],
    [
      '. {\n federation a.test\n}',
      '1.6.7',
      "no action found for directive 'federation' with server type 'dns' (missing a plugin?)",
    ],
    [
      '. {\n bufsize 100\n}',
      '1.11.1',
      "plugin/bufsize: plugin/bufsize: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '100'",
    ],
    [
      '. {\n forward . 127.0.0.1 {\n blaatl\n }\n}',
      '1.14.7',
      "plugin/forward: Corefile:3 - Error during parsing: unknown property 'blaatl'",
    ],
    [
      '. {\n forward .\n}',
      '1.14.7',
      "plugin/forward: Corefile:2 - Error during parsing: Wrong argument count or unexpected line ending after '.'",
    ],
  ])('%j in %s', (corefile, release, failure) => {
    expect(served(corefile, { release }).failure).toBe(failure);
  });
});

test('a plugin that is known but not modelled is named with its place', () => {
  expect(served('. {\n  etcd example.org\n}').problems).toMatchObject([
    { code: 'not-modelled', file: 'Corefile', line: 2, column: 3, message: 'plugin `etcd` is not modelled' },
  ]);
});

test('what changes no answer is left out, and remarked on once with its place', () => {
  const { problems, remarks } = served(
    'a.test b.test {\n  pprof\n  debug\n  kubernetes cluster.local {\n    endpoint http://10.9.0.9:8080\n    transfer to *\n  }\n}',
    { release: '1.7.0' },
  );
  expect(problems).toEqual([]);
  expect(remarks.map(({ code, line, message }) => `${line} ${code}: ${message}`)).toEqual([
    '3 not-modelled: the effect of plugin `debug` is left out',
    '2 not-modelled: the effect of plugin `pprof` is left out',
    '5 not-modelled: the API server behind property endpoint of plugin `kubernetes` is left out',
    '6 not-modelled: property transfer of plugin `kubernetes` is left out',
  ]);
});
