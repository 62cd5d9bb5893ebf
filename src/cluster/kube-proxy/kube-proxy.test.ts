import { expect, test } from 'vitest';
import { address, entry } from '../../../test/support/conntrack-lab.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { millisecond, second } from '../../engine/time.ts';
import { createHost } from '../../kernel/host.ts';
import { createNetwork } from '../../network/network.ts';
import { ApiServer } from '../api-server.ts';
import { readyEndpoints } from '../endpoint.ts';
import { proxyCommit, proxySync } from '../records.ts';
import { watchRules } from '../retries.ts';
import { cleanUpRule } from './clean-up-releases.ts';
import { KubeProxy, type KubeProxySettings } from './kube-proxy.ts';
import { createProxier } from './modes.ts';
import type { ProxiedService } from './proxier.ts';

const dns = (...endpoints: string[]): ProxiedService => ({
  name: 'kube-system/kube-dns',
  address: '10.43.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints: readyEndpoints(endpoints),
  whenEmpty: 'reject',
});

const constant = (value: number) => ({ kind: 'constant', value }) as const;
const pace = { minSyncPeriod: 1 * second, burst: true, syncPeriod: 30 * second };

/** A node with kube-proxy, and an API whose changes it hears of. */
function node(
  services: ProxiedService[],
  settings: Partial<KubeProxySettings> = {},
  gap = 9 * millisecond,
  release = '1.29',
) {
  const store = new ColumnStore();
  const simulation = new Simulation('1', new Recorder(store));
  const description = { name: 'node', kernel: '5.4', forwarding: true, interfaces: [], routes: [], sysctls: {} };
  const host = createHost(simulation, createNetwork(simulation, []), description);
  const site = {
    simulation,
    host,
    release,
    podCidr: '10.42.0.0/16',
    commitGap: { least: constant(gap), perLine: 0 },
  };
  const api = new ApiServer(simulation, services);
  const watch = api.watch('kube-proxy', watchRules(release));
  const proxy = new KubeProxy(
    site,
    createProxier({ mode: 'iptables' }, site),
    { delay: constant(0), pace, partialSync: true, ...settings },
    watch,
  );
  watch.onChange((now) => proxy.changed(now));
  const standing = () =>
    ['REJECT', '-j KUBE-SVC'].filter((target) => host.netfilter.print().some((line) => line.includes(target)));
  const syncs = () => [...store.rows(proxySync)].map(({ t, cause }) => [t / second, cause]);
  return { simulation, host, api, proxy, store, standing, syncs };
}

