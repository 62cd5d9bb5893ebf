import { describe, expect, test } from 'vitest';
import { coreDnsLog } from '../coredns/records.ts';
import { served } from '../coredns/testing/served.ts';
import { second } from '../engine/time.ts';
import { queryMade } from '../resolver/records.ts';
import { loadScenario } from '../scenario/load.ts';
import { type FinishedRun, run } from '../study/run.ts';
import { checkFiles } from './check.ts';
import { inMemory } from './testing/in-memory.ts';

// What the rules say comes of it, made to happen.

const txt = (ttl: number) => `  template IN TXT {\n    answer "{{ .Name }} ${ttl} IN TXT x"\n  }\n`;

/** Codes of what is found in a Corefile. */
const found = (corefile: string, release: '1.9.2' | '1.9.3' | '1.11.1' | '1.14.4' | '1.15.0' = '1.15.0') =>
  checkFiles(['Corefile'], inMemory({ Corefile: corefile }), { release }).files.flatMap(({ findings }) =>
    findings.map(({ code }) => code),
  );

describe('blocks', () => {
  const capitals = `Corp.example {\n${txt(60)}}\n`;
  test('key-in-capitals: names of the zone are refused', () => {
    expect(found(capitals, '1.11.1')).toContain('key-in-capitals');
    expect(served(capitals, { release: '1.11.1' }).ask('www.corp.example.', 'TXT')?.rcode).toBe('REFUSED');
    expect(found(capitals)).not.toContain('key-in-capitals');
    expect(served(capitals).ask('www.corp.example.', 'TXT')?.rcode).toBe('NOERROR');
  });

  test.each([
    ['errors\n  cache 30', 'SERVFAIL'],
    ['', 'REFUSED'],
  ])('block-answers-nothing: {%s} says %s', (plugins, rcode) => {
    const corefile = `corp.example {\n  ${plugins}\n}\n`;
    expect(found(corefile)).toContain('block-answers-nothing');
    expect(served(corefile).ask('www.corp.example.', 'A')?.rcode).toBe(rcode);
  });

  test('key-is-no-zone: CoreDNS starts with a stray brace', () => {
    const corefile = `. {\n${txt(60)}}\n}\n`;
    expect(found(corefile)).toContain('key-is-no-zone');
    expect(served(corefile).failure).toBeUndefined();
  });
});

