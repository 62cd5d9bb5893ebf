import { expect, test } from 'vitest';
import { formatPodDns, type PodDns, readPodDns, withDnsConfig } from './dns-config.ts';

const clusterFirst: PodDns = {
  nameservers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  options: ['ndots:5'],
};
const none = { nameservers: [], searches: [], options: [] };

// Facts, resolvers 7: nameservers and searches are appended, options override by name.
test('dnsConfig comes on top of any policy', () => {
  const merged = withDnsConfig(clusterFirst, {
    nameservers: ['10.0.0.53', '10.96.0.10'],
    searches: ['corp.example', 'cluster.local'],
    options: [{ name: 'ndots', value: '1' }, { name: 'single-request-reopen' }],
  });
  expect(formatPodDns(merged, '1.29')).toBe(
    'search default.svc.cluster.local svc.cluster.local cluster.local corp.example\n' +
      'nameserver 10.96.0.10\nnameserver 10.0.0.53\noptions ndots:1 single-request-reopen\n',
  );
});

test('policy None has nothing but dnsConfig', () => {
  const merged = withDnsConfig(none, { ...none, nameservers: ['169.254.20.10'] });
  expect(formatPodDns(merged, '1.29')).toBe('nameserver 169.254.20.10\n');
});

test('three servers, and as many domains as the release allows', () => {
  const many = Array.from({ length: 40 }, (_, i) => `s${i}.example`);
  const long = { ...none, nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'], searches: many };
  const shape = (kubernetes: string) => {
    const { nameservers, searches } = readPodDns(formatPodDns(long, kubernetes), kubernetes);
    return [nameservers.length, searches.length];
  };
  expect(shape('1.25')).toEqual([3, 6]);
  expect(shape('1.26')).toEqual([3, 32]);
  const wide = { ...none, searches: Array.from({ length: 4 }, (_, i) => `${'x'.repeat(80)}.s${i}`) };
  expect(readPodDns(formatPodDns(wide, '1.25'), '1.25').searches).toHaveLength(3);
});

// Facts, cluster 6.
test.each([
  ['1.25', ['b', 'c'], ['rotate', 'ndots:3']],
  ['1.26', ['b', 'c'], ['ndots:3', 'rotate']],
])('the last search line, and in %s of the options %j %j', (kubernetes, searches, options) => {
  const text = 'search a\noptions ndots:2\nnameserver 10.0.0.1\nsearch b c\noptions rotate ndots:3\n';
  expect(readPodDns(text, kubernetes)).toEqual({ nameservers: ['10.0.0.1'], searches, options });
});

test.each([
  ['1.21', ['a.test.', 'b.test']],
  ['1.24', ['a.test', 'b.test']],
  ['1.25', ['a.test', '.', 'b.test']],
  ['1.26', ['a.test', 'b.test']],
])("final dots of the node's search list in %s: %j", (kubernetes, searches) => {
  expect(readPodDns('search a.test. . b.test\n', kubernetes).searches).toEqual(searches);
});

test('a domain of more than 253 characters is left out alone', () => {
  const searches = ['a.test', `${'x'.repeat(60)}.`.repeat(5), 'b.test'];
  expect(formatPodDns({ ...none, searches }, '1.29')).toBe('search a.test b.test\n');
});
