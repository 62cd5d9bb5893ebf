import { describe, expect, it, test } from 'vitest';
import { datagram, loneHost } from '../../../test/support/lone-host.ts';
import { second } from '../../engine/time.ts';
import { formatAddress, formatEndpoint, parseEndpoint } from '../../network/address.ts';
import type { Endpoint, Packet } from '../../network/packet.ts';
import { entryFields, listLine } from '../conntrack/entry.ts';
import { connectionsText, servicesText } from './print.ts';
import type { SchedulerName } from './schedulers.ts';
import type { VirtualServer } from './virtual-server.ts';

const at = (text: string): Endpoint => parseEndpoint(text) ?? { address: 0, port: 0 };
const vip = at('10.96.0.10:53');

const rules = `*nat
:KUBE-MARK-MASQ - [0:0]
-A PREROUTING ! -s 10.244.0.0/16 -d 10.96.0.10/32 -j MARK --set-xmark 0x4000/0x4000
-A OUTPUT ! -s 10.244.0.0/16 -d 10.96.0.10/32 -j MARK --set-xmark 0x4000/0x4000
-A POSTROUTING -m mark --mark 0x4000/0x4000 -j MASQUERADE
COMMIT
`;

interface Wanted {
  readonly kernel?: string;
  readonly scheduler?: SchedulerName;
  readonly servers?: readonly string[];
  readonly persistence?: number;
  readonly sysctls?: Readonly<Record<string, number>>;
}

/** A node with kube-ipvs0 and two pods' subnet; what leaves it goes into `sent`. */
function node({
  kernel = '6.1',
  scheduler = 'rr',
  servers = ['10.244.1.5:53', '10.244.2.7:53'],
  ...more
}: Wanted = {}) {
  const { simulation, host, sent } = loneHost({
    name: 'node',
    kernel,
    forwarding: true,
    interfaces: [
      { name: 'pods', segment: 'pods', addresses: ['10.244.0.1/16'] },
      { name: 'kube-ipvs0', addresses: ['10.96.0.10/32'] },
    ],
    routes: [],
    iptables: rules,
    sysctls: { 'net.ipv4.vs.conntrack': 1, 'net.ipv4.vs.expire_nodest_conn': 1, ...more.sysctls },
  });
  const persistence = more.persistence === undefined ? {} : { persistence: more.persistence };
  const administration = host.ipvsAdministration;
  for (const protocol of ['udp', 'tcp'] as const) {
    administration.addService(protocol, vip, { scheduler, ...persistence });
    for (const server of servers) administration.addServer(need(administration.find(protocol, vip)), at(server), 1);
  }
  const service = (protocol: 'udp' | 'tcp') => need(administration.find(protocol, vip));
  const device = host.stack.devices.get('pods');
  const receive = (packet: Packet) => {
    if (device !== undefined) host.stack.receive(device, packet);
    return sent.splice(0).map(shown);
  };
  return { host, simulation, service, administration, receive, sent };
}

function need(server: VirtualServer | undefined): VirtualServer {
  if (server === undefined) throw new Error('no virtual server');
  return server;
}

const noFlags = { syn: false, ack: false, fin: false, rst: false };

function tcp(from: string, to: string, flags: Partial<typeof noFlags>): Packet {
  const { source, sourcePort, destination, destinationPort, ttl, trace } = {
    sourcePort: 0,
    destinationPort: 0,
    ...datagram(from, to),
  };
  const rest = { length: 0, sequence: 1, acknowledgement: 1, mss: undefined, payloads: [] };
  return {
    protocol: 'tcp',
    source,
    sourcePort,
    destination,
    destinationPort,
    ttl,
    trace,
    ...noFlags,
    ...flags,
    ...rest,
  };
}

function shown(packet: Packet): string {
  if (packet.protocol === 'icmp')
    return `${formatAddress(packet.source)} > ${formatAddress(packet.destination)} ${packet.code} about ${packet.about && shown(packet.about)}`;
  const { source, sourcePort, destination, destinationPort } = packet;
  return `${formatEndpoint({ address: source, port: sourcePort })} > ${formatEndpoint({ address: destination, port: destinationPort })}`;
}

const query = (port: number) => datagram(`10.244.3.9:${port}`, '10.96.0.10:53');

