import { describe, expect, test } from 'vitest';
import { ProblemsFound } from '../problem/problem.ts';
import { assumptionsOf } from './assumptions.ts';
import type { Files } from './files.ts';
import { loadScenario } from './load.ts';
import { toWorld } from './translate/world.ts';

const base = `title: A node's own cache
duration: 2m
cluster:
  kubernetes: "1.28"
  nodes:
    node-1: { address: 192.168.1.200, resolvConf: "nameserver 192.168.1.2\\n" }
    node-2: { address: 192.168.1.201, resolvConf: "nameserver 192.168.1.2\\n" }
  coredns: { release: 1.11.1, corefile: ./Corefile }
  nodeLocalDNS: {}
pods:
  app: { node: node-1, namespace: shop }
  other: { node: node-2 }
workloads:
  app: { pod: app, lookup: redis.example.com, every: 1s }
  other: { pod: other, lookup: redis.example.com, every: 1s }
events: []
`;

/** The ip6.arpa block of the field report's manifest, with a second \`loop\`. */
const published = `apiVersion: v1
kind: ConfigMap
data:
  Corefile: |
    .:53 {
        errors
        bind 169.254.25.10
        forward . 10.96.0.10 {
            force_tcp
        }
    }
    ip6.arpa:53 {
        errors
        loop
        loop
        bind 169.254.25.10
        forward . 10.96.0.10
    }
`;

const texts: Readonly<Record<string, string>> = {
  's/Corefile': '.:53 {\n    forward . /etc/resolv.conf\n}\n',
  's/published.yaml': published,
  's/kubernetes.Corefile': '.:53 {\n    kubernetes cluster.local\n}\n',
  's/kube-dns.yaml':
    'apiVersion: v1\nkind: ConfigMap\ndata:\n  stubDomains: |\n    {"corp.example": ["192.0.2.60"]}\n  upstreamNameservers: |\n    ["192.0.2.54"]\n',
  's/broken.yaml': 'apiVersion: v1\nkind: ConfigMap\ndata:\n  stubDomains: |\n    {"corp.example": ["192.0.2.60"\n',
};

function load(nodeLocalDNS: string, change: (text: string) => string = (text) => text) {
  const text = change(base.replace('nodeLocalDNS: {}', `nodeLocalDNS: ${nodeLocalDNS}`));
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? text : texts[path]),
    isDirectory: (path) => path === 's',
  };
  return loadScenario('s', files);
}

/** File, line and message of every problem. */
function problemsOf(nodeLocalDNS: string, change?: (text: string) => string): string[] {
  try {
    load(nodeLocalDNS, change);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ file, line, message }) => `${file.replace('s/', '')}:${line}: ${message}`);
  }
}

describe('what is wrong is said in its place', () => {
  test.each([
    [
      '{ corefile: ./published.yaml, addresses: [169.254.25.10] }',
      'published.yaml:15: plugin/loop: this plugin can only be used once per Server Block',
    ],
    [
      '{ corefile: ./kubernetes.Corefile }',
      "kubernetes.Corefile:2: no action found for directive 'kubernetes' with server type 'dns' (missing a plugin?)",
    ],
    ['{ release: 1.22.99 }', 'scenario.yaml:9: node-cache 1.22.99 is not modelled'],
    [
      '{ arguments: [-syncinterval, "5"] }',
      'scenario.yaml:9: node-cache refuses its arguments: invalid value "5" for flag -syncinterval: parse error',
    ],
    ['{ arguments: [-localip, 10.0.0.1] }', 'scenario.yaml:9: -localip is not among the arguments here'],
    ['{ nodes: [node-9] }', 'scenario.yaml:9: there is no node "node-9"'],
    [
      '{ addresses: [169.254.20.10, 10.96.0.11] }',
      'scenario.yaml:9: the kube-dns-upstream Service has an address that node-cache listens on: it would ask itself',
    ],
    ['{ corefile: ./none }', 'scenario.yaml:9: s/none does not exist'],
  ])('%s', (nodeLocalDNS, problem) => {
    expect(problemsOf(nodeLocalDNS)).toEqual([problem]);
  });

  test('a node without the resolv.conf that its cache asks', () => {
    const without = (text: string) =>
      text.replace('192.168.1.201, resolvConf: "nameserver 192.168.1.2\\n"', '192.168.1.201');
    expect(problemsOf('{}', without)).toEqual([
      "scenario.yaml:7: NodeLocal DNSCache on node-2 asks the servers of the node's resolv.conf, which is not given",
    ]);
    expect(problemsOf('{ nodes: [node-1] }', without)).toEqual([]);
  });

  test('an event on a node that has none', () => {
    const crash = (text: string) =>
      text.replace('events: []', 'events: [{ at: 1s, crashNodeLocalDNS: { node: node-2 } }]');
    expect(problemsOf('{ nodes: [node-1] }', crash)).toEqual([
      'scenario.yaml:16: there is no NodeLocal DNSCache on node-2',
    ]);
  });

  test('a ConfigMap that node-cache passes over is remarked on', () => {
    const { remarks } = load('{ kubeDNS: ./broken.yaml }');
    expect(remarks.map(({ message }) => message)).toEqual([
      'node-cache passes this ConfigMap over until it is restarted: unexpected end of JSON input',
    ]);
  });
});

