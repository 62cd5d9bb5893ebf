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

// corefile-route-releases
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

// corefile-route-releases
test.each([
  ['1.6.7', '1.2.168.192.in-addr.arpa.', 'NOERROR'],
  ['1.6.7', '1.3.168.192.in-addr.arpa.', 'REFUSED'],
  ['1.15.0', '1.3.168.192.in-addr.arpa.', 'NOERROR'],
  ['1.6.7', '1.1.71.10.in-addr.arpa.', 'REFUSED'],
  ['1.6.7', '1.0.20.172.in-addr.arpa.', 'NOERROR'],
  ['1.6.7', '1.0.40.172.in-addr.arpa.', 'REFUSED'],
  ['1.6.7', '64.10.in-addr.arpa.', 'NOERROR'],
])('a mask within an octet in %s: %s', (release, name, rcode) => {
  expect(served(block('192.168.2.0/23 10.64.0.0/13 172.16.0.0/12', 'net'), { release }).ask(name, 'TXT')?.rcode).toBe(
    rcode,
  );
});

// corefile-file-plain, corefile-own-questions
test.each([
  ['1.8.4', []],
  ['1.8.6', ['out.a.test. 60 IN CNAME w.b.test.']],
])('an alias whose target cannot be looked up in %s', (release, answer) => {
  const zone = '$ORIGIN a.test.\n@ 60 IN SOA ns h 1 2 3 4 5\nout 60 IN CNAME w.b.test.\n';
  const { ask } = served('. {\n file a.zone a.test\n}', { release, files: { 'a.zone': zone } });
  expect(ask('out.a.test.', 'A')).toMatchObject({ rcode: 'SERVFAIL', answer });
});

// corefile-own-questions
test.each([
  ['1.8.4', 54],
  ['1.8.6', 56],
])('the question behind a rule that stops in %s', (release, size) => {
  const template = ' template IN A new.test {\n answer "{{ .Name }} 30 IN A 192.0.2.1"\n }';
  const { ask } = served(`. {\n rewrite name suffix .alias.test .new.test\n${template}\n}`, { release });
  expect(ask('a.alias.test.', 'A')).toMatchObject({ answer: ['a.new.test. 30 IN A 192.0.2.1'], size });
});

// corefile-types-releases
test.each([
  ['1.6.7', 'HTTPS', 'TYPE65', ''],
  ['1.8.6', 'HTTPS', 'HTTPS', 'HTTPS'],
  ['1.8.6', 'AMTRELAY', 'TYPE260', ''],
])('%s calls %s %s, and in a template %j', (release, type, name, inTemplate) => {
  const template = ' template ANY ANY t.test {\n answer "{{ .Name }} 60 IN TXT \\"{{ .Type }}\\""\n }';
  const { ask, log } = served(`. {\n errors\n${template}\n}`, { release });
  expect(ask('a.t.test.', type)?.answer).toEqual([`a.t.test. 60 IN TXT "${inTemplate}"`]);
  ask('x.test.', type);
  expect(log).toContain(`[ERROR] plugin/errors: 2 x.test. ${name}: plugin/template: no next plugin found`);
});

// corefile-start-words
test.each([
  [
    '1.8.4',
    "[WARNING] plugin/forward: Unsupported CIDR notation: 'a.test' expands to multiple zones. Using only 'a.test.'.",
  ],
  ['1.8.6', undefined],
])('forward from one zone in %s', (release, line) => {
  expect(served('. {\n forward a.test 10.9.0.21\n}', { release }).log[0]).toBe(line);
});

// corefile-k8s-options
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
    // corefile-start-open-escape
    ['a\\ {\n whoami\n}', '1.12.4', 'error inspecting server blocks: zone is not a valid domain name: a\\'],
    ['a\\ {\n whoami\n}', '1.11.1', undefined],
    // corefile-start-words
    [
      '. {\n acl {\n block type HTTPS\n }\n}',
      '1.6.7',
      'plugin/acl: Corefile:3 - Error during parsing: unexpected token "HTTPS"; expect legal QTYPE',
    ],
    [
      '. {\n acl {\n block type TYPE65\n }\n}',
      '1.11.1',
      'plugin/acl: Corefile:3 - Error during parsing: unexpected token "TYPE65"; expect legal QTYPE',
    ],
    ['. {\n rewrite type NXNAME A\n}', '1.11.1', 'plugin/rewrite: invalid type "NXNAME"'],
    ['. {\n template IN SVCB\n}', '1.6.7', 'plugin/template: Corefile:2 - Error during parsing: invalid RR class SVCB'],
    [
      '. {\n template IN NSAP\n}',
      '1.15.0',
      'plugin/template: Corefile:2 - Error during parsing: invalid RR class NSAP',
    ],
    [
      '. {\n reload 10s 5s {\n }\n reload x\n whoami x\n}',
      '1.11.1',
      "plugin/whoami: Corefile:5 - Error during parsing: Wrong argument count or unexpected line ending after 'x'",
    ],
    ['. {\n bind \\\n}', '1.8.6', 'plugin/bind: not a valid IP address or interface name: "\\\\"'],
    [
      '. {\n template IN A {\n answer "{{ .Name 5 IN A 10.0.0.1"\n }\n}',
      '1.11.1',
      'plugin/template: Corefile:3 - Error during parsing: could not compile template: {{ .Name 5 IN A 10.0.0.1, template: answer:1: function "IN" not defined',
    ],
    ['. {\n forward . .\n}', '1.8.6', 'plugin/forward: no nameservers found'],
    ['. {\n forward . . 10.9.0.21\n}', '1.14.4', 'plugin/forward: no nameservers found'],
    ['. {\n forward . . 10.9.0.21\n}', '1.15.0', undefined],
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