describe('round robin', () => {
  it('moves on with each new flow, whoever sends it, newest server first; a known flow stays', () => {
    const { receive } = node();
    expect(receive(query(40001))).toEqual(['10.244.3.9:40001 > 10.244.2.7:53']);
    expect(receive(query(40002))).toEqual(['10.244.3.9:40002 > 10.244.1.5:53']);
    expect(receive(query(40001))).toEqual(['10.244.3.9:40001 > 10.244.2.7:53']);
    expect(receive(datagram('10.244.4.4:40001', '10.96.0.10:53'))).toEqual(['10.244.4.4:40001 > 10.244.2.7:53']);
  });

  it('passes over weight 0, and answers port unreachable when there is no server', () => {
    const { receive, service, administration } = node();
    administration.editServer(service('udp'), at('10.244.2.7:53'), 0);
    expect([40001, 40002].flatMap((port) => receive(query(port)))).toEqual([
      '10.244.3.9:40001 > 10.244.1.5:53',
      '10.244.3.9:40002 > 10.244.1.5:53',
    ]);
    administration.editServer(service('udp'), at('10.244.1.5:53'), 0);
    expect(receive(query(40003))).toEqual([
      '10.96.0.10 > 10.244.3.9 port-unreachable about 10.244.3.9:40003 > 10.96.0.10:53',
    ]);
  });
});

test('answers come from the virtual server; the flow is tracked with the real server as the source of answers', () => {
  const { receive, host, simulation } = node();
  receive(query(40001));
  expect(receive(datagram('10.244.2.7:53', '10.244.3.9:40001'))).toEqual(['10.96.0.10:53 > 10.244.3.9:40001']);
  expect(host.conntrack.list().map((c) => listLine(entryFields(c, simulation.now)))).toEqual([
    'udp      17 30 src=10.244.3.9 dst=10.96.0.10 sport=40001 dport=53 src=10.244.2.7 dst=10.244.3.9 sport=53 dport=40001 mark=0 use=1',
  ]);
});

test('without vs/conntrack nothing is tracked', () => {
  const { receive, host } = node({ sysctls: { 'net.ipv4.vs.conntrack': 0 } });
  receive(query(40001));
  expect(receive(datagram('10.244.2.7:53', '10.244.3.9:40001'))).toEqual(['10.96.0.10:53 > 10.244.3.9:40001']);
  expect(host.conntrack.list()).toEqual([]);
});

test('a client from outside the pods is masqueraded, and gets its answers', () => {
  const { receive } = node();
  const [forth = ''] = receive(datagram('192.168.1.9:5000', '10.96.0.10:53'));
  expect(forth).toBe('10.244.0.1:5000 > 10.244.2.7:53');
});

test('an error about a forwarded packet is told under the virtual server’s address', () => {
  const { receive, host, sent } = node();
  const device = host.stack.devices.get('pods');
  if (device !== undefined) host.stack.receive(device, query(40001));
  const [about] = sent.splice(0);
  const { address } = at('10.244.2.7:53');
  const client = at('10.244.3.9:0').address;
  const error: Packet = {
    protocol: 'icmp',
    source: address,
    destination: client,
    ttl: 64,
    trace: 0,
    type: 'destination-unreachable',
    id: undefined,
    code: 'port-unreachable',
    about,
    mtu: undefined,
  };
  expect(receive(error)).toEqual(['10.96.0.10 > 10.244.3.9 port-unreachable about 10.244.3.9:40001 > 10.96.0.10:53']);
});

describe('the time of a UDP connection', () => {
  it('is 300 s from the last packet of either direction, and the timer wheel adds up to 16.4 s', () => {
    const { receive, host, simulation } = node();
    receive(query(40001));
    simulation.run(100 * second);
    receive(datagram('10.244.2.7:53', '10.244.3.9:40001'));
    simulation.run(160.5 * second);
    expect(connectionsText(host.ipvs.connections, simulation.now)).toEqual([
      'IPVS connection entries',
      'pro expire state       source             virtual            destination',
      'UDP 03:59  UDP         10.244.3.9:40001   10.96.0.10:53      10.244.2.7:53',
    ]);
    simulation.run(400 * second - 1);
    expect([...host.ipvs.connections]).toHaveLength(1);
    simulation.run(416.4 * second);
    expect([...host.ipvs.connections]).toHaveLength(0);
  });

  it('is what --set says, for packets from then on', () => {
    const { receive, host, simulation, administration } = node();
    receive(query(40001));
    administration.setTimeouts({ tcp: 0, tcpFin: 0, udp: 10 });
    receive(query(40002));
    expect(
      connectionsText(host.ipvs.connections, simulation.now)
        .slice(2)
        .map((l) => l.slice(4, 9)),
    ).toEqual(['05:00', '00:10']);
  });
});

