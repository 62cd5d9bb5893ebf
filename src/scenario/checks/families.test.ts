import { expect, test } from 'vitest';
import { ProblemsFound } from '../../problem/problem.ts';
import type { Files } from '../files.ts';
import { loadScenario } from '../load.ts';
import { toWorld } from '../translate/world.ts';

const scenario = (cluster: string, node = '[192.168.1.200, "2001:db8::200"]') => `title: Both families
duration: 10s
cluster:
  nodes: { node-1: { address: ${node} }, node-2: { address: [192.168.1.201, "2001:DB8:0::201"] } }
${cluster}
pods: { app: { node: node-1 } }
workloads: { app: { pod: app, lookup: example.com, every: 1s } }
`;
const coredns = (serviceIP = '[10.96.0.10, "fd00:10:96::a"]') =>
  `  coredns: { corefile: ./Corefile, serviceIP: ${serviceIP} }`;
const both = '  podCIDR: [10.244.0.0/16, "fd00:10:244::/56"]';

function load(text: string) {
  const files: Files = {
    read: (path) => (path === 's/scenario.yaml' ? text : path === 's/Corefile' ? '.:53 {\n}\n' : undefined),
    isDirectory: (path) => path === 's',
  };
  return loadScenario('s', files);
}

function problems(text: string): string[] {
  try {
    load(text);
    return [];
  } catch (error) {
    if (!(error instanceof ProblemsFound)) throw error;
    return error.problems.map(({ code, line, column }) => `${code} ${line}:${column}`);
  }
}

test.each([
  ['a Service of a family that pods have not', scenario(coredns()), ['other-family 5:47']],
  ['a node without an address of a family', scenario(`${both}\n${coredns()}`, '192.168.1.200'), ['other-family 4:31']],
  [
    'two of one family',
    scenario(`  podCIDR: [10.244.0.0/16, 10.245.0.0/16]\n${coredns('10.96.0.10')}`),
    ['bad-address 5:12'],
  ],
  ['no address', scenario(`${both}\n${coredns('[10.96.0.10, "fd00::1::2"]')}`), ['bad-address 6:60']],
  ['a zone', scenario(`${both}\n${coredns()}`, '[192.168.1.200, "fe80::1%eth0"]'), ['bad-address 4:47']],
  [
    'NodeLocal DNSCache',
    scenario(`${both}\n  nodeLocalDNS: {}\n${coredns()}`),
    ['missing-key 4:20', 'missing-key 4:75', 'not-modelled 6:17'],
  ],
  ['all well', scenario(`${both}\n${coredns()}`), []],
])('%s', (_, text, expected) => {
  expect(problems(text)).toEqual(expected);
});

test('hosts have an address and a way out of each family; the Service, its end points and the rules too', () => {
  const world = toWorld(load(scenario(`${both}\n${coredns()}`)), '1');
  const host = (name: string) => world.hosts.find((one) => one.name === name);
  const families = (texts: readonly string[] = []) => texts.map((text) => (text.includes(':') ? 6 : 4));
  expect(host('node-2')?.interfaces[0]?.addresses).toEqual(['192.168.1.201', '2001:db8::201']);
  expect(families(host('coredns-1')?.interfaces[0]?.addresses)).toEqual([4, 6]);
  expect(
    host('app')
      ?.routes.filter(({ to }) => to === 'default')
      .map(({ via }) => via),
  ).toEqual(['169.254.1.1', 'fe80::ecee:eeee:eeee:eeee']);
  expect(host('node-1')?.ip6tables).toContain('-s fd00:10:244::/56 ! -d fd00:10:244::/56 -j MASQUERADE');
  expect(host('node-1')?.routes).toContainEqual({
    to: 'fd00:10:244:1::/64',
    kind: 'unicast',
    via: '2001:db8::201',
    device: 'uplink',
  });
  const dns = world.services.find(({ name }) => name === 'kube-system/kube-dns');
  expect([dns?.address, dns?.otherAddress]).toEqual(['10.96.0.10', 'fd00:10:96::a']);
  expect(families(dns?.endpoints.map(({ address }) => address))).toEqual([4, 6, 4, 6]);
  expect(world.otherPodCidr).toBe('fd00:10:244::/56');
});
