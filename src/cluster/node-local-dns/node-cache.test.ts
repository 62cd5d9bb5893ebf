import { describe, expect, test } from 'vitest';
import { coreDnsExit, coreDnsLog } from '../../coredns/records.ts';
import { ColumnStore } from '../../engine/columns.ts';
import { Recorder } from '../../engine/recorder.ts';
import { Simulation } from '../../engine/simulation.ts';
import { fromSeconds } from '../../engine/time.ts';
import { createHost } from '../../kernel/host.ts';
import { createNetwork } from '../../network/network.ts';
import { stockCorefile } from './corefile.ts';
import { startNodeCache } from './node-cache.ts';
import { nodeCacheRelease } from './releases.ts';

const seed = '1'; // with which CoreDNS is not up before the first look for its pid file
const addresses = '169.254.20.10,10.96.0.10';
const stock = ['-localip', addresses, '-conf', '/etc/Corefile', '-upstreamsvc', 'kube-dns-upstream'];
const withPidfile = [...stock, '-pidfile', '/tmp/pid'];

interface Given {
  readonly release?: string;
  readonly arguments?: readonly string[];
  readonly health?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** node-cache on a node where nothing else is. */
function started({ release = '1.26.7', arguments: words = withPidfile, health = '', environment }: Given = {}) {
  const store = new ColumnStore();
  const simulation = new Simulation(seed, new Recorder(store));
  const uplink = { name: 'uplink', quality: { latency: 0, jitter: 0, loss: 0 }, pairs: [] };
  const node = createHost(simulation, createNetwork(simulation, [uplink]), {
    name: 'node-1',
    kernel: '5.15',
    forwarding: true,
    interfaces: [{ name: 'uplink', segment: 'uplink', addresses: ['192.168.1.200/24'] }],
    routes: [{ to: 'default', kind: 'unicast', via: '192.168.1.1', device: 'uplink' }],
    sysctls: {},
  });
  const known = nodeCacheRelease(release);
  if (known === undefined) throw new Error(`no release ${release}`);
  const base = stockCorefile('cluster.local', known).replace(
    'health __PILLAR__LOCAL__DNS__:8080',
    `health 169.254.20.10:8080 ${health}`,
  );
  const cache = startNodeCache(simulation, node, {
    name: 'node-local-dns-node-1',
    host: 'node-1',
    release,
    arguments: words,
    environment: environment ?? { KUBE_DNS_UPSTREAM_SERVICE_HOST: '10.96.0.77' },
    files: { '/etc/resolv.conf': 'nameserver 192.0.2.53\n' },
    directories: ['/etc/coredns'],
    corefile: { file: 'Corefile', text: base },
    dummyLinks: true,
    settled: false,
    startAt: 0,
  });
  const rules = () =>
    [...node.netfilter.print('raw'), ...node.netfilter.print('filter')].filter((l) => l.startsWith('-A'));
  return {
    cache,
    rules,
    hasLink: () => node.stack.devices.has('nodelocaldns'),
    run: (seconds: number) => simulation.run(fromSeconds(seconds)),
    type: (command: string) => node.command(command),
    exits: () => [...store.rows(coreDnsExit)].map(({ t, code }) => ({ t: t / 1e6, code })),
    log: () => [...store.rows(coreDnsLog)].map(({ line }) => line),
  };
}

describe('start', () => {
  test('the link first, the rules one after the other once the pid file is seen', () => {
    const { run, rules, hasLink } = started();
    run(0.9);
    expect([hasLink(), rules().length]).toEqual([true, 0]);
    run(1.01);
    expect(rules()).toEqual([
      '-A PREROUTING -d 169.254.20.10/32 -p tcp -m tcp --dport 53 -m comment --comment "NodeLocal DNS Cache: skip conntrack" -j NOTRACK',
    ]);
    run(1.3);
    expect(rules()).toHaveLength(24);
    // Each was put first: the second address stands above the first (facts nodelocal 3).
    expect(rules()[0]).toContain('-A PREROUTING -d 10.96.0.10/32 -p udp');
  });

  test('without -pidfile they come with the first tick, after 60 s', () => {
    const { run, rules } = started({ arguments: stock });
    run(59.9);
    expect(rules()).toHaveLength(0);
    run(60.3);
    expect(rules()).toHaveLength(24);
  });

  test('rules deleted by hand come back with the next tick', () => {
    const { run, rules, type, log } = started({
      arguments: [...withPidfile, '-syncinterval', '5ns'],
      release: '1.22.13',
    });
    run(2);
    type('iptables -t raw -F');
    run(6);
    expect(rules()).toHaveLength(8);
    run(6.5);
    expect(rules()).toHaveLength(24);
    expect(log()).toContain(
      '[INFO] Added back nodelocaldns rule - {raw OUTPUT [-p udp -s 10.96.0.10 --sport 53 -j NOTRACK]}',
    );
  });

  test('-setupiptables=false, -setupinterface=false', () => {
    const none = started({ arguments: [...withPidfile, '-setupiptables=false'] });
    none.run(120);
    expect([none.hasLink(), none.rules()]).toEqual([true, []]);
    const unbound = started({ arguments: [...withPidfile, '-setupinterface=false'] });
    unbound.run(5);
    expect([unbound.hasLink(), unbound.rules()]).toEqual([false, []]);
    expect(unbound.exits()).toEqual([{ t: 0, code: 1 }]);
  });

  test('-syncinterval 10s panics when the rules are there, and leaves them', () => {
    const { run, rules, hasLink, exits, log } = started({ arguments: [...withPidfile, '-syncinterval', '10s'] });
    run(5);
    expect([hasLink(), rules().length]).toEqual([true, 24]);
    expect(exits().map(({ code }) => code)).toEqual([2]);
    expect(log()).toContain('panic: non-positive interval for NewTicker');
  });

  test('without the variable of the upstream Service it does not start', () => {
    const { run, hasLink, exits, log } = started({ environment: {} });
    run(1);
    expect(hasLink()).toBe(true);
    expect(exits()).toEqual([{ t: 0, code: 1 }]);
    expect(log()).toContain('plugin/forward: not an IP address or file: "<nil>"');
  });
});

describe('end', () => {
  test('SIGTERM: the link goes at once, the rules one after the other in 0.8 to 1.1 s', () => {
    const { run, rules, hasLink, cache, exits } = started();
    run(4);
    cache.signal('SIGTERM');
    run(4.4);
    expect(hasLink()).toBe(false);
    // For the first 0.4 to 0.5 s what is sent to the ClusterIP is neither local nor translated.
    expect(rules().filter((rule) => rule.startsWith('-A PREROUTING -d 10.96.0.10/32'))).toHaveLength(2);
    run(4.6);
    expect(rules().filter((rule) => rule.startsWith('-A PREROUTING'))).toHaveLength(0);
    run(5.2);
    expect(rules()).toEqual([]);
    run(20);
    expect(exits().map(({ code }) => code)).toEqual([0]);
  });

  test('`health { lameduck }` puts that off', () => {
    const { run, rules, hasLink, cache } = started({ health: '{\n        lameduck 5s\n    }' });
    run(4);
    cache.signal('SIGTERM');
    run(8.9);
    expect([hasLink(), rules().length]).toEqual([true, 24]);
    run(9.1);
    expect(hasLink()).toBe(false);
  });

  test.each([
    ['SIGKILL', withPidfile, -9],
    ['SIGTERM', [...withPidfile, '-skipteardown'], 0],
  ] as const)('%s with %j leaves link and rules', (signal, words, code) => {
    const { run, rules, hasLink, cache, exits } = started({ arguments: words });
    run(4);
    cache.signal(signal);
    run(10);
    expect([hasLink(), rules().length]).toEqual([true, 24]);
    expect(exits().map((exit) => exit.code)).toEqual([code]);
  });

  test('the next run finds the rules and adds none', () => {
    const { run, rules, cache, log } = started();
    run(4);
    cache.signal('SIGKILL');
    run(5);
    cache.restart();
    run(8);
    expect(rules()).toHaveLength(24);
    expect(log().filter((line) => line.includes('Added back'))).toHaveLength(24);
    expect(cache.running).toBe(true);
  });

  test('SIGTERM before the rules are there: the look after them is not told to stop', () => {
    const { run, rules, cache, log } = started();
    run(0.5);
    cache.signal('SIGTERM');
    run(3);
    expect(log()).toContain('[INFO] Tearing down');
    expect(log()).not.toContain('[WARNING] Exiting iptables/interface check goroutine');
    expect(rules()).toEqual([]);
  });
});