describe('a deleted server with a busy client port', () => {
  const lost = (wanted: Wanted) => {
    const { receive, simulation, service, administration } = node(wanted);
    receive(query(40001));
    administration.deleteServer(service('udp'), at('10.244.2.7:53'));
    simulation.run(1 * second);
    return [receive(query(40001)), receive(query(40001))].map((sent) => sent.length);
  };

  it.each([
    ['5.8', 1, [0, 1]],
    ['5.9', 1, [1, 1]],
    ['6.1', 1, [1, 1]],
    ['5.8', 0, [0, 0]],
    ['6.1', 0, [0, 0]],
  ])('kernel %s, expire_nodest_conn %s: packets that get through: %s', (kernel, expire, through) => {
    expect(lost({ kernel, sysctls: { 'net.ipv4.vs.expire_nodest_conn': expire } })).toEqual(through);
  });

  it('comes back with its connections when it is added again', () => {
    const { receive, simulation, service, administration } = node({ sysctls: { 'net.ipv4.vs.expire_nodest_conn': 0 } });
    receive(query(40001));
    administration.deleteServer(service('udp'), at('10.244.2.7:53'));
    expect(receive(query(40001))).toEqual([]);
    administration.addServer(service('udp'), at('10.244.2.7:53'), 1);
    simulation.run(1 * second);
    expect(receive(query(40001))).toEqual(['10.244.3.9:40001 > 10.244.2.7:53']);
    expect(service('udp').servers.map(({ inactiveConnections }) => inactiveConnections)).toEqual([1, 0]);
  });
});

test('weight 0 keeps the flows that it has, however long they go on', () => {
  const { receive, simulation, service, administration } = node();
  receive(query(40001));
  administration.editServer(service('udp'), at('10.244.2.7:53'), 0);
  for (let i = 0; i < 5; i++) {
    simulation.run(simulation.now + 200 * second);
    expect(receive(query(40001))).toEqual(['10.244.3.9:40001 > 10.244.2.7:53']);
  }
});

test('persistence keeps a client with its server, until that server’s weight is 0 and quiescent templates expire', () => {
  const { receive, host, simulation, service, administration } = node({
    persistence: 10_800 * second,
    sysctls: { 'net.ipv4.vs.expire_quiescent_template': 1 },
  });
  const to = (port: number) => receive(query(port)).map((line) => line.split(' > ')[1]);
  expect([40001, 40002, 40003].flatMap(to)).toEqual(['10.244.2.7:53', '10.244.2.7:53', '10.244.2.7:53']);
  expect(connectionsText(host.ipvs.connections, simulation.now)[2]).toBe(
    'UDP 180:00  NONE        10.244.3.9:0       10.96.0.10:53      10.244.2.7:53',
  );
  administration.editServer(service('udp'), at('10.244.2.7:53'), 0);
  expect([40004, 40001].flatMap(to)).toEqual(['10.244.1.5:53', '10.244.2.7:53']);
});

test('ipvsadm -Ln and -Lnc', () => {
  const { receive, host, simulation } = node();
  receive(query(40001));
  receive(tcp('10.244.3.9:50001', '10.96.0.10:53', { syn: true }));
  receive(tcp('10.244.2.7:53', '10.244.3.9:50001', { syn: true, ack: true }));
  receive(tcp('10.244.3.9:50001', '10.96.0.10:53', { ack: true }));
  expect(servicesText(host.ipvs.servers.sorted())).toEqual([
    'IP Virtual Server version 1.2.1 (size=4096)',
    'Prot LocalAddress:Port Scheduler Flags',
    '  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn',
    'TCP  10.96.0.10:53 rr',
    '  -> 10.244.1.5:53                Masq    1      0          0         ',
    '  -> 10.244.2.7:53                Masq    1      1          0         ',
    'UDP  10.96.0.10:53 rr',
    '  -> 10.244.1.5:53                Masq    1      0          0         ',
    '  -> 10.244.2.7:53                Masq    1      0          1         ',
  ]);
  expect(connectionsText(host.ipvs.connections, simulation.now).slice(2)).toEqual([
    'UDP 05:00  UDP         10.244.3.9:40001   10.96.0.10:53      10.244.2.7:53',
    'TCP 15:00  ESTABLISHED 10.244.3.9:50001   10.96.0.10:53      10.244.2.7:53',
  ]);
});

