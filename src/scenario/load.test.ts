import { describe, expect, test } from 'vitest';
import { ProblemsFound } from '../problem/problem.ts';
import type { Files } from './files.ts';
import { loadScenario } from './load.ts';
import { corednsRelease } from './names.ts';

const base = `title: A change
duration: 2m
cluster:
  nodes: { node-1: { address: 192.168.1.200 } }
  coredns: { release: 1.11.1, corefile: ./Corefile }
servers:
  corp-dns: { role: authoritative, address: 192.168.1.100, zones: { example.com: ./example.com.zone } }
  vpc-dns: { role: recursor, address: 192.168.1.101, upstreams: { example.com: corp-dns } }
pods:
  app: { node: node-1 }
workloads:
  app-redis: { pod: app, lookup: redis.example.com, every: 1s }
events:
  - { at: 60s, changeRecords: { server: corp-dns, zone: example.com, replace: redis 600 IN A 10.0.0.2 } }
expect:
  - { workload: app-redis, failures: 0 }
`;
const corefile = '.:53 {\n    errors\n    cache 30\n    forward . 192.168.1.101\n}\n';
const zone =
  '$ORIGIN example.com.\n$TTL 600\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.1.100\nredis IN A 10.0.0.1\n';

function inMemory(texts: Readonly<Record<string, string>>): Files {
  return {
    read: (path) => texts[path],
    isDirectory: (path) => Object.keys(texts).some((file) => file.startsWith(`${path}/`)),
  };
}

function files(change: Readonly<Record<string, string>> = {}): Files {
  return inMemory({ 's/scenario.yaml': base, 's/Corefile': corefile, 's/example.com.zone': zone, ...change });
}

/** `code line:column` of every problem; the file too where it is not the scenario's. */
function problemsOf(path: string, given: Files): string[] {
  try {
    loadScenario(path, given);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(
      ({ code, file, line, column }) => `${code} ${file === 's/scenario.yaml' ? '' : `${file}:`}${line}:${column}`,
    );
  }
}

test.each([
  ['.', 'shop'],
  ['./', 'shop'],
  ['scenario.yaml', 'shop'],
  ['other.yaml', 'other'],
])('a scenario at %s in the directory shop is called %s', (path, name) => {
  const texts: Record<string, string> = {
    'scenario.yaml': base,
    'other.yaml': base,
    Corefile: corefile,
    'example.com.zone': zone,
  };
  const given: Files = {
    read: (file) => texts[file],
    isDirectory: (file) => file === '.' || file === './',
    nameOf: (directory) => (directory === '.' ? 'shop' : ''),
  };
  expect(loadScenario(path, given).name).toBe(name);
});

test('a sound scenario has a name, its texts and its defaults', () => {
  const scenario = loadScenario('s', files());
  expect(scenario.name).toBe('s');
  expect(scenario.definition.workloads['app-redis']).toEqual({
    pod: 'app',
    lookup: 'redis.example.com',
    family: 'any',
    every: 1_000_000,
    pauses: [],
    threads: 1,
    arrivals: 'regular',
    burst: 1,
  });
  expect(scenario.artefacts.corefile).toEqual({ file: 's/Corefile', text: corefile });
  expect([...scenario.texts.keys()]).toEqual(['s/scenario.yaml', 's/Corefile', 's/example.com.zone']);
});

