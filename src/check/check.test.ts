import { describe, expect, test } from 'vitest';
import type { ReleaseName } from '../coredns/releases.ts';
import { checkFiles } from './check.ts';
import { tellKind } from './kind.ts';
import { checkText, codesIn, inMemory } from './testing/in-memory.ts';

describe('the kind of a file', () => {
  test.each([
    ['Corefile', '', 'corefile'],
    ['coredns.corefile', 'x', 'corefile'],
    ['anything', '. {\n  whoami\n}\n', 'corefile'],
    ['coredns.yaml', 'apiVersion: v1\nkind: ConfigMap\ndata:\n  Corefile: x\n', 'configmap'],
    ['Corefile', 'apiVersion: v1\ndata:\n  Corefile: x\n', 'configmap'],
    ['cm.json', '{"apiVersion": "v1", "data": {}}', 'configmap'],
    ['resolv.conf', '', 'resolv-conf'],
    ['node-resolv.conf', 'nameserver 192.0.2.53\n', 'resolv-conf'],
    ['x', 'search corp.example\n', 'resolv-conf'],
    ['db.corp.example', '', 'zone'],
    ['x', '$TTL 60\n', 'zone'],
    ['x', '@ 300 IN SOA ns host 1 2 3 4 5\n', 'zone'],
    ['mine.yaml', 'title: x\ncluster: {}\npods: {}\n', 'scenario'],
    ['hello.txt', 'hello world\n', undefined],
    ['empty', '', undefined],
  ])('%s %j: %s', (name, text, kind) => {
    expect(tellKind(name, text)).toBe(kind);
  });
});

describe('what cannot be checked', () => {
  test.each([
    ['nowhere', 'missing-file'],
    ['empty', 'unknown-kind'],
    ['bin', 'not-a-text'],
    ['dir', 'no-scenario'],
    ['no-corefile.yaml', 'no-corefile'],
    ['bad.yaml', 'yaml-syntax'],
  ])('%s: %s', (name, code) => {
    const disk = inMemory({
      empty: '',
      bin: 'ELF\0\0',
      'dir/README.md': '',
      'no-corefile.yaml': 'kind: ConfigMap\nmetadata: { name: a }\n',
      'bad.yaml': 'kind: ConfigMap\ndata: [\n',
    });
    expect(checkFiles([name], disk)).toMatchObject({ files: [], unreadable: [{ code, file: name }] });
  });
});

describe('a Corefile inside a manifest', () => {
  const manifest =
    'apiVersion: v1\nkind: ConfigMap\ndata:\n  Corefile: |\n    . {\n      cache 30s\n      forward . 192.0.2.53\n    }\n';
  const places = (text: string) =>
    checkText('cm.yaml', text).files.flatMap(({ findings }) =>
      findings
        .filter(({ code }) => code === 'cache-time-taken-for-zone')
        .map(({ line, column }) => `${line}:${column}`),
    );

  test('has the places of the manifest', () => {
    expect(places(manifest)).toEqual(['6:13']);
  });

  test('after others, and in a list', () => {
    expect(places(`kind: Secret\n---\n${manifest}`)).toEqual(['8:13']);
    const item = manifest.replace(/^/gm, '    ').replace('    apiVersion', '  - apiVersion').trimEnd();
    expect(places(`apiVersion: v1\nkind: List\nitems:\n${item}\n`)).toEqual(['9:17']);
  });
});

describe('files that belong together', () => {
  const corefile = '. {\n  errors\n  cache 30\n  loop\n  forward . /etc/resolv.conf\n}\n';

  test('a resolv.conf is that of the node; without one a sound one is assumed', () => {
    expect(checkText('Corefile', corefile).files).toMatchObject([{ assumed: ['/etc/resolv.conf'], findings: [] }]);
    const together = checkText('Corefile', corefile, {}, { 'node/resolv.conf': 'nameserver 127.0.0.1\n' });
    expect(codesIn(together, 'Corefile')).toEqual(['resolv-conf-loop']);
    expect(together.files[0]?.assumed).toEqual([]);
  });

  test('the additions of coredns-custom, in the same manifest or in one of their own', () => {
    const own = 'kind: ConfigMap\ndata:\n  Corefile: |\n    . {\n      import custom/*.override\n      whoami\n    }\n';
    const custom = 'kind: ConfigMap\ndata:\n  a.override: |\n    cahce 30\n';
    const found = (texts: Readonly<Record<string, string>>) =>
      checkFiles(Object.keys(texts), inMemory(texts)).files.flatMap(({ findings }) =>
        findings.map(({ code, file }) => `${code} ${file}`),
      );
    expect(found({ 'cm.yaml': own })).toEqual([]);
    expect(found({ 'cm.yaml': own, 'custom.yaml': custom })).toEqual(['does-not-start custom/a.override']);
    expect(found({ 'cm.yaml': `${own}---\n${custom}` })).toEqual(['does-not-start custom/a.override']);
  });

  test('relative paths are beside the Corefile', () => {
    const disk = inMemory({ 'etc/Corefile': '. {\n  import more\n}\n', 'etc/more': 'cahce 30\n' });
    expect(checkFiles(['etc/Corefile'], disk).files).toMatchObject([
      { findings: [{ code: 'does-not-start', file: 'etc/more', line: 1 }] },
    ]);
  });
});

