import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { createHost } from '../../kernel/host.ts';
import { createNetwork } from '../../network/network.ts';
import { ApiServer } from '../api-server.ts';
import { readyEndpoints } from '../endpoint.ts';
import { watchRules } from '../retries.ts';
import { KubeProxyProcess } from './dual-stack.ts';
import { familyOfCidr, ServicesOfFamily } from './families.ts';
import { KubeProxy } from './kube-proxy.ts';
import { createProxier } from './modes.ts';
import type { ProxiedService } from './proxier.ts';

const service = (own: Partial<ProxiedService> = {}): ProxiedService => ({
  name: 'kube-system/kube-dns',
  address: '10.96.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints: readyEndpoints(['10.244.0.5', 'fd00:10:244::5']),
  whenEmpty: 'reject',
  ...own,
});
const dual = service({ otherAddress: 'fd00:10:96::a' });

test('a proxier sees the addresses of its family, and the same Service as long as it has not changed', () => {
  const [ipv4, ipv6] = [new ServicesOfFamily('ipv4'), new ServicesOfFamily('ipv6')];
  const seen = (of: ServicesOfFamily, one: ProxiedService) =>
    of.of([one]).map(({ address, endpoints }) => [address, ...endpoints.map((endpoint) => endpoint.address)]);
  expect(seen(ipv4, dual)).toEqual([['10.96.0.10', '10.244.0.5']]);
  expect(seen(ipv6, dual)).toEqual([['fd00:10:96::a', 'fd00:10:244::5']]);
  expect(seen(ipv6, service())).toEqual([]);
  expect(ipv6.of([dual])[0]).toBe(ipv6.of([dual])[0]);
  const single = service({ endpoints: readyEndpoints(['10.244.0.5']) });
  expect(ipv4.of([single])[0]).toBe(single);
});

test.each([
  ['10.244.0.0/16', 'ipv4'],
  ['fd00:10:244::/56', 'ipv6'],
])('pods of %s are of %s', (cidr, family) => {
  expect(familyOfCidr(cidr)).toBe(family);
});

test('each family has rules of its own; one without end points is rejected, the other served', () => {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const description = { name: 'node', kernel: '5.4', forwarding: true, interfaces: [], routes: [], sysctls: {} };
  const host = createHost(simulation, createNetwork(simulation, []), description);
  const constant = (value: number) => ({ kind: 'constant', value }) as const;
  const api = new ApiServer(simulation, [dual]);
  const settings = {
    delay: constant(0),
    pace: { minSyncPeriod: 0, burst: true, syncPeriod: 0 },
    partialSync: true,
  };
  const watch = api.watch('kube-proxy', watchRules('1.29'));
  const proxies = ['10.244.0.0/16', 'fd00:10:244::/56'].map((podCidr) => {
    const site = { simulation, host, release: '1.29', podCidr, commitGap: { least: constant(0), perLine: 0 } };
    return new KubeProxy(site, createProxier({ mode: 'iptables' }, site), settings, watch);
  });
  const process = new KubeProxyProcess(proxies);
  watch.onChange((services) => process.changed(services));
  const rules = (family: 'ipv4' | 'ipv6') =>
    host.netfilter.print(undefined, family).filter((line) => /-j (DNAT|REJECT)/.test(line));
  expect(rules('ipv4')).toEqual([expect.stringMatching(/-j DNAT --to-destination 10\.244\.0\.5:53$/)]);
  expect(rules('ipv6')).toEqual([expect.stringMatching(/-j DNAT --to-destination \[fd00:10:244::5\]:53$/)]);
  api.set({ ...dual, endpoints: readyEndpoints(['10.244.0.5']) });
  simulation.run(1);
  expect(rules('ipv4')).toEqual([expect.stringMatching(/-j DNAT --to-destination 10\.244\.0\.5:53$/)]);
  expect(rules('ipv6')).toEqual([
    expect.stringMatching(/^-A KUBE-SERVICES -d fd00:10:96::a\/128 .*-j REJECT --reject-with icmp6-port-unreachable$/),
  ]);
});
