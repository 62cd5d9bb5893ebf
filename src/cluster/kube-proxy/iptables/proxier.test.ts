import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ColumnStore } from '../../../engine/columns.ts';
import { Recorder } from '../../../engine/recorder.ts';
import { Simulation } from '../../../engine/simulation.ts';
import { createHost } from '../../../kernel/host.ts';
import { createNetwork } from '../../../network/network.ts';
import { type EndpointDescription, readyEndpoint, readyEndpoints } from '../../endpoint.ts';
import type { ServiceDescription } from '../../world.ts';
import { type ProxiedService, settle } from '../proxier.ts';
import { IptablesProxier } from './proxier.ts';

/** A node of that name with kube-proxy, and what iptables-save then prints. */
function node(release: string, perLine = 0) {
  const simulation = new Simulation('1', new Recorder(new ColumnStore()));
  const description = { name: 'node', kernel: '5.15', forwarding: true, interfaces: [], routes: [], sysctls: {} };
  const host = createHost(simulation, createNetwork(simulation, []), description);
  const commitGap = { least: { kind: 'constant', value: 0 } as const, perLine };
  const proxier = new IptablesProxier({ simulation, host, release, podCidr: '10.244.0.0/16', commitGap });
  const lines = () => host.netfilter.print();
  return { proxier, lines, rules: () => lines().filter((line) => line.startsWith('-A')) };
}

function service(
  name: string,
  address: string,
  ports: readonly [name: string, protocol: 'udp' | 'tcp', port: number, targetPort: number][],
  endpoints: readonly (string | EndpointDescription)[],
  more: Partial<ServiceDescription> = {},
): ProxiedService {
  return {
    name,
    address,
    ports: ports.map(([port, protocol, number, targetPort]) => ({ name: port, protocol, port: number, targetPort })),
    endpoints: endpoints.map((one) => (typeof one === 'string' ? readyEndpoint(one) : one)),
    whenEmpty: 'reject',
    ...more,
  };
}

const dns = (...endpoints: (string | EndpointDescription)[]) =>
  service('kube-system/kube-dns', '10.96.0.10', [['dns', 'udp', 53, 53]], endpoints);