describe('NodeLocal DNSCache', () => {
  const block =
    '.:53 {\n  errors\n  cache 30\n  loop\n  reload\n  bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n  forward . TO\n}\n';

  test('its placeholders stand for what node-cache puts there', () => {
    const { files } = checkText('Corefile', block.replace('TO', '__PILLAR__UPSTREAM__SERVERS__'));
    expect(files).toMatchObject([{ findings: [] }]);
  });

  test('forwarding to the address that it listens on itself is a loop', () => {
    expect(codesIn(checkText('Corefile', block.replace('TO', '10.96.0.10')), 'Corefile')).toEqual(['forward-loop']);
  });

  test('in a scenario it is checked for the CoreDNS inside, among the addresses that are there', () => {
    const scenario = `title: x
duration: 10s
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.3, corefile: ./Corefile }
  nodeLocalDNS: { release: 1.23.0, corefile: ./node-Corefile }
servers:
  dns: { role: authoritative, address: 192.168.1.101, zones: {} }
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: a.example., every: 1s } }
`;
    const disk = inMemory({
      's/scenario.yaml': scenario,
      's/Corefile': '. {\n  errors\n  cache 30\n  forward . 192.168.1.101\n}\n',
      's/node-Corefile': `${block.replace('TO', '__PILLAR__CLUSTER__DNS__')}corp.example:53 {\n  errors\n  cache 30\n  bind 169.254.20.10\n  forward . 192.0.2.53\n}\n`,
    });
    const { files } = checkFiles(['s'], disk);
    const own = files.find(({ file }) => file === 's/node-Corefile');
    expect(own?.release).toBe('1.10.0');
    expect(own?.findings.map(({ code, line }) => `${code} ${line}`)).toEqual(['upstream-not-there 13']);
  });
});

test('every mistake at once, in the words of CoreDNS, with the releases that take the line', () => {
  const corefile =
    '. {\n  cahce 30\n  forward . 192.0.2.53 {\n    max_age 30s\n  }\n  health {\n    lameduck 5\n  }\n}\n';
  const { files } = checkText('Corefile', corefile, { release: '1.11.3' });
  const mistakes = files.flatMap(({ findings }) => findings.filter(({ code }) => code === 'does-not-start'));
  expect(mistakes.map(({ line, column, message, remedy }) => ({ at: `${line}:${column}`, message, remedy }))).toEqual([
    {
      at: '2:3',
      message: "Corefile:2 - Error during parsing: Unknown directive 'cahce'",
      remedy: 'did you mean `cache`?',
    },
    {
      at: '4:5',
      message: "plugin/forward: Corefile:4 - Error during parsing: unknown property 'max_age'",
      remedy: 'leave it out: this release does not take it; taken by CoreDNS 1.14.3 and later',
    },
    {
      at: '7:14',
      message: 'plugin/health: unable to parse lameduck duration value: \'5\' : time: missing unit in duration "5"',
      remedy: 'write a unit: 5s',
    },
  ]);
});

// As the programs start with them, or do not.
test.each<[string, string, ReleaseName[]]>([
  ['https', 'not-checked', ['1.14.5', '1.15.0']],
  ['https', 'does-not-start', ['1.7.0', '1.14.4']],
  ['quic', 'not-checked', ['1.15.0']],
  ['quic', 'does-not-start', ['1.6.7', '1.10.1', '1.11.1', '1.14.7']],
  ['grpc', 'does-not-start', ['1.7.0', '1.15.0']],
  ['https3', 'does-not-start', ['1.13.1']],
  ['https3', 'upstream-not-dialled', ['1.14.4', '1.15.0']],
])('an upstream %s://: %s in %j', (scheme, code, releases) => {
  for (const release of releases) {
    const codes = codesIn(
      checkText('Corefile', `. {\n  forward . ${scheme}://192.0.2.1\n}\n`, { release }),
      'Corefile',
    );
    expect(codes).toContain(code);
  }
});

test('upstreams with IPv6 addresses', () => {
  const forward = (to: string) =>
    codesIn(checkText('Corefile', `. {\n  cache\n  errors\n  forward . ${to}\n}\n`), 'Corefile');
  expect(forward('2001:db8::1 2001:db8::2')).not.toContain('upstream-twice');
  expect(forward('2001:db8::1 [2001:db8:0::1]:53')).toContain('upstream-twice');
});

test('a scenario whose Corefile CoreDNS refuses', () => {
  const scenario = `title: x
duration: 10s
cluster: { nodes: { n: { address: 192.168.1.2 } }, coredns: { release: 1.11.3, corefile: ./Corefile } }
pods: { app: { node: n } }
workloads: { app: { pod: app, lookup: a.example., every: 1s } }
`;
  const { files } = checkFiles(['s'], inMemory({ 's/scenario.yaml': scenario, 's/Corefile': '. {\n  cahce 30\n}\n' }));
  const findings = files.flatMap((one) => one.findings);
  expect(findings).toMatchObject([{ code: 'does-not-start', file: 's/Corefile', line: 2, column: 3 }]);
});

test('a scenario with a release that another stands in for', () => {
  const scenario = `title: x
duration: 10s
cluster: { nodes: { n: { address: 192.168.1.2 } }, coredns: { release: 1.11.3, corefile: ./Corefile } }
pods: { app: { node: n, resolver: glibc 2.99 } }
workloads: { app: { pod: app, lookup: a.example., every: 1s } }
`;
  const { files } = checkFiles(['s'], inMemory({ 's/scenario.yaml': scenario, 's/Corefile': '. {\n  cache 30\n}\n' }));
  expect(files[0]).toMatchObject({
    kind: 'scenario',
    findings: [{ code: 'other-release', severity: 'info', line: 4, column: 35 }],
  });
});

test('a scenario with a mistake of its own', () => {
  const disk = inMemory({ 'scenario.yaml': 'title: x\ncluster: {}\n' });
  const { files } = checkFiles(['scenario.yaml'], disk);
  expect(files).toMatchObject([{ kind: 'scenario' }]);
  expect(new Set(files.flatMap(({ findings }) => findings.map(({ code }) => code)))).toEqual(
    new Set(['scenario-mistake']),
  );
});
