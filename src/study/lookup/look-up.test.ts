import { describe, expect, test } from 'vitest';
import { disk } from '../../cli/disk.ts';
import { attemptRecord } from '../../coredns/plugins/forward/records.ts';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../../scenario/files.ts';
import type { Conversation } from '../../trace/conversation.ts';
import { lookUp } from './look-up.ts';
import type { LookupRequest } from './surroundings.ts';

const own = new Map([
  ['indented.conf', 'nameserver 10.0.0.2\n search shop.svc.k.local svc.k.local k.local\noptions ndots:5\n'],
  [
    'two.conf',
    'nameserver 10.96.0.10\nnameserver 10.0.0.9\nsearch shop.svc.k.local svc.k.local k.local\noptions ndots:5\n',
  ],
  ['host.conf', 'nameserver 10.0.0.2\nnameserver 10.0.0.3\n'],
  ['local.conf', 'nameserver 169.254.20.10\nnameserver 172.21.0.10\nsearch a.svc.cluster.local svc.cluster.local\n'],
  ['kubespray.conf', 'nameserver 169.254.25.10\nsearch a.svc.cluster.local svc.cluster.local\n'],
  [
    'node-local',
    '.:53 {\n  bind 169.254.25.10\n  forward . 10.233.0.3\n}\nin-addr.arpa {\n  bind 169.254.25.10\n  forward . 10.233.0.3\n}\n',
  ],
  ['cloud.conf', 'nameserver 169.254.169.253\n'],
  ['Corefile', '.:53 {\n  kubernetes cluster.local\n  forward . 10.0.0.2 10.0.0.3 {\n    policy sequential\n  }\n}\n'],
  ['Stub', '.:53 {\n  forward . 10.0.0.3\n}\nwww.example.com:53 {\n  forward . 10.0.0.2\n}\n'],
  ['Broken', '.:53 {\n  forwrd . 10.0.0.2\n}\n'],
]);
const files: Files = { ...disk, read: (path) => own.get(path) ?? disk.read(path) };
const plain: LookupRequest = {
  name: 'www.example.com',
  family: 'any',
  resolver: 'glibc 2.36',
  resolvConf: undefined,
  corefile: undefined,
  release: undefined,
  namespace: 'default',
  services: [],
  upstreams: [],
  seed: '1',
};
const make = (request: Partial<LookupRequest>) => lookUp({ ...plain, ...request }, 'starter', files);
const queries = ({ names }: Conversation) => names.flatMap((name) => name.queries);
const seconds = ({ start, end }: Conversation) => Math.round(((end?.t ?? 0) - start) / 1e5) / 10;

describe('what ndots does: 2(S+1) queries for a name with fewer dots (incident I02)', () => {
  test('a pod of today: three suffixes, 8 queries, 6 of them NXDOMAIN; 2 with a final dot', () => {
    const { conversation, withDot } = make({});
    expect(conversation.names.map(({ name, reason }) => [name, reason])).toEqual([
      ['www.example.com.default.svc.cluster.local.', 'search-list'],
      ['www.example.com.svc.cluster.local.', 'search-list'],
      ['www.example.com.cluster.local.', 'search-list'],
      ['www.example.com.', 'last-resort'],
    ]);
    expect(queries(conversation)).toHaveLength(8);
    expect(queries(conversation).filter(({ reply }) => reply?.rcode === 'NXDOMAIN')).toHaveLength(6);
    expect(conversation.end).toMatchObject({ result: 'OK', addresses: ['198.51.100.10'] });
    expect(withDot === undefined ? 0 : queries(withDot).length).toBe(2);
  });

  test('the namespace of the pod is in its search list; one family is half', () => {
    const { conversation } = make({ namespace: 'shop', family: 'ipv4' });
    expect(conversation.names[0]?.name).toBe('www.example.com.shop.svc.cluster.local.');
    expect(queries(conversation)).toHaveLength(4);
  });
});

describe('servers that fail', () => {
  test('two servers that are gone cost musl 5 s, and glibc 20 s for the first name and the last (facts, resolvers 1 and 2)', () => {
    const silent = (resolver: string) =>
      make({
        resolver,
        resolvConf: 'two.conf',
        upstreams: [
          { address: '10.96.0.10', behaviour: 'dead' },
          { address: '10.0.0.9', behaviour: 'dead' },
        ],
      }).conversation;
    expect([silent('musl 1.2.5'), silent('glibc 2.36')].map(seconds)).toEqual([5, 40]);
  });

  test.each([
    ['refused', 'EAI_AGAIN'],
    ['servfail', 'EAI_AGAIN'],
    ['nxdomain', 'EAI_NONAME'],
    ['answer', 'OK'],
  ] as const)('the only upstream says %s: %s', (behaviour, result) => {
    const { conversation } = make({ upstreams: [{ address: '10.0.0.2', behaviour }] });
    expect(conversation.end?.result).toBe(result);
  });

  test('CoreDNS asks the first upstream for 2 s before the second', () => {
    const { conversation } = make({
      corefile: 'Corefile',
      release: '1.11.1',
      upstreams: [{ address: '10.0.0.2', behaviour: 'dead' }],
      name: 'www.example.com.',
    });
    expect(queries(conversation)[0]?.handled.map(({ text }) => text)).toEqual([
      'asks 10.0.0.2: i/o timeout after 2 s',
      expect.stringMatching(/^asks 10\.0\.0\.3: NOERROR after/),
    ]);
    expect(seconds(conversation)).toBe(2);
  });
});