/** A worker of a kind cluster, as its iptables showed itself: its own rules and those of Docker and kindnet left out. */
const kindNode = readFileSync(new URL('./kind-node.rules', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

const chainOf = (line: string) => line.split(' ')[1] ?? '';

test('the rules of a real node', () => {
  const { proxier, rules } = node('1.28');
  const dnsPods = ['10.244.0.3', '10.244.0.2'];
  settle(proxier, [
    service('kubernetes-dashboard/kubernetes-dashboard', '10.96.223.183', [['', 'tcp', 443, 8443]], ['10.244.2.2']),
    service('default/kubernetes', '10.96.0.1', [['https', 'tcp', 443, 6443]], ['172.20.0.2']),
    service('default/my-nginx', '10.96.86.215', [['', 'tcp', 80, 80]], ['10.244.3.3', '10.244.2.3']),
    service(
      'kube-system/kube-dns',
      '10.96.0.10',
      [
        ['dns', 'udp', 53, 53],
        ['dns-tcp', 'tcp', 53, 53],
        ['metrics', 'tcp', 9153, 9153],
      ],
      dnsPods,
    ),
    service('kubernetes-dashboard/dashboard-metrics-scraper', '10.96.7.211', [['', 'tcp', 8000, 8000]], ['10.244.3.2']),
  ]);
  // Tables and chains one after the other in another order; each chain's rules in theirs.
  const byChain = (lines: readonly string[]) =>
    lines.toSorted((a, b) => (chainOf(a) === chainOf(b) ? 0 : chainOf(a) < chainOf(b) ? -1 : 1));
  expect(byChain(rules())).toEqual(byChain(kindNode));
});

// The chains by release: kubernetes#95252, #97824, #96959, #110289, KEP-3178.
test.each([
  ['1.19', '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', 1],
  ['1.20', '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', 0],
  ['1.20', '-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS', 0],
  ['1.21', '-A INPUT -m comment --comment "kubernetes health check service ports" -j KUBE-NODEPORTS', 1],
  [
    '1.21',
    '-A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ',
    1,
  ],
  [
    '1.22',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ',
    1,
  ],
  [
    '1.24',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns" -j KUBE-SEP-YBMHQKDUQTT7GO5V',
    1,
  ],
  [
    '1.25',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns -> 10.244.1.21:53" -j KUBE-SEP-YBMHQKDUQTT7GO5V',
    1,
  ],
  ['1.26', '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000', 1],
  ['1.27', '-A KUBE-MARK-DROP -j MARK --set-xmark 0x8000/0x8000', 0],
])('%s: %s, %i times', (release, rule, times) => {
  const { proxier, rules } = node(release);
  settle(proxier, [dns('10.244.1.20', '10.244.1.21')]);
  expect(rules().filter((line) => line === rule)).toHaveLength(times);
});

test('canaries stand in three tables', () => {
  const { proxier, lines } = node('1.30');
  settle(proxier, []);
  expect(lines().filter((line) => line === ':KUBE-PROXY-CANARY - [0:0]')).toHaveLength(3);
  expect(lines()).toContain(':KUBE-IPTABLES-HINT - [0:0]');
});

const leaving = { address: '10.244.1.20', ready: false, serving: true, terminating: true };
const gone = { ...leaving, serving: false };
const noEndpoints = '"kube-system/kube-dns:dns has no endpoints" -m udp --dport 53 -j REJECT';
const toLeaving = '--to-destination 10.244.1.20:53';

// KEP-1669: what is left of a Service whose last end point terminates.
test.each([
  ['1.25', [leaving], [noEndpoints]],
  ['1.26', [leaving], [toLeaving]],
  ['1.26', [gone], [noEndpoints]],
  ['1.26', [leaving, readyEndpoint('10.244.1.21')], ['--to-destination 10.244.1.21:53']],
])('%s with %j', (release, endpoints, expected) => {
  const { proxier, rules } = node(release);
  settle(proxier, [dns(...endpoints)]);
  const said = rules().filter((line) => /REJECT|DNAT --to/.test(line));
  expect(said).toHaveLength(expected.length);
  for (const [i, part] of expected.entries()) expect(said[i]).toContain(part);
});

const here = readyEndpoint('10.244.1.20', 'node');
const there = readyEndpoint('10.244.2.20', 'other');
const clusterIp = '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns';

test.each([
  ['1.22', [here, there], `${clusterIp} cluster IP" -m udp --dport 53 -j KUBE-SVL-TCOU7JCQXEZGVUNU`],
  ['1.22', [there], `${clusterIp} has no local endpoints" -m udp --dport 53 -j DROP`],
  ['1.22', [], `${clusterIp} has no endpoints" -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable`],
  ['1.21', [there], `${clusterIp} cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU`],
])('internalTrafficPolicy Local in %s', (release, endpoints, rule) => {
  const { proxier, rules } = node(release);
  settle(proxier, [{ ...dns(...endpoints), internalTrafficPolicy: 'Local' }]);
  expect(rules()).toContain(rule);
});

// The text of kube-proxy's EXT chains on a real node, with the names of a DNS Service.
test('a node port and an address from outside, under both policies', () => {
  const outside = { ...dns(here, there), loadBalancerIPs: ['172.17.0.241'] };
  const ports = outside.ports.map((port) => ({ ...port, nodePort: 30053 }));
  const cluster = node('1.28');
  settle(cluster.proxier, [{ ...outside, ports }]);
  const ext = (rules: string[]) => rules.filter((line) => line.includes('KUBE-EXT-'));
  const toExternal = [
    '-A KUBE-SERVICES -d 172.17.0.241/32 -p udp -m comment --comment "kube-system/kube-dns:dns loadbalancer IP" -m udp --dport 53 -j KUBE-EXT-TCOU7JCQXEZGVUNU',
    '-A KUBE-NODEPORTS -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp --dport 30053 -j KUBE-EXT-TCOU7JCQXEZGVUNU',
  ];
  expect(ext(cluster.rules()).sort()).toEqual(
    [
      ...toExternal,
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -m comment --comment "masquerade traffic for kube-system/kube-dns:dns external destinations" -j KUBE-MARK-MASQ',
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -j KUBE-SVC-TCOU7JCQXEZGVUNU',
    ].sort(),
  );
  const local = node('1.28');
  settle(local.proxier, [{ ...outside, ports, externalTrafficPolicy: 'Local' }]);
  expect(ext(local.rules()).sort()).toEqual(
    [
      ...toExternal,
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -s 10.244.0.0/16 -m comment --comment "pod traffic for kube-system/kube-dns:dns external destinations" -j KUBE-SVC-TCOU7JCQXEZGVUNU',
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -m comment --comment "masquerade LOCAL traffic for kube-system/kube-dns:dns external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ',
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -m comment --comment "route LOCAL traffic for kube-system/kube-dns:dns external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-TCOU7JCQXEZGVUNU',
      '-A KUBE-EXT-TCOU7JCQXEZGVUNU -j KUBE-SVL-TCOU7JCQXEZGVUNU',
    ].sort(),
  );
  const astray = node('1.28');
  settle(astray.proxier, [{ ...outside, ports, endpoints: [there], externalTrafficPolicy: 'Local' }]);
  expect(astray.rules()).toContain(
    '-A KUBE-EXTERNAL-SERVICES -p udp -m comment --comment "kube-system/kube-dns:dns has no local endpoints" -m addrtype --dst-type LOCAL -m udp --dport 30053 -j DROP',
  );
});

// In the order in which a real node's iptables-save has the words of such rules.
test('session affinity remembers the client in the chain of its end point', () => {
  const { proxier, rules } = node('1.28');
  settle(proxier, [{ ...dns('10.244.1.20', '10.244.1.21'), sessionAffinity: 10800 }]);
  const seen = (name: string) => `--name ${name} --mask 255.255.255.255 --rsource`;
  const [first, second] = ['KUBE-SEP-YUCQP553WQL3T7HJ', 'KUBE-SEP-YBMHQKDUQTT7GO5V'];
  const about = (address: string) => `-m comment --comment "kube-system/kube-dns:dns -> ${address}:53"`;
  const check = '-m recent --rcheck --seconds 10800 --reap';
  expect(rules().filter((line) => line.startsWith('-A KUBE-SVC-TCOU7JCQXEZGVUNU -m'))).toEqual([
    `-A KUBE-SVC-TCOU7JCQXEZGVUNU ${about('10.244.1.20')} ${check} ${seen(first)} -j ${first}`,
    `-A KUBE-SVC-TCOU7JCQXEZGVUNU ${about('10.244.1.21')} ${check} ${seen(second)} -j ${second}`,
    `-A KUBE-SVC-TCOU7JCQXEZGVUNU ${about('10.244.1.20')} -m statistic --mode random --probability 0.50000000000 -j ${first}`,
    `-A KUBE-SVC-TCOU7JCQXEZGVUNU ${about('10.244.1.21')} -j ${second}`,
  ]);
  expect(rules()).toContain(
    `-A ${second} -p udp -m comment --comment "kube-system/kube-dns:dns" -m recent --set ${seen(second)} -m udp -j DNAT --to-destination 10.244.1.21:53`,
  );
});

test('with more than 1000 end points the rules go without comments', () => {
  const { proxier, rules } = node('1.28');
  settle(proxier, [{ ...dns('10.244.1.21'), endpoints: readyEndpoints(thousandAndOne()) }]);
  expect(rules()).toContain('-A KUBE-SEP-YBMHQKDUQTT7GO5V -s 10.244.1.21/32 -j KUBE-MARK-MASQ');
});

function thousandAndOne(): string[] {
  return Array.from({ length: 1001 }, (_, i) => `10.244.${1 + (i >> 8)}.${i & 255}`);
}

test('the more lines the nat table has, the longer it comes after the filter table', () => {
  const { proxier } = node('1.28', 12);
  const gap = (...services: ProxiedService[]) => proxier.sync({ services, before: [], full: false })[1]?.after ?? 0;
  // Two chains, two rules in each, and the rule that leads there.
  expect(gap(dns('10.244.1.20')) - gap()).toBe(12 * (2 + 2 + 2 + 1));
});

test('a partial sync leaves the chains of other Services alone, and deletes those out of use', () => {
  const { proxier, lines } = node('1.28');
  const other = service('default/other', '10.96.0.20', [['', 'udp', 53, 53]], ['10.244.9.9']);
  const before = [dns('10.244.1.20'), other];
  settle(proxier, before);
  const services = [dns('10.244.1.21'), other];
  const steps = proxier.sync({ services, before, full: false });
  for (const { take } of steps) take();
  expect(lines().filter((line) => line.includes('10.244.1.20'))).toEqual([]);
  expect(lines().filter((line) => line.startsWith(':KUBE-SEP-'))).toHaveLength(2);
  expect(lines().filter((line) => line.includes('--to-destination'))).toHaveLength(2);
});

test('a kube-proxy that starts again adds no rule twice, and tidies up what an earlier one left', () => {
  const { proxier, lines } = node('1.28');
  settle(proxier, [dns('10.244.1.20')]);
  const before = lines();
  settle(proxier, [dns('10.244.1.20')]);
  expect(lines()).toEqual(before);
  settle(proxier, []);
  expect(lines().filter((line) => line.includes('KUBE-SVC-'))).toEqual([]);
});