describe('cache', () => {
  const cached = (cache: string, ttl: number, release = '1.15.0') =>
    served(`. {\n  ${cache}\n${txt(ttl)}}\n`, { release });
  const answer = (ttl: number) => [`a.example. ${ttl} IN TXT "x"`];

  test('cache-time-taken-for-zone: `cache 30s` keeps nothing', () => {
    expect(found(`. {\n  cache 30s\n${txt(600)}}\n`)).toContain('cache-time-taken-for-zone');
    expect(cached('cache 30s', 600).ask('a.example.', 'TXT')?.answer).toEqual(answer(600));
    expect(cached('cache 30', 600).ask('a.example.', 'TXT')?.answer).toEqual(answer(30));
  });

  test('cache-above-an-hour: 7200 is 3600 up to 1.14.3', () => {
    expect(found(`. {\n  cache 7200\n${txt(9000)}}\n`, '1.11.1')).toContain('cache-above-an-hour');
    expect(cached('cache 7200', 9000, '1.11.1').ask('a.example.', 'TXT')?.answer).toEqual(answer(3600));
    expect(found(`. {\n  cache 7200\n${txt(9000)}}\n`, '1.14.4')).not.toContain('cache-above-an-hour');
    expect(cached('cache 7200', 9000, '1.14.4').ask('a.example.', 'TXT')?.answer).toEqual(answer(7200));
  });

  test.each([10, 45, 100])('cache-minimum-above-maximum: TTL %d becomes the maximum', (ttl) => {
    const cache = 'cache {\n    success 9984 30 60\n  }';
    expect(found(`. {\n  ${cache}\n${txt(ttl)}}\n`)).toContain('cache-minimum-above-maximum');
    expect(cached(cache, ttl).ask('a.example.', 'TXT')?.answer).toEqual(answer(30));
  });

  test('keepttl-adds-up: a hit carries the TTL that the answer began with', () => {
    const twentySecondsLater = (cache: string) => {
      const server = cached(cache, 30);
      server.ask('a.example.', 'TXT');
      server.simulation.run(server.simulation.now + 20 * second);
      return server.ask('a.example.', 'TXT')?.answer;
    };
    const keeps = 'cache 30 {\n    keepttl\n  }';
    expect(found(`. {\n  ${keeps}\n${txt(30)}}\n`)).toContain('keepttl-adds-up');
    expect(twentySecondsLater(keeps)).toEqual(answer(30));
    expect(twentySecondsLater('cache 30')).toEqual(answer(10));
  });

  test.each([
    ['cache 300', 300],
    ['cache 300 {\n    denial 9984 5\n  }', 5],
    ['cache', 600],
  ])('denial-outlives-rollout: with `%s` a missing name is denied for %d s', (cache, ttl) => {
    const denies =
      '  template ANY ANY {\n    rcode NXDOMAIN\n    authority ". 600 IN SOA ns. host. 1 7200 900 1209600 600"\n  }\n';
    const corefile = `. {\n  ${cache}\n${denies}}\n`;
    expect(found(corefile).includes('denial-outlives-rollout')).toBe(ttl > 30);
    expect(served(corefile).ask('a.example.', 'A')?.authority).toEqual([
      `. ${ttl} IN SOA ns. host. 1 7200 900 1209600 600`,
    ]);
  });

  test.each([
    [0, 5],
    [3, 5],
    [600, 30],
  ])('kubernetes-ttl-clamped, ttl-below-minimum: TTL %d is %d s for clients', (ttl, seen) => {
    expect(found(`. {\n  kubernetes cluster.local {\n    ttl ${ttl}\n  }\n  cache 30\n}\n`)).toContain(
      'kubernetes-ttl-clamped',
    );
    expect(cached('cache 30', ttl).ask('a.example.', 'TXT')?.answer).toEqual(answer(seen));
  });
});

