import { expect, test } from 'vitest';
import { captureIn } from './captures.ts';

// Lines of field reports S3 and S4.
const stuck =
  'udp      17 177 src=10.42.0.33 dst=10.43.0.10 sport=52421 dport=53 src=10.43.0.10 dst=172.20.112.199 sport=53 dport=52421 [ASSURED] mark=0 use=1';
const sound =
  'udp      17 28  src=10.42.0.33 dst=10.43.0.10 sport=59515 dport=53 src=172.20.112.199 dst=10.42.0.33 sport=53 dport=59515 mark=0 use=1';
const born =
  ' [NEW] udp      17 30 src=10.42.0.33 dst=10.43.0.10 sport=52001 dport=53 [UNREPLIED] src=10.43.0.10 dst=172.20.112.199 sport=53 dport=42285';

test.each([
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
    '[ERROR] plugin/errors: 2 api-push.vivo.com.cn. A: dns: buffer size too small',
    'this is what CoreDNS prints',
    'a workload may `replay` a query log',
  ],
  [sound, 'this is what `conntrack` prints', 'put what happened into a scenario'],
  [`${sound}\n${stuck}`, 'this is what `conntrack` prints', 'line 2 expects answers from 10.43.0.10 itself'],
  [
    `${stuck}\n${sound}\n${born}`,
    'this is what `conntrack` prints',
    'lines 1, 3 expect answers from 10.43.0.10 itself',
  ],
])('%j is known', (text, message, hint) => {
  const found = captureIn(text);
  expect(found?.message).toBe(message);
  expect(found?.hint.slice(0, hint.length)).toBe(hint);
});

test.each(['.:53 {\n  errors\n}\n', 'nameserver 10.0.0.1\n', '*nat\nCOMMIT\n'])('%j is no capture', (text) => {
  expect(captureIn(text)).toBeUndefined();
});
