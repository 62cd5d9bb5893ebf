import { describe, expect, test } from 'vitest';
import type { ClusterView, EndpointView } from '../../cluster-view.ts';
import { served } from '../../testing/served.ts';

const http = [{ name: 'http', protocol: 'TCP', port: 80 }] as const;
const service = { namespace: 'testns', ports: http, publishNotReadyAddresses: false };
const endpoint = (address: string, more: Partial<EndpointView> = {}): EndpointView => ({
  service: 'hdls1',
  namespace: 'testns',
  address,
  ready: true,
  ports: http,
  ...more,
});

const cluster: ClusterView = {
  *sync() {},
  namespaces: () => ['testns', 'default'],
  services: () => [
    { ...service, name: 'svc1', clusterIPs: ['10.0.0.1'] },
    { ...service, name: 'hdls1', clusterIPs: [] },
    { ...service, name: 'empty', clusterIPs: [] },
    { ...service, name: 'ext', clusterIPs: [], externalName: 'svc1.testns.svc.cluster.local' },
  ],
  // plugin/kubernetes/handler_test.go@v1.14.7: two endpoints share a host name.
  endpoints: () => [
    endpoint('172.0.0.2'),
    endpoint('172.0.0.3'),
    endpoint('172.0.0.4', { hostname: 'dup-name' }),
    endpoint('172.0.0.5', { hostname: 'dup-name' }),
    endpoint('5678:abcd::1'),
    endpoint('5678:abcd::2'),
    endpoint('172.0.0.9', { ready: false }),
  ],
  podsAt: (address) => (address === '10.240.0.1' ? [{ name: 'pod1', namespace: 'testns', address }] : []),
};

const corefile = (more = '') => `. {\n kubernetes cluster.local in-addr.arpa {\n ${more}\n }\n}`;
const soa = 'cluster.local. 5 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 0 7200 1800 86400 5';

describe('names', () => {
  test.each([
    // golden.json: k8s-clusterip-and-nodata
    ['svc1.testns.svc.cluster.local.', 'A', 'NOERROR', ['svc1.testns.svc.cluster.local. 5 IN A 10.0.0.1']],
    ['svc1.testns.svc.cluster.local.', 'AAAA', 'NOERROR', []],
    ['SVC1.testns.svc.cluster.local.', 'A', 'NOERROR', ['SVC1.testns.svc.cluster.local. 5 IN A 10.0.0.1']],
    ['svc0.testns.svc.cluster.local.', 'A', 'NXDOMAIN', []],
    ['svc1.nons.svc.cluster.local.', 'A', 'NXDOMAIN', []],
    ['testns.svc.cluster.local.', 'A', 'NOERROR', []],
    ['svc.cluster.local.', 'A', 'NOERROR', []],
    ['cluster.local.', 'A', 'NOERROR', []],
    ['a.b.c.svc1.testns.svc.cluster.local.', 'A', 'NXDOMAIN', []],
    ['svc1.testns.other.cluster.local.', 'A', 'NXDOMAIN', []],
    ['empty.testns.svc.cluster.local.', 'A', 'NXDOMAIN', []],
    [
      'dup-name.hdls1.testns.svc.cluster.local.',
      'A',
      'NOERROR',
      [
        'dup-name.hdls1.testns.svc.cluster.local. 5 IN A 172.0.0.4',
        'dup-name.hdls1.testns.svc.cluster.local. 5 IN A 172.0.0.5',
      ],
    ],
    ['172-0-0-9.hdls1.testns.svc.cluster.local.', 'A', 'NXDOMAIN', []],
    [
      'ext.testns.svc.cluster.local.',
      'A',
      'NOERROR',
      [
        'ext.testns.svc.cluster.local. 5 IN CNAME svc1.testns.svc.cluster.local.',
        'svc1.testns.svc.cluster.local. 5 IN A 10.0.0.1',
      ],
    ],
    [
      '_http._tcp.svc1.testns.svc.cluster.local.',
      'SRV',
      'NOERROR',
      ['_http._tcp.svc1.testns.svc.cluster.local. 5 IN SRV 0 100 80 svc1.testns.svc.cluster.local.'],
    ],
    ['_http._udp.svc1.testns.svc.cluster.local.', 'SRV', 'NXDOMAIN', []],
    ['1.0.0.10.in-addr.arpa.', 'PTR', 'NOERROR', ['1.0.0.10.in-addr.arpa. 5 IN PTR svc1.testns.svc.cluster.local.']],
    [
      '2.0.0.172.in-addr.arpa.',
      'PTR',
      'NOERROR',
      ['2.0.0.172.in-addr.arpa. 5 IN PTR 172-0-0-2.hdls1.testns.svc.cluster.local.'],
    ],
    ['10-240-0-1.testns.pod.cluster.local.', 'A', 'NXDOMAIN', []],
  ])('%s %s', (name, type, rcode, answer) => {
    expect(served(corefile(), { cluster }).ask(name, type)).toMatchObject({ rcode, answer, aa: true });
  });

  test('a negative answer carries the SOA', () => {
    const { ask } = served(corefile(), { cluster });
    expect(ask('svc1.testns.svc.cluster.local.', 'AAAA')?.authority).toEqual([soa]);
    expect(ask('nope.testns.svc.cluster.local.', 'A')?.authority).toEqual([soa]);
  });

  // golden.json: k8s-srv-headless
  test('SRV of a headless Service: weights, targets, addresses', () => {
    const reply = served(corefile(), { cluster }).ask('_http._tcp.hdls1.testns.svc.cluster.local.', 'SRV');
    expect(new Set(reply?.answer.map((line) => line.split(' ').slice(4, 6).join(' ')))).toEqual(new Set(['0 16']));
    expect(reply?.answer.length).toBe(5);
    expect(reply?.additional.length).toBe(6);
  });
});

