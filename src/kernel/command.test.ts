import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../problem/problem.ts';
import { parseCommands } from './command.ts';

function problemsOf(text: string): string[] {
  const problems: Problem[] = [];
  parseCommands({ file: 'command', text }, problems);
  return problems.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

describe('commands', () => {
  it.each([
    'true',
    'iptables -t raw -F',
    'iptables -I OUTPUT -d 192.0.2.60 -p tcp --dport 53 -j DROP',
    "iptables -t nat -D POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -m comment --comment 'CNI/ip-masq: pod; to outside' -j MASQUERADE",
    'iptables -t raw -A PREROUTING -i v-app -p udp --dport 53 -m statistic --mode random --probability 0.05 -j DROP; iptables -t mangle -A POSTROUTING -o v-app -p udp --sport 53 -j DROP',
    'conntrack -F',
    'conntrack -L -n; conntrack -L --dst-nat 10.244.0.0/16 -o extended,id; conntrack -C; conntrack -S; conntrack -L conntrack -z',
    'conntrack -E -e NEW,DESTROY -p tcp --state TIME_WAIT -o timestamp -b 1048576',
    'conntrack -D -p icmp --icmp-type 8 -m 0x1/0xff -w 0 -f ipv4 -u SEEN_REPLY,ASSURED',
    'sysctl net.netfilter.nf_conntrack_count; sysctl -n net.netfilter.nf_conntrack_max',
    'conntrack -D -p udp --orig-dst 10.96.0.10 --orig-port-dst 53 --reply-src 10.244.1.20',
    'ipvsadm -A -u 10.96.0.10:53 -s rr -p 10800; ipvsadm -a -u 10.96.0.10:53 -r 10.244.1.5:53 -m -w 0; ipvsadm --set 900 120 300; ipvsadm -C',
    'ipvsadm -Ln; ipvsadm -L -n -c; ipvsadm --list --connection --numeric; ipvsadm -L --timeout; ipset save; nft list table ip kube-proxy',
    'ip route add unreachable 10.244.9.1/32 && ip route del 10.244.1.20/32 dev v-dns1',
    'ip link add nodelocaldns type veth peer name nld-peer; ip addr add 169.254.20.10/32 dev nodelocaldns',
    'ip link set eth0 down\nip link set dev v-app mtu 1400 up\nip link del nodelocaldns',
    'sysctl -w net.netfilter.nf_conntrack_udp_timeout=20 net/netfilter/nf_conntrack_udp_timeout_stream=60',
  ])('understands: %s', (text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  it.each([
    ['reboot', ['1:1 unknown-command']],
    ['true; systemctl stop kubelet', ['1:7 unknown-command']],
    ['iptables -t nta -F', ['1:13 unknown-table']],
    ['iptables -A INPUT -m bpf -j DROP; sysctl -w a.b=1', ['1:22 unknown-match', '1:45 unknown-sysctl']],
    ['conntrack -D --label 1 -z', ['1:14 unknown-option', '1:24 unknown-option']],
    ['conntrack', ['1:10 missing-value']],
    ['conntrack -p udp', ['1:14 missing-option']],
    ['conntrack -L -D', ['1:14 bad-value']],
    ['conntrack -L expect', ['1:14 not-modelled']],
    ['conntrack -L foo', ['1:14 bad-value']],
    ['conntrack -D --sport 53 -p udp', ['1:14 unknown-option']],
    ['conntrack -L -p udp --state ESTABLISHED', ['1:21 unknown-option']],
    ['conntrack -L -p tcp --state FOO', ['1:29 bad-value']],
    ['conntrack -L -p sctpp', ['1:17 bad-value']],
    ['conntrack -L -u ASSURED,UNSET', ['1:17 bad-value']],
    ['conntrack -L -s 10.1.0.0/99 -f ipv5', ['1:17 bad-value', '1:32 bad-value']],
    ['conntrack -L -f ipv4 -s ::1', ['1:25 bad-value']],
    ['conntrack -L -o extended,nonsense', ['1:17 bad-value']],
    ['conntrack -L -o xml', ['1:17 not-modelled']],
    ['conntrack -F -p udp', ['1:14 unknown-option']],
    ['conntrack -L -e NEW', ['1:14 unknown-option']],
    ['sysctl net.netfilter.nf_conntrack_count=3', ['1:8 bad-value']],
    [
      'ipvsadm -Lz; nft flush ruleset; ipset destroy',
      ['1:9 unknown-option', '1:24 unknown-command', '1:39 unknown-command'],
    ],
    ['ipvsadm -X', ['1:9 unknown-option']],
    ['ipvsadm -A -s rr', ['1:9 missing-option']],
    [
      'ipvsadm -a -u 10.96.0.10:53 -g -r 10.244.1.5:53; ipvsadm -A -u 10.96.0.10 -s best',
      ['1:29 not-modelled', '1:64 bad-value', '1:78 bad-value', '1:58 missing-option'],
    ],
    ['ip route add 10.0.0/8 dev eth0', ['1:14 bad-value']],
    ['ip link set eth0 mtu 20', ['1:22 bad-value']],
    ['sysctl -w net.ipv4.ip_forward', ['1:11 bad-value']],
  ])('names what is wrong in: %s', (text, expected) => {
    expect(problemsOf(text)).toEqual(expected);
  });

  it('takes any text without throwing', () => {
    const words =
      'iptables conntrack ip route link addr sysctl -w -t -D add del ; && " \' default via dev constructor __proto__'.split(
        ' ',
      );
    const line = fc.oneof(
      fc.string(),
      fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((list) => list.join(' ')),
    );
    fc.assert(
      fc.property(line, (text) => {
        problemsOf(text);
      }),
      { numRuns: 500 },
    );
  });
});