describe('plugins that answer', () => {
  const hosts = (more: string) =>
    `. {\n  hosts {\n    192.0.2.1 db.corp.example\n${more}  }\n  forward . 127.0.0.9\n  file db corp.example\n}\n`;
  const files = { db: '$ORIGIN corp.example.\n$TTL 60\n@ IN SOA ns host 1 2 3 4 5\nwww IN A 192.0.2.9\n' };

  test('hosts-ends-the-way: what is not listed is SERVFAIL, whatever stands behind it', () => {
    expect(found(hosts(''))).toContain('hosts-ends-the-way');
    expect(served(hosts(''), { files }).ask('www.corp.example.', 'A')?.rcode).toBe('SERVFAIL');
    expect(served(hosts('    fallthrough\n'), { files }).ask('www.corp.example.', 'A')?.rcode).toBe('NOERROR');
  });

  test('hosts-zone-taken-for-file: CoreDNS looks for a file of that name', () => {
    const corefile = '. {\n  hosts corp.example {\n    192.0.2.1 db.corp.example\n    fallthrough\n  }\n}\n';
    expect(found(corefile)).toContain('hosts-zone-taken-for-file');
    expect(served(corefile).log).toContain('[WARNING] plugin/hosts: File does not exist: corp.example');
  });

  test('hosts-line-without-address: CoreDNS starts, and the line is no entry', () => {
    const corefile = hosts('    ttll 60\n    fallthrough\n');
    expect(found(corefile)).toContain('hosts-line-without-address');
    expect(served(corefile, { files }).failure).toBeUndefined();
  });

  test('template-ends-the-way: SERVFAIL, up to 1.9.2 nothing', () => {
    const corefile =
      '. {\n  template IN A {\n    match ^db[.]\n    answer "{{ .Name }} 60 IN A 192.0.2.1"\n  }\n  forward . 127.0.0.9\n}\n';
    expect(found(corefile, '1.9.2')).toContain('template-ends-the-way');
    expect(served(corefile, { release: '1.9.2' }).ask('www.corp.example.', 'A')).toBeUndefined();
    expect(served(corefile, { release: '1.9.3' }).ask('www.corp.example.', 'A')?.rcode).toBe('SERVFAIL');
  });

  test('regex-never-matches: names end in a dot', () => {
    const rewrites = (regex: string) =>
      `. {\n  rewrite name regex ${regex} b.example\n  hosts {\n    192.0.2.1 b.example\n  }\n}\n`;
    expect(found(rewrites('^a[.]example$'))).toContain('regex-never-matches');
    expect(served(rewrites('^a[.]example$')).ask('a.example.', 'A')?.rcode).toBe('SERVFAIL');
    expect(found(rewrites('^a[.]example[.]$'))).not.toContain('regex-never-matches');
    expect(served(rewrites('^a[.]example[.]$')).ask('a.example.', 'A')?.rcode).toBe('NOERROR');
  });

  test('soa-ttl-above-minimum: `file` sends the SOA record as it stands', () => {
    const corefile = '. {\n  file corp.zone corp.example\n}\n';
    const zone = { 'corp.zone': '$ORIGIN corp.example.\n$TTL 3600\n@ IN SOA ns host 1 2 3 4 60\n' };
    const report = checkFiles(['Corefile'], inMemory({ Corefile: corefile, ...zone }));
    expect(report.files[0]?.findings).toMatchObject([{ code: 'soa-ttl-above-minimum', line: 2, column: 8 }]);
    expect(served(corefile, { files: zone }).ask('www.corp.example.', 'A')?.authority).toEqual([
      'corp.example. 3600 IN SOA ns.corp.example. host.corp.example. 1 2 3 4 60',
    ]);
  });

  test('outside-addresses-have-no-names: an address of the outside is NXDOMAIN', () => {
    const cluster = { *sync() {}, namespaces: () => [], services: () => [], endpoints: () => [], podsAt: () => [] };
    const reverse = {
      db: '$ORIGIN 2.0.192.in-addr.arpa.\n$TTL 60\n@ IN SOA ns host 1 2 3 4 5\n9 IN PTR www.corp.example.\n',
    };
    const corefile = (more: string) =>
      `. {\n  kubernetes cluster.local in-addr.arpa ${more}\n  file db 2.0.192.in-addr.arpa\n  forward . 127.0.0.9\n}\n`;
    const ask = (more: string) =>
      served(corefile(more), { files: reverse, cluster }).ask('9.2.0.192.in-addr.arpa.', 'PTR')?.rcode;
    expect(found(corefile(''))).toContain('outside-addresses-have-no-names');
    expect(ask('')).toBe('NXDOMAIN');
    expect(ask('{\n    fallthrough in-addr.arpa\n  }')).toBe('NOERROR');
  });
});

/** A node, a pod that looks one name up, and a server that knows example.org at 192.168.1.101. */
interface SmallWorld {
  readonly corefile: string;
  readonly release?: string;
  readonly node?: string;
  readonly pod?: string;
  readonly resolver?: string;
  readonly lookup?: string;
  readonly count?: number;
}

const zone =
  '$ORIGIN example.org.\n$TTL 60\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.1.101\nwww IN A 203.0.113.1\n';

function small({
  corefile,
  release = '1.11.3',
  node,
  pod,
  resolver = 'glibc 2.36',
  lookup = 'www.example.org.',
  count = 1,
}: SmallWorld) {
  const own = pod === undefined ? '' : ', resolvConf: ./resolv.conf';
  const scenario = `title: a small world
duration: 100s
cluster:
  nodes: { node-1: { address: 192.168.1.200, resolvConf: ./node-resolv.conf } }
  coredns: { release: ${release}, replicas: 1, corefile: ./Corefile }
  services:
    - { name: prod/db, address: 10.96.5.5, ports: [{ name: tcp, protocol: tcp, port: 80 }] }
servers:
  dns: { role: authoritative, address: 192.168.1.101, zones: { example.org: ./example.org.zone }, tls: { names: [dns.example.org] } }
pods:
  app: { node: node-1, resolver: ${resolver}${own} }
workloads:
  app: { pod: app, lookup: ${lookup}, at: 3s, every: 8s, count: ${count} }
`;
  return inMemory({
    's/scenario.yaml': scenario,
    's/Corefile': corefile,
    's/node-resolv.conf': node ?? 'nameserver 192.168.1.101\n',
    's/example.org.zone': zone,
    ...(pod === undefined ? {} : { 's/resolv.conf': pod }),
  });
}