describe('mistakes in a scenario', () => {
  test.each<[what: string, from: string, to: string, ...problems: string[]]>([
    ['an unknown key', 'title: A change', 'titel: A change\ntitle: A change', 'unknown-key 1:1'],
    ['an unknown key deep inside', 'every: 1s', 'evry: 2s, every: 1s', 'unknown-key 12:53'],
    ['a required key is missing', 'duration: 2m\n', '', 'missing-key 1:1'],
    ['a required key deep inside is missing', ', every: 1s', '', 'missing-key 12:3'],
    ['a duration without a unit', 'every: 1s', 'every: 5', 'unit-missing 12:60'],
    ['not a duration', 'every: 1s', 'every: often', 'bad-duration 12:60'],
    ['no time between lookups', 'every: 1s', 'every: 0s', 'out-of-range 12:60'],
    ['a number where a text belongs', 'title: A change', 'title: 5', 'wrong-type 1:8'],
    ['a word that is none of those allowed', 'role: recursor', 'role: recurser', 'wrong-value 8:20'],
    [
      'a fault that servers do not have',
      'role: recursor',
      'faults: { limits: few }, role: recursor',
      'wrong-value 8:32',
    ],
    ['a capture that there is not', 'title: A change', 'title: A change\ncaptures: [tcpdmp]', 'wrong-value 2:12'],
    ['an MTU that IPv4 has not', 'address: 192.168.1.200 }', 'address: 192.168.1.200, mtu: 60 }', 'out-of-range 4:51'],
    ['a share beyond 1', 'address: 192.168.1.200 }', 'address: 192.168.1.200, overlap: 5 }', 'out-of-range 4:55'],
    ['a start without a time of day', 'title: A change', 'title: A change\nstart: 2024-05-01', 'bad-time 2:8'],
    ['a start that is a number', 'title: A change', 'title: A change\nstart: 5', 'bad-time 2:8'],
    ['an expectation of nothing', 'failures: 0', 'from: 5s', 'nothing-expected 16:5'],
    ['an expectation of nothing upstream', 'failures: 0', 'upstreamQueries: {}', 'nothing-expected 16:45'],
    ['probes that there are not', 'failures: 0', 'probes: { cuont: 3 }', 'unknown-key 16:38'],
    ['a log without a text', 'failures: 0', 'log: { count: 3 }', 'missing-key 16:28'],
    ['bounds the wrong way round', 'failures: 0', 'lookups: { min: 5, max: 3 }', 'out-of-range 16:52'],
    ['a failure that ends before it begins', 'failures: 0', 'failing: { from: 9s, until: 8s }', 'empty-window 16:56'],
    ['a misspelt event', 'changeRecords', 'changeRecord', 'unknown-key 14:16'],
    ['an order of no addresses', 'failures: 0', 'upstreamQueries: { order: [dns-1] }', 'bad-address 16:55'],
    ['a time taken without a unit', 'failures: 0', 'takes: { min: 5 }', 'unit-missing 16:42'],
    ['not an address', '192.168.1.100,', '192.168.1.300,', 'bad-address 7:45'],
    ['two hosts with one address', '192.168.1.101,', '192.168.1.100,', 'address-taken 8:39'],
    ['two hosts with one name', '  app: { node', '  vpc-dns: { node: node-1 }\n  app: { node', 'name-taken 10:3'],
    ['a name that is none', '  app: {', '  App_1: { node: node-1 }\n  app: {', 'bad-name 10:3'],
    ['a node that does not exist', 'node: node-1', 'node: node-2', 'unknown-node 10:16'],
    ['a pod that does not exist', 'pod: app', 'pod: ap', 'unknown-pod 12:21'],
    ['an upstream that does not exist', 'example.com: corp-dns', 'example.com: corp', 'unknown-server 8:80'],
    ['a changed server that does not exist', 'server: corp-dns', 'server: corp', 'unknown-server 14:41'],
    ['a changed server without records', 'server: corp-dns', 'server: vpc-dns', 'wrong-server 14:41'],
    ['a changed zone that does not exist', 'zone: example.com', 'zone: example.org', 'unknown-zone 14:57'],
    ['an expected workload that does not exist', 'workload: app-redis', 'workload: app-redi', 'unknown-workload 16:17'],
    ['an event after the end', 'at: 60s', 'at: 3m', 'after-the-end 14:11'],
    ['a first lookup after the end', 'every: 1s', 'at: 121s, every: 1s', 'after-the-end 12:57'],
    ['an event that is nothing', '  - { at: 60s', '  - { at: 5s }\n  - { at: 60s', 'not-one-event 14:5'],
    ['a key that stands twice', 'duration: 2m', 'duration: 2m\nduration: 3m', 'yaml-syntax 3:1'],
    ['an alias of nothing', 'title: A change', 'title: *change', 'unknown-alias 1:8'],
    ['an alias inside of what it stands for', 'title: A change', 'title: &x [&y [*x]]', 'unknown-alias 1:16'],
    ['a second document', 'workloads:', '---\nworkloads:', 'yaml-syntax 11:1'],
    ['a merge key', '  app: { node', '  app: { <<: { namespace: shop }, node', 'unknown-key 10:10'],
    ['not YAML', 'duration: 2m', 'duration: [2m', 'yaml-syntax 3:1'],
    ['a missing file', './Corefile', './Corefil', 'missing-file 5:41'],
    ['a Kubernetes release that is not known', 'cluster:\n', 'cluster:\n  kubernetes: "1.5"\n', 'unknown-release 4:15'],
    ['a release that is not modelled', '1.11.1', '1.11.9', 'unknown-release 5:23'],
    [
      'a resolver that is not modelled',
      'node: node-1 }',
      'node: node-1, resolver: nslookup }',
      'unknown-resolver 10:34',
    ],
    [
      'an option of a recursor with a value of another kind',
      'role: recursor, ',
      'role: recursor, software: unbound, options: { prefetch: 5 }, ',
      'wrong-type 8:70',
    ],
    ['a link that is none', 'pods:\n', 'links: { app..corp-dns: { latency: 1ms } }\npods:\n', 'bad-link 9:10'],
    [
      'a link in a direction to nowhere',
      'pods:\n',
      'links: { node-1->nowhere: { loss: 1 } }\npods:\n',
      'unknown-host 9:10',
    ],
    [
      'a link that is said twice',
      'pods:\n',
      'links: { default: { latency: 1ms, latencies: "1ms\\n2ms\\n" } }\npods:\n',
      'not-both 9:35',
    ],
    [
      'a latency that is no distribution',
      'pods:\n',
      'links: { default: { latency: { median: 2ms, p99: 1ms } } }\npods:\n',
      'bad-distribution 9:40',
    ],
    ['a rate without its unit', 'pods:\n', 'links: { default: { rate: 100 } }\npods:\n', 'wrong-type 9:27'],
    [
      'an event at a link that is none',
      '  - { at: 60s',
      '  - { at: 5s, setLink: { link: app..corp-dns, loss: 1 } }\n  - { at: 60s',
      'bad-link 14:32',
    ],
    ['a link to nowhere', 'pods:\n', 'links: { node-1..nowhere: { latency: 1ms } }\npods:\n', 'unknown-host 9:10'],
    [
      'a command that is not known',
      '  - { at: 60s',
      '  - { at: 5s, run: { on: node-1, command: iptable -F } }\n  - { at: 60s',
      'unknown-command 14:43',
    ],
    ['a record that is none', 'redis 600 IN A 10.0.0.2', 'redis 600 IN A 10.0.0', 'bad-data 14:94'],
    ['a port with a question for both families', 'every: 1s', 'port: 52421, every: 1s', 'conflict 12:59'],
    ['a port out of range', 'every: 1s', 'port: 65536, family: ipv4, every: 1s', 'out-of-range 12:59'],
    ['threads with a port', 'every: 1s', 'port: 52421, family: ipv4, threads: 2, every: 1s', 'conflict 12:89'],
    [
      'threads of dig',
      'app: { node: node-1 }\nworkloads:\n  app-redis: {',
      'app: { node: node-1, resolver: dig 9.18 }\nworkloads:\n  app-redis: { threads: 2,',
      'conflict 12:25',
    ],
    ['a time-out without a port', 'every: 1s', 'timeout: 1s, every: 1s', 'conflict 12:62'],
    ['a pause of no length', 'every: 1s', 'pauses: [{ from: 9s, until: 9s }], every: 1s', 'empty-window 12:81'],
    ['a pause without an end', 'every: 1s', 'pauses: [{ from: 9s }], every: 1s', 'missing-key 12:62'],
    [
      'a port that is taken',
      'every: 1s }',
      'port: 7777, family: ipv4, every: 1s }\n  b: { pod: app, lookup: b.example.com, port: 7777, family: ipv4, every: 1s }',
      'port-taken 13:47',
    ],
    [
      'a port behind a JVM',
      'node: node-1 }\nworkloads:\n  app-redis: { pod: app',
      'node: node-1, jvm: {} }\nworkloads:\n  app-redis: { port: 7777, family: ipv4, pod: app',
      'conflict 12:22',
    ],
    ['an entry without a port', 'failures: 0', 'entry: { at: 1s, flags: [] }', 'no-port 16:35'],
    ['an entry after the end', 'failures: 0', 'entry: { at: 3m }', 'no-port 16:35', 'after-the-end 16:41'],
    ['a flag that is none', 'failures: 0', 'entry: { at: 1s, flags: [DEAD] }', 'no-port 16:35', 'wrong-value 16:53'],
    ['a failure that begins after the end', 'failures: 0', 'failing: { from: 3m }', 'after-the-end 16:45'],
    ['a kube-proxy release that is none', 'cluster:\n', 'cluster:\n  kubeProxy: { release: new }\n', 'bad-format 4:25'],
    [
      'a kube-proxy release that is not known',
      'cluster:\n',
      'cluster:\n  kubeProxy: { release: 1.5.1 }\n',
      'unknown-release 4:25',
    ],
    ['a gap without a unit', 'cluster:\n', 'cluster:\n  kubeProxy: { commitGap: 9 }\n', 'unit-missing 4:27'],
    ['two replicas on one node', 'corefile:', 'hostNetwork: true, corefile:', 'conflict 5:44'],
    [
      'a link to a pod without a network of its own',
      'corefile: ./Corefile }\n',
      'hostNetwork: true, replicas: 1, corefile: ./Corefile }\nlinks: { coredns-1..node-1: { latency: 1ms } }\n',
      'unknown-host 6:10',
    ],
    [
      'pods and nodes that are not there, or cannot come about',
      '  - { at: 60s',
      `  - { at: 1s, deletePod: { coredns: coredns-9 } }
  - { at: 1s, deletePod: { coredns: coredns-1, leavesAfter: 5s, replacedAfter: 4s } }
  - { at: 1s, drain: { node: node-9 } }
  - { at: 1s, nodeReturns: { node: node-1 } }
  - { at: 2s, loseNode: { node: node-1, sinceHeartbeat: 11s } }
  - { at: 3s, loseNode: { node: node-1 } }
  - { at: 1s, rolloutRestart: node-local-dns }
  - { at: 60s`,
      'unknown-CoreDNS-pod 14:37',
      'out-of-range 15:80',
      'unknown-node 16:30',
      'conflict 17:36',
      'out-of-range 18:57',
      'conflict 19:33',
      'no-node-cache 20:31',
    ],
    ['an empty window', 'failures: 0', 'failures: 0, from: 20s, until: 10s', 'empty-window 16:59'],
  ])('%s', (_what, from, to, ...problems) => {
    expect(base).toContain(from);
    expect(problemsOf('s', files({ 's/scenario.yaml': base.replace(from, to) }))).toEqual(problems);
  });

  test('what is wrong by itself does not hide what comes after it', () => {
    const text = base
      .replace('192.168.1.100,', '192.168.1.300,')
      .replace('pod: app', 'pod: 5')
      .replace('corp-dns, zone', 'corp, zone');
    expect(problemsOf('s', files({ 's/scenario.yaml': text }))).toEqual([
      'bad-address 7:45',
      'wrong-type 12:21',
      'unknown-server 14:41',
    ]);
  });

  test('all of them at once, in the order of the file', () => {
    const text = base
      .replace('duration: 2m', 'duration: 2m\nsed: 1')
      .replace('node: node-1', 'node: node-2')
      .replace('pod: app, lookup', 'pod: ap, lookp')
      .replace('at: 60s', 'at: 3m')
      .replace('./example.com.zone', './example.com.zon');
    expect(problemsOf('s', files({ 's/scenario.yaml': text }))).toEqual([
      'unknown-key 3:1',
      'missing-file 8:82',
      'unknown-node 11:16',
      'missing-key 13:3',
      'unknown-pod 13:21',
      'unknown-key 13:25',
      'after-the-end 15:11',
    ]);
  });
});

