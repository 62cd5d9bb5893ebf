import { expect, test } from 'vitest';
import { readyEndpoints } from '../endpoint.ts';
import type { ProxiedService } from './proxier.ts';
import { kubeProxyTables } from './rules.ts';

const kubeDns: ProxiedService = {
  name: 'kube-system/kube-dns',
  address: '10.96.0.10',
  ports: [{ name: 'dns', protocol: 'udp', port: 53, targetPort: 53 }],
  endpoints: readyEndpoints(['10.244.1.20', '10.244.1.21']),
  whenEmpty: 'reject',
};

// Layout as iptables-save shows it on a node with kube-proxy in iptables mode.
test('a Service with two end points', () => {
  expect(kubeProxyTables([kubeDns], '10.244.0.0/16').nat.split('\n')).toEqual([
    '*nat',
    ':KUBE-SERVICES - [0:0]',
    ':KUBE-POSTROUTING - [0:0]',
    ':KUBE-MARK-MASQ - [0:0]',
    ':KUBE-SVC-TCOU7JCQXEZGVUNU - [0:0]',
    ':KUBE-SEP-YUCQP553WQL3T7HJ - [0:0]',
    ':KUBE-SEP-YBMHQKDUQTT7GO5V - [0:0]',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
    '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU ! -s 10.244.0.0/16 -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp --dport 53 -j KUBE-MARK-MASQ',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns -> 10.244.1.20:53" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-YUCQP553WQL3T7HJ',
    '-A KUBE-SEP-YUCQP553WQL3T7HJ -s 10.244.1.20/32 -m comment --comment "kube-system/kube-dns:dns" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-YUCQP553WQL3T7HJ -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.244.1.20:53',
    '-A KUBE-SVC-TCOU7JCQXEZGVUNU -m comment --comment "kube-system/kube-dns:dns -> 10.244.1.21:53" -j KUBE-SEP-YBMHQKDUQTT7GO5V',
    '-A KUBE-SEP-YBMHQKDUQTT7GO5V -s 10.244.1.21/32 -m comment --comment "kube-system/kube-dns:dns" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-YBMHQKDUQTT7GO5V -p udp -m comment --comment "kube-system/kube-dns:dns" -m udp -j DNAT --to-destination 10.244.1.21:53',
    'COMMIT',
    '',
  ]);
});

test.each([
  ['rejected', { ...kubeDns, endpoints: [] }, 1],
  ['left alone in a gap between two syncs', { ...kubeDns, endpoints: [], whenEmpty: 'nothing' as const }, 0],
  ['with end points', kubeDns, 0],
])('a Service %s', (_what, service, rejects) => {
  const { filter } = kubeProxyTables([service], '10.244.0.0/16');
  const rule =
    '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns:dns has no endpoints" -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable';
  expect(filter.split('\n').filter((line) => line === rule)).toHaveLength(rejects);
});