test.each([
  ['insecure', '10-1-2-3.testns.pod.cluster.local.', 'NOERROR'],
  ['insecure', 'name.testns.pod.cluster.local.', 'NXDOMAIN'],
  ['verified', '10-240-0-1.testns.pod.cluster.local.', 'NOERROR'],
  ['verified', '10-240-0-9.testns.pod.cluster.local.', 'NXDOMAIN'],
])('pods %s: %s', (mode, name, rcode) => {
  expect(served(corefile(`pods ${mode}`), { cluster }).ask(name, 'A')?.rcode).toBe(rcode);
});

test.each([
  ['1.8.6', '*.testns.svc.cluster.local.', 'NOERROR'],
  ['1.9.0', '*.testns.svc.cluster.local.', 'NXDOMAIN'],
  ['1.8.1', '172-0-0-9.hdls1.testns.svc.cluster.local.', 'NOERROR'],
  ['1.8.4', '172-0-0-9.hdls1.testns.svc.cluster.local.', 'NXDOMAIN'],
])('%s: %s', (release, name, rcode) => {
  expect(served(corefile(), { cluster, release }).ask(name, 'A')?.rcode).toBe(rcode);
});

test('an API that is silent: started after five seconds, SERVFAIL with SOA for what is not known', () => {
  const silent = served(corefile('endpoint http://10.9.0.40:8080'));
  silent.simulation.run(5_000_000);
  expect(silent.log).toEqual(['[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API']);
  expect(silent.ask('svc1.testns.svc.cluster.local.', 'A')).toMatchObject({ rcode: 'SERVFAIL', aa: true });
});

test.each([
  ['pods all', 'plugin/kubernetes: wrong value for pods: all,  must be one of: disabled, verified, insecure'],
  ['ttl 7200', 'plugin/kubernetes: Corefile:3 - Error during parsing: ttl must be in range [0, 3600]: 7200'],
  ['pod verified', "plugin/kubernetes: Corefile:3 - Error during parsing: unknown property 'pod'"],
  ['ignore empty', "plugin/kubernetes: unable to parse ignore value: 'empty'"],
])('%s is refused', (property, failure) => {
  expect(served(corefile(property), { cluster }).failure).toBe(failure);
});

// corefile-k8s-options: as CoreDNS with the plugin built in said.
describe('properties of the API, by release', () => {
  const error = 'plugin/kubernetes: Corefile:3 - Error during parsing: ';
  const missing = (file: string) => `open ${file}: no such file or directory`;
  test.each([
    ['1.11.1', 'multicluster a', `${error}unknown property 'multicluster'`],
    ['1.8.6', 'startup_timeout 5s', `${error}unknown property 'startup_timeout'`],
    ['1.11.1', 'apiserver_qps 5', `${error}unknown property 'apiserver_qps'`],
    ['1.15.0', 'apiserver_qps x', `${error}invalid apiserver_qps "x": strconv.ParseFloat: parsing "x": invalid syntax`],
    ['1.15.0', 'apiserver_burst -1', `${error}apiserver_burst must be >= 0`],
    [
      '1.15.0',
      'startup_timeout 5',
      'plugin/kubernetes: failed to parse startup_timeout: 5, time: missing unit in duration "5"',
    ],
    ['1.15.0', 'startup_timeout 0s', 'panic: non-positive interval for NewTicker'],
    [
      '1.15.0',
      'multicluster set.local',
      'plugin/kubernetes: Corefile:4 - Error during parsing: is not authoritative for the multicluster zone set.local. (authoritative zones: [cluster.local. in-addr.arpa.])',
    ],
    ['1.8.6', 'tls a b', `${error}Wrong argument count or unexpected line ending after 'b'`],
    ['1.8.6', 'kubeconfig none.conf', 'plugin/kubernetes: stat none.conf: no such file or directory'],
    ['1.6.7', 'kubeconfig a', `${error}Wrong argument count or unexpected line ending after 'a'`],
    [
      '1.8.6',
      'endpoint http://10.9.0.40\n tls a b c',
      `plugin/kubernetes: invalid configuration: [unable to read client-cert a for  due to ${missing('a')}, unable to read client-key b for  due to ${missing('b')}, unable to read certificate-authority c for  due to ${missing('c')}]`,
    ],
    [
      '1.8.6',
      'endpoint ://x',
      'plugin/kubernetes: failed to create kubernetes notification controller: "host must be a URL or a host:port pair: \\"://x\\""',
    ],
  ])('%s: %j', (release, property, failure) => {
    expect(served(corefile(property), { cluster, release }).failure).toBe(failure);
  });

  test('the root of a reverse tree is no reverse zone', () => {
    expect(served('. {\n kubernetes in-addr.arpa\n}', { cluster }).failure).toBeUndefined();
    expect(served('. {\n kubernetes 10.in-addr.arpa\n}', { cluster }).failure).toBe(
      'plugin/kubernetes: non-reverse zone name must be used',
    );
  });
});