describe('mistakes in the files that it names', () => {
  test.each<[what: string, change: Readonly<Record<string, string>>, ...problems: string[]]>([
    ['an unknown directive', { 's/Corefile': corefile.replace('errors', 'erors') }, 'unknown-directive s/Corefile:2:5'],
    [
      'an option of a plugin that is none',
      { 's/Corefile': corefile.replace('forward . 192.168.1.101', 'forward .') },
      'corefile-setup s/Corefile:4:13',
    ],
    [
      'two mistakes in a zone file',
      { 's/example.com.zone': zone.replace('redis IN A', 'redis IN AA').replace('192.168.1.100', '192.168.1') },
      'bad-data s/example.com.zone:5:9',
      'unknown-type s/example.com.zone:6:10',
    ],
  ])('%s', (_what, change, ...problems) => {
    expect(problemsOf('s', files(change))).toEqual(problems);
  });
});

describe('nothing to read', () => {
  test.each([
    ['a directory without a scenario', 'empty', 'no-scenario empty:1:1'],
    ['no such file', 'nowhere', 'missing-file nowhere:1:1'],
    ['an empty file', 'blank.yaml', 'empty-file blank.yaml:1:1'],
    ['a Corefile', 'Corefile', 'no-scenario Corefile:1:1'],
    ['a ConfigMap', 'coredns.yaml', 'no-scenario coredns.yaml:1:1'],
    ['no text', 'core', 'not-a-text core:1:1'],
  ])('%s', (_what, path, problem) => {
    const texts = {
      'empty/README.md': '',
      'blank.yaml': '\n',
      Corefile: corefile,
      'coredns.yaml': 'apiVersion: v1\nkind: ConfigMap\n',
      core: '\0ELF',
    };
    expect(problemsOf(path, inMemory(texts))).toEqual([problem]);
  });
});

