import { describe, expect, it, test } from 'vitest';
import { datagram, loneHost } from '../../../test/support/lone-host.ts';
import { second } from '../../engine/time.ts';
import { servicesText } from '../../kernel/ipvs/print.ts';
import { formatEndpoint } from '../../network/address.ts';
import type { Packet } from '../../network/packet.ts';
import { readyEndpoint } from '../endpoint.ts';
import type { KubeProxyDescription } from '../world.ts';
import { createProxier } from './modes.ts';
import { type ProxiedService, settle } from './proxier.ts';

const endpoints = ['10.244.1.5', '10.244.2.7'];

function dns(addresses: readonly string[], more: Partial<ProxiedService> = {}): ProxiedService {
  return {
    name: 'kube-system/kube-dns',
    address: '10.96.0.10',
    ports: [
      { name: 'dns', protocol: 'udp', port: 53, targetPort: 53 },
      { name: 'dns-tcp', protocol: 'tcp', port: 53, targetPort: 53 },
    ],
    endpoints: addresses.map((address) => readyEndpoint(address, 'elsewhere')),
    whenEmpty: 'reject',
    ...more,
  };
}

/** A node with kube-proxy in a mode; what leaves it goes into `sent`. */
function node(mode: KubeProxyDescription['mode'], { release = '1.35', kernel = '6.1' } = {}) {
  const { simulation, host, sent } = loneHost({
    name: 'node',
    kernel,
    forwarding: true,
    interfaces: [
      { name: 'pods', segment: 'pods', addresses: ['10.244.0.1/16'] },
      { name: 'uplink', segment: 'uplink', addresses: ['192.168.1.200/24'] },
    ],
    routes: [{ to: 'default', kind: 'unicast', via: '192.168.1.1' }],
    sysctls: {},
  });
  const constant = { kind: 'constant', value: 0 } as const;
  const site = { simulation, host, release, podCidr: '10.244.0.0/16', commitGap: { least: constant, perLine: 0 } };
  const proxier = createProxier({ mode, serviceCidr: '10.96.0.0/12' }, site);
  settle(proxier, [dns(endpoints)]);
  const sync = (...services: readonly ProxiedService[]) => {
    for (const { take } of proxier.sync({ services, before: [], full: false })) take();
  };
  const send = (from: string, to: string) => {
    const device = host.stack.devices.get(from.startsWith('10.244.') ? 'pods' : 'uplink');
    if (device !== undefined) host.stack.receive(device, datagram(from, to));
    return sent.splice(0).map(shown);
  };
  return { host, simulation, proxier, sync, send };
}

function shown(packet: Packet): string {
  if (packet.protocol === 'icmp') return packet.code;
  const { source, sourcePort, destination, destinationPort } = packet;
  return [
    formatEndpoint({ address: source, port: sourcePort }),
    formatEndpoint({ address: destination, port: destinationPort }),
  ].join(' > ');
}

describe.each(['iptables', 'ipvs', 'nftables'] as const)('the mode %s', (mode) => {
  it('sends what goes to a Service to its end points, new flow by new flow', () => {
    const { send } = node(mode);
    const targets = Array.from({ length: 40 }, (_, i) => send(`10.244.3.9:${40_001 + i}`, '10.96.0.10:53').join());
    expect(new Set(targets.map((line) => line.split(' > ')[1]))).toEqual(new Set(endpoints.map((one) => `${one}:53`)));
    expect(targets.every((line) => line.startsWith('10.244.3.9:4'))).toBe(true);
  });

  it('masquerades what comes from outside the pods, and a pod that is sent to itself', () => {
    const { send, sync } = node(mode);
    expect(send('192.168.1.9:5000', '10.96.0.10:53').join()).toMatch(/^10\.244\.0\.1:\d+ > 10\.244\.\d\.\d:53$/);
    sync(dns([], { endpoints: [readyEndpoint('10.244.1.5', 'node')] }));
    expect(send('10.244.1.5:5000', '10.96.0.10:53').join()).toMatch(/^10\.244\.0\.1:\d+ > 10\.244\.1\.5:53$/);
  });

  it('refuses at once where there is no end point, and leaves no entry', () => {
    const { send, sync, host } = node(mode);
    sync(dns([]));
    expect(send('10.244.3.9:40001', '10.96.0.10:53')).toEqual(['port-unreachable']);
    expect(host.conntrack.list()).toEqual([]);
    sync(dns(endpoints));
    expect(send('10.244.3.9:40001', '10.96.0.10:53').join()).toMatch(/ > 10\.244\.\d\.\d:53$/);
  });
});