describe('the world', () => {
  const nameservers = (nodeLocalDNS: string) =>
    toWorld(load(nodeLocalDNS), '1').workloads.map((workload) =>
      workload.kind === 'lookups' ? /nameserver (\S+)/.exec(workload.resolver.resolvConf.text)?.[1] : undefined,
    );

  test('pods ask the ClusterIP where the cache takes it over, or its own address on the nodes that run it', () => {
    expect(nameservers('{}')).toEqual(['10.96.0.10', '10.96.0.10']);
    expect(nameservers('{ addresses: [169.254.25.10] }')).toEqual(['169.254.25.10', '169.254.25.10']);
    expect(nameservers('{ addresses: [169.254.25.10], nodes: [node-1] }')).toEqual(['169.254.25.10', '10.96.0.10']);
  });

  const corefile = (bind: string) => `{ corefile: ".:53 {\\n    bind ${bind}\\n    forward . 10.96.0.10\\n}\\n" }`;
  test.each([
    ['169.254.25.10', ['169.254.25.10'], '169.254.25.10'],
    ['169.254.20.10 10.96.0.10 # both', ['169.254.20.10', '10.96.0.10'], '10.96.0.10'],
    ['__PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__', undefined, '10.96.0.10'],
  ])('its addresses are what its Corefile binds: %s', (bind, addresses, nameserver) => {
    expect(load(corefile(bind)).definition.cluster.nodeLocalDNS?.addresses).toEqual(addresses);
    expect(nameservers(corefile(bind))[0]).toBe(nameserver);
    const assumed = assumptionsOf(load(corefile(bind))).find(({ what }) => what === 'NodeLocal DNSCache listens on');
    expect(assumed?.value).toBe(addresses?.join(', '));
  });

  test('an address of the cluster that is not kube-dns is no such address', () => {
    expect(() => load(corefile('169.254.20.10 10.43.0.10'))).toThrow('nobody adds 10.43.0.10 to the node');
  });

  test("the addon's release, arguments and environment", () => {
    const [first, second] = toWorld(load('{ arguments: [-skipteardown] }'), '1').nodeCaches ?? [];
    expect(first).toMatchObject({
      name: 'node-local-dns-node-1',
      host: 'node-1',
      release: '1.22.20',
      arguments: [
        ...['-localip', '169.254.20.10,10.96.0.10', '-conf', '/etc/Corefile', '-upstreamsvc', 'kube-dns-upstream'],
        '-skipteardown',
      ],
      environment: { KUBE_DNS_SERVICE_HOST: '10.96.0.10', KUBE_DNS_UPSTREAM_SERVICE_HOST: '10.96.0.11' },
    });
    expect(first?.corefile.text).toContain('bind 169.254.20.10 10.96.0.10\n');
    expect(first?.corefile.text).toContain('health 169.254.20.10:8080');
    expect(second?.host).toBe('node-2');
  });

  test('the kube-dns ConfigMap is mounted key by key', () => {
    const [cache] = toWorld(load('{ kubeDNS: ./kube-dns.yaml }'), '1').nodeCaches ?? [];
    expect(cache?.files['/etc/kube-dns/upstreamNameservers']).toBe('["192.0.2.54"]\n');
  });

  test('a crash is SIGKILL and a new start 1 s later', () => {
    const crash = (text: string) =>
      text.replace('events: []', 'events: [{ at: 10s, crashNodeLocalDNS: { node: node-1 } }]');
    const events = toWorld(load('{}', crash), '1').events.map(({ at, kind }) => [at / 1e6, kind]);
    expect(events).toEqual([
      [10, 'signal'],
      [11, 'restart-node-cache'],
    ]);
  });
});