describe('texts', () => {
  test('a Corefile as a block has the line numbers of the scenario', () => {
    const text = base.replace(
      '  coredns: { release: 1.11.1, corefile: ./Corefile }',
      '  coredns:\n    release: 1.11.1\n    corefile: |\n      .:53 {\n        cache 30\n      }',
    );
    const { corefile: source } = loadScenario('s', files({ 's/scenario.yaml': text })).artefacts;
    expect(source).toEqual({ file: 's/scenario.yaml', text: `${'\n'.repeat(7)}.:53 {\n  cache 30\n}\n` });
  });

  test('a text that an alias stands for is read where it was written', () => {
    const text = base
      .replace('title: A change', 'title: &cf ./Corefile')
      .replace('corefile: ./Corefile', 'corefile: *cf');
    expect(loadScenario('s', files({ 's/scenario.yaml': text })).artefacts.corefile.file).toBe('s/Corefile');
  });

  test('a ConfigMap manifest gives its Corefile, in its place, and its other files', () => {
    const manifest =
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  Corefile: |\n    .:53 {\n        errors\n    }\n  NodeHosts: |\n    10.0.0.9 host\n';
    const { artefacts } = loadScenario('s', files({ 's/Corefile': manifest }));
    expect(artefacts.corefile).toEqual({ file: 's/Corefile', text: `${'\n'.repeat(4)}.:53 {\n    errors\n}\n` });
    const text = '10.0.0.9 host\n';
    expect(artefacts.corednsFiles).toEqual({ NodeHosts: text, '/etc/coredns/NodeHosts': text });
  });

  test('a List of ConfigMaps gives the additions of coredns-custom where the Corefile imports them', () => {
    const own =
      'metadata: {name: coredns}\n  data:\n    Corefile: |\n      .:53 {\n        import custom/*.override\n        whoami\n      }\n      import /etc/coredns/custom/*.server\n';
    const custom =
      'metadata: {name: coredns-custom}\n  data:\n    log.override: log\n    a.server: |\n      a.test:53 {\n        nosuch\n      }\n';
    const list = `apiVersion: v1\nkind: List\nitems:\n- kind: ConfigMap\n  ${own}- kind: ConfigMap\n  ${custom}`;
    const found = problemsOf('s', files({ 's/Corefile': list }));
    expect(found).toEqual(['unknown-directive /etc/coredns/custom/a.server:2:3']);
  });

  test('a manifest among others of one file', () => {
    const others = '# What kubectl applies\n---\napiVersion: v1\nkind: ServiceAccount\n---\n';
    const text = `${others}kind: ConfigMap\ndata:\n  Corefile: |\n    .:53 {\n      whoami\n    }\n`;
    const { corefile: source } = loadScenario('s', files({ 's/Corefile': text })).artefacts;
    expect(source).toEqual({ file: 's/Corefile', text: `${'\n'.repeat(8)}.:53 {\n  whoami\n}\n` });
  });

  test.each([
    ['an addition itself', 'log\n', 'no-manifest s/custom.yaml:1:1'],
    ['nothing', '', 'no-manifest s/custom.yaml:1:1'],
  ])('%s in the place of a manifest of additions', (_what, custom, problem) => {
    const text = base.replace('corefile: ./Corefile', 'corefile: ./Corefile, custom: ./custom.yaml');
    expect(problemsOf('s', files({ 's/scenario.yaml': text, 's/custom.yaml': custom }))).toEqual([problem]);
  });

  test('a manifest of additions by itself', () => {
    const text = base.replace('corefile: ./Corefile', 'corefile: ./Corefile, custom: ./custom.yaml');
    const corefile = '. {\n  import /etc/coredns/custom/*.override\n  whoami\n}\n';
    const custom = 'kind: ConfigMap\ndata:\n  a.override: |\n    bogus\n';
    const all = { 's/scenario.yaml': text, 's/Corefile': corefile, 's/custom.yaml': custom };
    expect(problemsOf('s', files(all))).toEqual(['unknown-directive /etc/coredns/custom/a.override:1:1']);
  });

  test('a plugin that is not modelled is refused, unless the scenario says to ignore it', () => {
    const corefile = '. {\n  dnssec\n  whoami\n}\n';
    expect(problemsOf('s', files({ 's/Corefile': corefile }))).toEqual(['not-modelled s/Corefile:2:3']);
    const text = base.replace('corefile: ./Corefile', 'corefile: ./Corefile, ignore: [dnssec]');
    const { remarks } = loadScenario('s', files({ 's/scenario.yaml': text, 's/Corefile': corefile }));
    expect(remarks.map(({ message }) => message)).toContain('plugin `dnssec` is left out');
    const wrong = base.replace('corefile: ./Corefile', 'corefile: ./Corefile, ignore: [forward, dnsec]');
    expect(problemsOf('s', files({ 's/scenario.yaml': wrong }))).toEqual([
      'modelled-plugin 5:62',
      'unknown-plugin 5:71',
    ]);
  });

  test('the latest release, and what kubeadm installs with a Kubernetes release', () => {
    const of = (from: string, to: string) => {
      const text = base.replace(from, to);
      return corednsRelease(loadScenario('s', files({ 's/scenario.yaml': text })).definition.cluster);
    };
    expect(of('release: 1.11.1', 'release: latest')).toBe('1.15.0');
    expect(of('coredns: { release: 1.11.1,', 'kubernetes: "1.27"\n  coredns: {')).toBe('1.10.1');
  });

  test('a ConfigMap without a Corefile', () => {
    expect(problemsOf('s', files({ 's/Corefile': 'apiVersion: v1\nkind: ConfigMap\ndata: {}\n' }))).toEqual([
      'no-corefile s/Corefile:3:7',
    ]);
  });
});

test('what a Corefile names and the simulator leaves out is remarked on, in the order of the file', () => {
  const text = '.:53 {\n    pprof\n    debug\n    forward . 192.168.1.101\n}\n';
  const { remarks } = loadScenario('s', files({ 's/Corefile': text }));
  expect(remarks.map(({ code, file, line, message }) => `${code} ${file}:${line} ${message}`)).toEqual([
    'not-modelled s/Corefile:2 the effect of plugin `pprof` is left out',
    'not-modelled s/Corefile:3 the effect of plugin `debug` is left out',
  ]);
});

test('a file that two machines read is remarked on once', () => {
  const text = base.replace(
    'node-1: { address: 192.168.1.200 }',
    'node-1: { address: 192.168.1.200, resolvConf: ./r }, node-2: { address: 192.168.1.201, resolvConf: ./r }',
  );
  const r = `${[1, 2, 3, 4].map((last) => `nameserver 192.168.1.${last}`).join('\n')}\n`;
  const { remarks } = loadScenario('s', files({ 's/scenario.yaml': text, 's/r': r }));
  expect(remarks.map(({ file, line }) => `${file}:${line}`)).toEqual(['s/r:4']);
});