describe('whose resolv.conf it is', () => {
  test("the search list tells the cluster's domain, its first server kube-dns", () => {
    const { conversation, run } = make({ resolvConf: 'two.conf', name: 'cart' });
    expect(run.scenario.definition.cluster.domain).toBe('k.local');
    expect(conversation.names.map(({ name }) => name)).toEqual([
      'cart.shop.svc.k.local.',
      'cart.svc.k.local.',
      'cart.k.local.',
      'cart.',
    ]);
    expect(make({ resolvConf: 'two.conf', name: 'cart', services: ['shop/cart'] }).conversation.end?.result).toBe('OK');
  });

  test('a file of a machine outside has its own servers, and no CoreDNS', () => {
    const { conversation, inCluster } = make({
      resolvConf: 'host.conf',
      upstreams: [{ address: '10.0.0.2', behaviour: 'dead' }],
    });
    expect(inCluster).toBe(false);
    expect([...new Set(queries(conversation).map(({ server }) => server))]).toEqual(['10.0.0.2', '10.0.0.3']);
    expect(seconds(conversation)).toBe(5);
  });

  test('it is read as the resolver reads it: glibc passes over lines that begin with a blank, Go does not', () => {
    const [glibc, go] = ['glibc 2.36', 'go 1.22'].map((resolver) => make({ resolvConf: 'indented.conf', resolver }));
    expect([glibc?.inCluster, go?.inCluster]).toEqual([false, true]);
    expect(go?.run.scenario.definition.cluster.domain).toBe('k.local');
  });

  test.each(['local.conf', 'kubespray.conf'])('the link-local address of %s is NodeLocal DNSCache', (resolvConf) => {
    const { conversation, run } = make({ resolvConf, name: 'kubernetes.default.svc.cluster.local.' });
    expect(run.world.nodeCaches).toHaveLength(2);
    expect(conversation.end).toMatchObject({ result: 'OK' });
  });

  test('with a Corefile of its own it asks whom that names, at the address that kube-dns has there', () => {
    const { run, conversation } = make({ resolvConf: 'kubespray.conf', nodeLocal: 'node-local', corefile: 'Corefile' });
    expect(run.scenario.definition.cluster.coredns.serviceIP).toBe('10.233.0.3');
    expect(run.scenario.definition.cluster.nodeLocalDNS?.addresses).toEqual(['169.254.25.10']);
    expect(conversation.end).toMatchObject({ result: 'OK' });
    expect(
      [...run.store.rows(attemptRecord)].some(({ at, to }) => /^coredns/.test(at) && /^10\.0\.0\.2:/.test(to)),
    ).toBe(true);
  });

  test('what probes of a silent upstream bring on is not told as done with the query', () => {
    const silent = {
      resolvConf: 'kubespray.conf',
      nodeLocal: 'node-local',
      corefile: 'Stub',
      name: 'www.example.com.',
    };
    const { conversation } = make({ ...silent, upstreams: [{ address: '10.0.0.2', behaviour: 'dead' }] });
    const asked = queries(conversation).flatMap(({ handled }) => handled.map(({ text }) => text));
    expect(asked).toContain('asks 10.0.0.2: i/o timeout after 2 s');
    // It is of the block for all other names, which the probes of NodeLocal DNSCache come to.
    expect(asked.filter((text) => text.startsWith('asks 10.0.0.3'))).toEqual([]);
  });

  test("that of a cloud's resolver is not", () => {
    expect(make({ resolvConf: 'cloud.conf', name: 'www.example.com.' }).run.world.nodeCaches ?? []).toEqual([]);
  });
});

describe('mistakes are told all at once, each at its option', () => {
  const problemsOf = (request: Partial<LookupRequest>) => {
    try {
      make(request);
      return [];
    } catch (error) {
      if (!(error instanceof ProblemsFound)) throw error;
      return error.problems.map(({ file, line, column, code }) => `${file}:${line}:${column} ${code}`).sort();
    }
  };

  test('name, resolver, release, files', () => {
    const request = { name: 'a..b', resolver: 'glibcc 2.36', release: '1.11.99', corefile: 'Broken', resolvConf: 'no' };
    expect(problemsOf(request)).toEqual([
      '--release:1:1 unknown-release',
      '--resolv-conf:1:1 missing-file',
      '--resolver:1:1 unknown-resolver',
      'Broken:2:3 unknown-directive',
      'NAME:1:1 bad-name',
    ]);
  });

  test('an upstream that nobody asks', () => {
    const upstreams = [{ address: '10.0.0.4', behaviour: 'dead' as const }];
    expect(problemsOf({ corefile: 'Corefile', upstreams })).toEqual(['--upstream:1:1 unknown-upstream']);
  });
});