// Of ip_vs_proto_tcp.c: state and seconds after each segment; `>` from the client, `<` from the server.
test.each([
  [
    'closed by the client',
    '> S|< SA|> A|> FA|< FA|> A',
    ['SYN_RECV 60', 'SYN_RECV 60', 'ESTABLISHED 900', 'CLOSE_WAIT 60', 'TIME_WAIT 120', 'TIME_WAIT 120'],
  ],
  [
    'closed by the server',
    '> S|< SA|> A|< FA|> FA|< A',
    ['SYN_RECV 60', 'SYN_RECV 60', 'ESTABLISHED 900', 'FIN_WAIT 120', 'TIME_WAIT 120', 'TIME_WAIT 120'],
  ],
  ['refused', '> S|< RA', ['SYN_RECV 60', 'CLOSE 10']],
])('TCP %s', (_, segments, states) => {
  const { receive, host, simulation } = node();
  const seen = segments.split('|').map((segment) => {
    const [direction, flags = ''] = segment.split(' ');
    const set = {
      syn: flags.includes('S'),
      ack: flags.includes('A'),
      fin: flags.includes('F'),
      rst: flags.includes('R'),
    };
    const [client, server] = ['10.244.3.9:50001', '10.244.2.7:53'];
    receive(direction === '>' ? tcp(client, '10.96.0.10:53', set) : tcp(server, client, set));
    const [connection] = [...host.ipvs.connections];
    return `${connection?.state} ${((connection?.expires ?? 0) - simulation.now) / second}`;
  });
  expect(seen).toEqual(states);
});

describe('other schedulers', () => {
  const shares = (scheduler: SchedulerName, weights: readonly number[], flows: number) => {
    const servers = weights.map((_, i) => `10.244.1.${i + 1}:53`);
    const { receive, service, administration } = node({ scheduler, servers });
    for (const [i, server] of servers.entries()) administration.editServer(service('udp'), at(server), weights[i] ?? 0);
    const counts = weights.map(() => 0);
    for (let i = 0; i < flows; i++) {
      const line = receive(datagram(`10.244.3.${i % 200}:${20_000 + i}`, '10.96.0.10:53')).join();
      const server = servers.findIndex((s) => line.endsWith(s));
      counts[server] = (counts[server] ?? 0) + 1;
    }
    return counts;
  };

  it.each([
    ['rr', [1, 2, 3], 60, [20, 20, 20]],
    ['wrr', [1, 2, 3], 60, [10, 20, 30]],
    ['wrr', [2, 0, 4], 60, [20, 0, 40]],
    ['lc', [1, 2, 3], 60, [20, 20, 20]],
    ['wlc', [1, 2, 3], 60, [10, 20, 30]],
    // UDP counts as inactive only, of which these two take no notice; the newest server stands first.
    ['nq', [1, 1, 1], 60, [0, 0, 60]],
    ['sed', [1, 1, 1], 60, [0, 0, 60]],
    ['dh', [1, 1], 60, [0, 60]],
  ] as const)('%s with weights %s: %s flows as %s', (scheduler, weights, flows, counts) => {
    const got = shares(scheduler, weights, flows);
    expect(scheduler === 'dh' ? [...got].sort((a, b) => a - b) : got).toEqual(counts);
  });

  it('sh keeps an address with a server', () => {
    const { receive } = node({ scheduler: 'sh' });
    const to = (from: string) => receive(datagram(from, '10.96.0.10:53')).map((line) => line.split(' > ')[1]);
    expect(new Set([1, 2, 3, 4].flatMap((n) => to(`10.244.3.9:${4000 + n}`))).size).toBe(1);
    expect(new Set([1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => to(`10.244.3.${n}:4000`))).size).toBe(2);
  });
});
