import { expect, test } from 'vitest';
import { captureIn } from './captures.ts';

// Lines of field reports S3 and S4.
const stuck =
  'udp      17 177 src=10.42.0.33 dst=10.43.0.10 sport=52421 dport=53 src=10.43.0.10 dst=172.20.112.199 sport=53 dport=52421 [ASSURED] mark=0 use=1';
const sound =
  'udp      17 28  src=10.42.0.33 dst=10.43.0.10 sport=59515 dport=53 src=172.20.112.199 dst=10.42.0.33 sport=53 dport=59515 mark=0 use=1';
const born =
  ' [NEW] udp      17 30 src=10.42.0.33 dst=10.43.0.10 sport=52001 dport=53 [UNREPLIED] src=10.43.0.10 dst=172.20.112.199 sport=53 dport=42285';

const asked = '11:16:23.111282 IP 192.168.1.200.53062 > 192.168.1.100.53: 30973+ A? api-push.vivo.com.cn. (38)';
const addresses = (count: number) => Array.from({ length: count }, (_, i) => `A 182.92.255.${i + 1}`).join(', ');

test.each<[string, string, string]>([
  [
    'Chain KUBE-SERVICES (2 references)\n pkts bytes target',
    'this is what `iptables -L` prints',
    'give what `iptables-save` prints',
  ],
  [
    '11:16:23.111282 IP 192.168.1.200.53062 > 192.168.1.100.53: 30973+ A? api-push.vivo.com.cn. (38)',
    'this is what `tcpdump` prints',
    'put what happened into a scenario: `dnspath run --capture tcpdump`',
  ],
  [
    '[INFO] 10.42.0.9:4000 - 7 "A IN www.example.com. udp 41 false 512" NOERROR qr,rd,ra 106 0.005s',
    'this is what CoreDNS prints',
    'a workload may `replay` a query log',
  ],
  [
    '[INFO] plugin/reload: Running\n[ERROR] plugin/errors: 2 a. A: dns: buffer size too small\n[ERROR] plugin/errors: 2 a. A: dns: overflow unpacking uint32',
    'this is what CoreDNS prints',
    "line 2, and 1 more line: `dns: buffer size too small` means that an upstream's reply by UDP was longer",
  ],
  [
    '[ERROR] plugin/errors: 2 a. A: read udp 10.42.0.9:35106->192.0.2.53:53: i/o timeout',
    'this is what CoreDNS prints',
    'line 1: the upstream 192.0.2.53:53 did not answer in time',
  ],
  [
    `${asked}\n11:16:23.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973 20/0/0 ${addresses(20)} (758)`,
    'this is what `tcpdump` prints',
    'line 2 has 758 octets by UDP without TC, though the query allows 512, every name written in full: in a scenario `servers:` says that of 192.168.1.100 with `faults: { limits: none, compress: false }`',
  ],
  [
    `${asked}\n11:16:23.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973 40/0/0 ${addresses(40)} (678)`,
    'this is what `tcpdump` prints',
    'line 2 has 678 octets by UDP without TC, though the query allows 512: in a scenario `servers:` says that of 192.168.1.100 with `faults: { limits: none }`',
  ],
  ...[
    `${asked.replace('30973+', '30973+ [1au]')}\n11:16:23.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973 40/0/0 ${addresses(40)} (678)`,
    `${asked}\n11:16:23.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973| 13/0/0 ${addresses(13)} (506)`,
    `${asked}\n11:16:23.113128 IP 192.168.1.100.53 > 192.168.1.200.53062: 30973 20/0/0 ${addresses(20)} (358)`,
  ].map((text): [string, string, string] => [
    text,
    'this is what `tcpdump` prints',
    'put what happened into a scenario',
  ]),
  [sound, 'this is what `conntrack` prints', 'put what happened into a scenario'],
  [`[1584.000000]\t   ${born}`, 'this is what `conntrack` prints', 'line 1 expects answers from'],
  [`ipv4     2 ${sound}`, 'this is what `conntrack` prints', 'put what happened into a scenario'],
  [Array(7).fill(stuck).join('\n'), 'this is what `conntrack` prints', 'lines 1, 2, 3 and 4 more expect answers'],
  [`${sound}\n${stuck}`, 'this is what `conntrack` prints', 'line 2 expects answers from 10.43.0.10 itself'],
  [
    `${stuck}\n${sound}\n${born}`,
    'this is what `conntrack` prints',
    'lines 1 and 3 expect answers from 10.43.0.10 itself',
  ],
])('%j is known', (text, message, hint) => {
  const found = captureIn(text);
  expect(found?.message).toBe(message);
  expect(found?.hint.slice(0, hint.length)).toBe(hint);
});

test.each(['.:53 {\n  errors\n}\n', 'nameserver 10.0.0.1\n', '*nat\nCOMMIT\n'])('%j is no capture', (text) => {
  expect(captureIn(text)).toBeUndefined();
});