/** To another port of a Service's address, and to an address of no Service: what becomes of it. */
test.each([
  ['iptables', '1.35', ['192.168.1.200', '10.96.0.10:54'], ['192.168.1.200', '10.96.9.9:53']],
  ['ipvs', '1.25', ['port-unreachable'], ['192.168.1.200', '10.96.9.9:53']],
  ['ipvs', '1.26', ['port-unreachable'], ['192.168.1.200', '10.96.9.9:53']],
  ['nftables', '1.35', ['port-unreachable'], []],
] as const)('the mode %s of %s: other ports %s, other addresses %s', (mode, release, port, address) => {
  const { host, send } = node(mode, { release });
  host.restore({
    file: 'cni',
    text: '*nat\n-A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE\nCOMMIT\n',
  });
  const outcome = (to: string) =>
    send('10.244.3.9:40001', to).flatMap((line) => line.replace(/:\d+ > /, ' > ').split(' > '));
  expect([outcome('10.96.0.10:54'), outcome('10.96.9.9:53')]).toEqual([port, address]);
});

describe('ipvs and end points that go', () => {
  const lines = (mode: ReturnType<typeof node>) =>
    servicesText(mode.host.ipvs.servers.sorted()).filter((line) => /10\.244\.2\.7|^[TU]/.test(line));

  it.each([
    ['1.14.3', ['UDP  10.96.0.10:53 rr', '  -> 10.244.2.7:53                Masq    0      0          1         ']],
    ['1.14.4', ['UDP  10.96.0.10:53 rr']],
    ['1.15.0', ['UDP  10.96.0.10:53 rr', '  -> 10.244.2.7:53                Masq    0      0          1         ']],
    ['1.15.1', ['UDP  10.96.0.10:53 rr']],
  ])('%s', (release, expected) => {
    const mode = node('ipvs', { release, kernel: '4.15' });
    mode.send('10.244.3.9:40001', '10.96.0.10:53');
    mode.sync(dns(['10.244.1.5']));
    expect(lines(mode)).toEqual(['TCP  10.96.0.10:53 rr', ...expected]);
  });

  it('deletes a server of weight 0 at the first look, once a minute, at which nobody uses it', () => {
    const mode = node('ipvs', { release: '1.14.3', kernel: '4.15' });
    mode.send('10.244.3.9:40001', '10.96.0.10:53');
    mode.sync(dns(['10.244.1.5']));
    mode.simulation.run(300 * second);
    expect(lines(mode)).toHaveLength(3);
    mode.simulation.run(377 * second);
    expect(lines(mode)).toEqual(['TCP  10.96.0.10:53 rr', 'UDP  10.96.0.10:53 rr']);
  });

  it('adds an end point anew that comes back before its time', () => {
    const mode = node('ipvs', { release: '1.14.3', kernel: '4.15' });
    mode.send('10.244.3.9:40001', '10.96.0.10:53');
    mode.sync(dns(['10.244.1.5']));
    mode.sync(dns(endpoints));
    expect(lines(mode)[2]).toBe('UDP  10.96.0.10:53 rr');
    expect(lines(mode)[3]).toBe('  -> 10.244.2.7:53                Masq    1      0          1         ');
  });

  it.each([
    ['4.15', 0],
    ['5.8', 0],
    ['5.9', 1],
  ])('on Linux %s conn_reuse_mode is %s', (kernel, value) => {
    const { host } = node('ipvs', { kernel });
    expect(host.sysctls.get('net.ipv4.vs.conn_reuse_mode')).toBe(value);
    expect(host.sysctls.get('net.ipv4.vs.expire_nodest_conn')).toBe(1);
  });
});

test('ipvs: kube-ipvs0 and the ipsets hold what the Services are, and no more', () => {
  const { host, sync } = node('ipvs');
  const held = () => [
    host.stack.devices.get('kube-ipvs0')?.addresses.length,
    ...host.sets.print().filter((line) => line.startsWith('add')),
  ];
  expect(held()).toEqual([
    1,
    'add KUBE-CLUSTER-IP 10.96.0.10,udp:53',
    'add KUBE-CLUSTER-IP 10.96.0.10,tcp:53',
    'add KUBE-IPVS-IPS 10.96.0.10',
  ]);
  sync();
  expect(held()).toEqual([0]);
  expect(host.ipvs.servers.size).toBe(0);
});
