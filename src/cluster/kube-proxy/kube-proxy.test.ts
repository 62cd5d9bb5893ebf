import { expect, test } from 'vitest';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { createHost } from '../../kernel/host.ts';
import { createNetwork } from '../../network/network.ts';
import { readyEndpoints } from '../endpoint.ts';
import { proxyCommit } from '../records.ts';
import { KubeProxy } from './kube-proxy.ts';
import { createProxier } from './modes.ts';
import type { ProxiedService } from './proxier.ts';

const dns = (...endpoints: string[]): ProxiedService => ({
  name: 'kube-system/kube-dns',
  address: '10.43.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints: readyEndpoints(endpoints),
  whenEmpty: 'reject',
});

test('between its two commits neither REJECT nor DNAT stands; a change meanwhile waits', () => {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const description = { name: 'node', kernel: '5.4', forwarding: true, interfaces: [], routes: [], sysctls: {} };
  const host = createHost(simulation, createNetwork(simulation, []), description);
  const site = { simulation, host, release: '1.29', podCidr: '10.42.0.0/16', commitGap: 9000 };
  const proxy = new KubeProxy(site, createProxier('iptables', site), undefined, [dns()]);
  const standing = () =>
    ['REJECT', '-j KUBE-SVC'].filter((target) => host.netfilter.print().some((line) => line.includes(target)));
  expect(standing()).toEqual(['REJECT']);
  simulation.at(1_000_000, () => proxy.sync([dns('172.20.112.199')]));
  simulation.at(1_004_000, () => expect(standing()).toEqual([]));
  simulation.at(1_005_000, () => proxy.sync([dns()]));
  simulation.at(1_008_999, () => expect(standing()).toEqual([]));
  simulation.run(2_000_000);
  expect(standing()).toEqual(['REJECT']);
  expect([...store.rows(proxyCommit)].map(({ t, cause, services }) => [t, cause, services])).toEqual([
    [0, 'filter', '10.43.0.10'],
    [0, 'nat', ''],
    [1_000_000, 'filter', ''],
    [1_009_000, 'nat', '10.43.0.10'],
    [1_009_000, 'filter', '10.43.0.10'],
    [1_018_000, 'nat', ''],
  ]);
});