const play = (world: SmallWorld): FinishedRun => run(loadScenario('s', small(world)));
const lookups = ({ analysis }: FinishedRun) =>
  analysis.workloads.flatMap((workload) =>
    workload.lookups.map(({ result, start, end }) => ({ result, seconds: Math.round((end - start) / 100_000) / 10 })),
  );
const log = ({ store }: FinishedRun): string[] => [...store.rows(coreDnsLog)].map(({ line }) => line);
const foundIn = (world: SmallWorld) =>
  checkFiles(['s'], small(world)).files.flatMap(({ findings }) => findings.map(({ code }) => code));
const forwardTo = (to: string, more = '') => `. {\n  errors\n  cache 30\n${more}  forward . ${to}\n}\n`;
const clusterSearch = 'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\n';
const cluster = `. {\n  errors\n  cache 30\n  kubernetes cluster.local\n  forward . 192.168.1.101\n}\n`;

describe('upstreams', () => {
  test('upstream-not-there: alone, a lookup fails after 6 s; from 1.14.7 on a try ends after 4 s', () => {
    const world = { corefile: forwardTo('192.0.2.53') };
    expect(foundIn(world)).toContain('upstream-not-there');
    expect(lookups(play(world))).toEqual([{ result: 'EAI_AGAIN', seconds: 6 }]);
    expect(log(play({ ...world, release: '1.14.7' }))).toContainEqual(expect.stringMatching(/ERROR.*i\/o timeout/));
  });

  test('upstream-not-there: beside another, some lookups wait 2 s until it counts as down', () => {
    const corefile = '. {\n  forward . 192.0.2.53 192.168.1.101 {\n    policy sequential\n  }\n}\n';
    expect(foundIn({ corefile })).toContain('upstream-not-there');
    expect(lookups(play({ corefile, count: 3 }))).toEqual([
      { result: 'OK', seconds: 2 },
      { result: 'OK', seconds: 0 },
      { result: 'OK', seconds: 0 },
    ]);
  });

  test('never-down: with max_fails 0 each lookup waits', () => {
    const corefile = '. {\n  forward . 192.0.2.53 192.168.1.101 {\n    policy sequential\n    max_fails 0\n  }\n}\n';
    expect(foundIn({ corefile })).toContain('never-down');
    expect(lookups(play({ corefile, count: 3 })).map(({ seconds }) => seconds)).toEqual([2, 2, 2]);
  });

  test.each([
    ['forward-loop', { corefile: forwardTo('127.0.0.1', '  loop\n') }],
    ['resolv-conf-loop', { corefile: forwardTo('/etc/resolv.conf', '  loop\n'), node: 'nameserver 127.0.0.53\n' }],
  ])('%s: with `loop` CoreDNS ends', (code, world) => {
    expect(foundIn(world)).toContain(code);
    expect(log(play(world))).toContainEqual(expect.stringMatching(/^\[FATAL\] plugin\/loop: Loop /));
  });

  test('forward-loop: without `loop` lookups fail', () => {
    const corefile = '. {\n  forward . 127.0.0.1 {\n    max_concurrent 50\n  }\n}\n';
    expect(lookups(play({ corefile }))).toMatchObject([{ result: 'EAI_AGAIN' }]);
  });

  test('forward-to-own-service: no name outside resolves', () => {
    const corefile = '. {\n  forward . 10.96.0.10 {\n    max_concurrent 50\n  }\n}\n';
    expect(foundIn({ corefile })).toContain('forward-to-own-service');
    expect(lookups(play({ corefile }))).toMatchObject([{ result: 'EAI_AGAIN' }]);
  });

  test('forward-hidden: the first line takes the query, although the second has the longer zone', () => {
    const corefile = '. {\n  forward . 192.0.2.53\n  forward example.org 192.168.1.101\n}\n';
    expect(foundIn({ corefile })).toContain('forward-hidden');
    expect(lookups(play({ corefile }))).toMatchObject([{ result: 'EAI_AGAIN' }]);
    const mended = '. {\n  forward example.org 192.168.1.101\n  forward . 192.0.2.53\n}\n';
    expect(foundIn({ corefile: mended })).not.toContain('forward-hidden');
    expect(lookups(play({ corefile: mended }))).toMatchObject([{ result: 'OK' }]);
  });
});