test('between its two commits neither REJECT nor DNAT stands; a change meanwhile waits', () => {
  const { simulation, api, store, standing } = node([dns()]);
  expect(standing()).toEqual(['REJECT']);
  simulation.at(1_000_000, () => api.set(dns('172.20.112.199')));
  simulation.at(1_004_000, () => expect(standing()).toEqual([]));
  simulation.at(1_005_000, () => api.set(dns()));
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

test.each([
  // Two tokens at first; they fill at one a second, and a sync that may not run waits for a second after the last.
  ['1.33', pace, [1, 1.1, 2.1, 3.1]],
  // A second's pause after the end of each; what came in is one sync.
  ['1.34', { ...pace, burst: false }, [1, 2, 3]],
  ['1.18', { ...pace, minSyncPeriod: 0 }, [1, 1.1, 1.2, 1.3, 2.9]],
])('changes at 1, 1.1, 1.2, 1.3 and 2.9 s are synced as kube-proxy %s does', (_release, given, times) => {
  const { simulation, api, syncs } = node([dns('10.42.0.1')], { pace: given }, 0);
  for (const at of [1, 1.1, 1.2, 1.3, 2.9]) simulation.at(at * second, () => api.set(dns(`10.42.1.${at * 10}`)));
  simulation.run(10 * second);
  expect(syncs().map(([at]) => at)).toEqual(times);
});

test('it hears of a change after the delay of the watch', () => {
  const { simulation, api, syncs } = node([dns('10.42.0.1')], { delay: constant(300 * millisecond) }, 0);
  simulation.at(1 * second, () => api.set(dns('10.42.0.2')));
  simulation.run(5 * second);
  expect(syncs()).toEqual([[1.3, 'partial']]);
});

test('a sync that failed is tried again after 30 s, with everything', () => {
  const { simulation, api, proxy, standing, syncs } = node([dns('10.42.0.1')], {}, 0);
  simulation.at(1 * second, () => proxy.setRestoresFail(true));
  simulation.at(2 * second, () => api.set(dns()));
  simulation.at(3 * second, () => proxy.setRestoresFail(false));
  simulation.at(31 * second, () => expect(standing()).toEqual(['-j KUBE-SVC']));
  simulation.run(60 * second);
  expect(standing()).toEqual(['REJECT']);
  expect(syncs()).toEqual([
    [2, 'failed'],
    [32, 'full'],
  ]);
});

test.each([
  ['stopped, it reads all anew', 'stop', 'start', 'full'],
  ['hung, it hears of what it missed', 'freeze', 'thaw', 'partial'],
] as const)('%s', (_what, off, on, sync) => {
  const { simulation, api, proxy, standing, syncs } = node([dns('10.42.0.1')], {}, 0);
  simulation.at(1 * second, () => proxy[off]());
  simulation.at(2 * second, () => api.set(dns()));
  simulation.at(9 * second, () => expect(standing()).toEqual(['-j KUBE-SVC']));
  simulation.at(10 * second, () => proxy[on]());
  simulation.run(60 * second);
  expect(standing()).toEqual(['REJECT']);
  expect(syncs()).toEqual([[10, sync]]);
});

test.each([
  ['1.17', 50, 51],
  // Pauses of 0.8, 1.6, 3.2, 6.4, 12.8 and 25.6 s and up to as much again: the sixth try is 50.4 to 100.8 s after the first.
  ['1.18', 50, 101.8],
])(
  'while the API cannot be reached, kube-proxy %s starts without writing anything; it is back at 50 s',
  (release, from, to) => {
    const { simulation, api, proxy, syncs } = node([dns('10.42.0.1')], {}, 0, release);
    simulation.at(1 * second, () => {
      proxy.stop();
      api.setAbsence('down');
      proxy.start();
    });
    simulation.at(50 * second, () => api.setAbsence(undefined));
    simulation.run(120 * second);
    const [[at = 0, how] = []] = syncs();
    expect(how).toBe('full');
    expect(Number(at)).toBeGreaterThanOrEqual(from);
    expect(Number(at)).toBeLessThan(to);
  },
);

test('without any change it writes everything once an hour', () => {
  const { simulation, syncs } = node([dns('10.42.0.1')], {}, 0);
  simulation.run(2.5 * 3600 * second);
  expect(syncs()).toEqual([
    [3600, 'full'],
    [7200, 'full'],
  ]);
});

test.each([
  ['mangle too: within 30 s', ['-t nat', '-t filter', '-t mangle'], true],
  ['nat alone: not before an hour has passed', ['-t nat'], false],
])('rules that somebody has flushed are written anew; %s', (_what, tables, noticed) => {
  const { simulation, host, standing, syncs } = node([dns('10.42.0.1')], {}, 0);
  simulation.at(10 * second, () => {
    for (const table of tables) for (const done of ['-F', '-X']) host.command(`iptables ${table} ${done}`);
  });
  simulation.run(11 * second);
  expect(standing()).toEqual([]);
  simulation.run(41 * second);
  expect(standing()).toEqual(noticed ? ['-j KUBE-SVC'] : []);
  expect(syncs().map(([, sync]) => sync)).toEqual(noticed ? ['full'] : []);
  simulation.run(2 * 3600 * second);
  expect(standing()).toEqual(['-j KUBE-SVC']);
});

test.each([
  ['with its clean-up', cleanUpRule('1.28'), []],
  ['without', undefined, [53_001]],
])('a flow to an end point that left, %s', (_what, cleanUp, left) => {
  const { simulation, host, api } = node([dns('172.20.112.199')], cleanUp === undefined ? {} : { cleanUp });
  const [client, service, server] = ['10.42.0.33', '10.43.0.10', '172.20.112.199'].map(address);
  if (client === undefined || service === undefined || server === undefined) throw new Error('no address');
  const tuple = { protocol: 'udp', sourcePort: 53_001, destinationPort: 53 } as const;
  const original = { ...tuple, source: client, destination: service };
  const reply = {
    protocol: 'udp',
    source: server,
    sourcePort: 53,
    destination: client,
    destinationPort: 53_001,
  } as const;
  host.conntrack.table.insert(entry({ original, reply, destinationChanged: true }));
  simulation.at(1 * second, () => api.set(dns()));
  simulation.run(5 * second);
  expect(host.conntrack.alive().map((flow) => flow.original.sourcePort)).toEqual(left);
});

test.each([
  ['1.25', ''],
  ['1.26', '10.43.0.10=10.42.0.1'],
])('the last end point terminates: a sync of kube-proxy %s notes %j', (release, noted) => {
  const { simulation, api, store } = node([dns('10.42.0.1')], {}, 0, release);
  const leaving = { address: '10.42.0.1', ready: false, serving: true, terminating: true };
  simulation.at(1 * second, () => api.set({ ...dns(), endpoints: [leaving] }));
  simulation.run(5 * second);
  expect([...store.rows(proxySync)].map(({ endpoints }) => endpoints)).toEqual([noted]);
});