describe('upstreams over TLS', () => {
  const name = ' {\n    policy sequential\n    tls_servername dns.example.org\n  }';

  test.each([
    ['tls-not-served', `tls://192.168.1.200${name}`],
    ['tls-without-name', 'tls://192.168.1.101'],
  ])('%s: no lookup is answered', (code, to) => {
    expect(foundIn({ corefile: forwardTo(to) })).toContain(code);
    expect(lookups(play({ corefile: forwardTo(to) }))).toMatchObject([{ result: 'EAI_AGAIN' }]);
    const mended = forwardTo(`tls://192.168.1.101${name}`);
    expect(foundIn({ corefile: mended })).not.toContain(code);
    expect(lookups(play({ corefile: mended }))).toMatchObject([{ result: 'OK' }]);
  });

  test('tls-dial-unbounded: up to 1.14.7 nobody asks the second; then it answers after 2.5 s', () => {
    const corefile = forwardTo(`tls://192.0.2.53 tls://192.168.1.101${name}`);
    expect(foundIn({ corefile, release: '1.14.7' })).toContain('tls-dial-unbounded');
    expect(lookups(play({ corefile, release: '1.14.7' }))).toEqual([{ result: 'EAI_AGAIN', seconds: 10 }]);
    expect(foundIn({ corefile, release: '1.15.0' })).not.toContain('tls-dial-unbounded');
    expect(lookups(play({ corefile, release: '1.15.0' }))).toEqual([{ result: 'OK', seconds: 2.5 }]);
  });
});

describe('clients', () => {
  test.each([
    ['glibc 2.36', 'OK'],
    ['musl 1.2.5', 'EAI_NONAME'],
  ])('aaaa-denied: %s gets %s', (resolver, result) => {
    const corefile = forwardTo('192.168.1.101', '  template ANY AAAA {\n    rcode NXDOMAIN\n  }\n');
    expect(foundIn({ corefile })).toContain('aaaa-denied');
    expect(lookups(play({ corefile, resolver }))).toMatchObject([{ result }]);
  });

  test.each([
    [5, 8],
    [2, 2],
  ])('search-amplification: ndots:%d makes %d queries of an outside name', (ndots, queries) => {
    const world = { corefile: cluster, pod: `${clusterSearch}options ndots:${ndots}\n`, lookup: 'www.example.org' };
    expect(foundIn(world).includes('search-amplification')).toBe(queries > 2);
    const { store } = play(world);
    expect(store.count(queryMade)).toBe(queries);
  });

  test.each([
    ['musl 1.2.5', 1, 'EAI_NONAME'],
    ['musl 1.2.5', 2, 'OK'],
    ['glibc 2.36', 1, 'OK'],
  ])('short-names-asked-outside: %s with ndots:%d gets %s for db.prod', (resolver, ndots, result) => {
    const corefile = `${cluster}prod {\n  template ANY ANY {\n    rcode NXDOMAIN\n  }\n}\n`;
    const world = { corefile, resolver, pod: `${clusterSearch}options ndots:${ndots}\n`, lookup: 'db.prod' };
    expect(foundIn(world).includes('short-names-asked-outside')).toBe(ndots < 2);
    expect(lookups(play(world))).toMatchObject([{ result }]);
  });
});
