#!/usr/bin/env python3
"""What a real node's rules count: a few packets through client - node - server, and iptables-save -c after each.

Needs root, iproute2, iptables, conntrack. Usage: record_counters.py > counters.txt, record_counters.py matches > matches.txt
(one JSON object a line). Every chain of every table begins with a rule that only counts. Payloads are 40 octets.
With `matches` other rules stand in FORWARD, and twelve packets come from one port, 0.35 s apart.
"""
import json
import subprocess
import sys
import time

NS = {'client': 'nfr-client', 'node': 'nfr-node', 'server': 'nfr-server'}
CHAINS = {
    'raw': ['PREROUTING', 'OUTPUT'],
    'mangle': ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
    'nat': ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
    'filter': ['INPUT', 'FORWARD', 'OUTPUT'],
    'security': ['INPUT', 'FORWARD', 'OUTPUT'],
}
OWN = {
    'raw': ['-A PREROUTING -d 10.96.0.12/32 -p udp -m udp --dport 53 -j NOTRACK'],
    'nat': [
        '-A PREROUTING -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.2.0.2:5353',
        '-A OUTPUT -d 10.96.0.10/32 -p udp -m udp --dport 53 -j DNAT --to-destination 10.2.0.2:5353',
        '-A POSTROUTING -o s0 -m mark --mark 0x1 -j MASQUERADE',
    ],
    'mangle': ['-A PREROUTING -d 10.96.0.10/32 -j CONNMARK --set-xmark 0x7/0xffffffff',
               '-A POSTROUTING -m connmark --mark 0x7 -m conntrack --ctstate ESTABLISHED'],
    'filter': [
        '-A INPUT -m conntrack --ctstate NEW',
        '-A INPUT -m addrtype --dst-type LOCAL --limit-iface-in',
        '-A FORWARD -m conntrack --ctstate NEW',
        '-A FORWARD -m conntrack --ctstate ESTABLISHED',
        '-A FORWARD -m conntrack --ctstate DNAT',
        '-A FORWARD -m conntrack --ctstate UNTRACKED',
        '-A FORWARD -m conntrack --ctorigdst 10.96.0.10 --ctorigdstport 53 --ctdir ORIGINAL',
        '-A FORWARD -m length --length 68',
        '-A FORWARD -m recent --set --name seen --mask 255.255.255.0 --rsource',
        '-A FORWARD -m recent --rcheck --seconds 60 --hitcount 2 --name seen --mask 255.255.255.255 --rsource',
        '-A FORWARD -d 10.96.0.11/32 -p udp -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable',
        '-A OUTPUT -m conntrack --ctstate RELATED',
        '-A OUTPUT -m owner --uid-owner 0',
        '-A OUTPUT -m owner --socket-exists',
    ],
}
MATCHES = [
    *(f'-m statistic --mode nth --every 3 --packet {n}' for n in range(3)),
    '-m statistic --mode nth ! --every 4 --packet 1',
    '-m statistic --mode random --probability 1',
    '-m statistic --mode random --probability 0',
    '-m limit --limit 1/hour --limit-burst 4',
    '-s 10.1.0.2/32 -m limit --limit 1/sec --limit-burst 3',
    '-s 10.1.0.2/32 -m recent --set --name a',
    '-s 10.1.0.2/32 -m recent --rcheck --seconds 1 --hitcount 3 --name a',
    '-s 10.1.0.2/32 -m recent --rcheck --seconds 2 --reap --name a',
    '-s 10.1.0.2/32 -m recent --update --seconds 1 --name b',
    '-s 10.1.0.2/32 -m recent ! --rcheck --name b',
    '-s 10.1.0.2/32 -m recent ! --set --name c',
    '-s 10.1.0.2/32 -m recent --remove --name c',
    '-d 10.1.0.2/32 -m recent --update --name a --rdest',
    '-m ttl --ttl-eq 63', '-m ttl --ttl-lt 63', '-m ttl --ttl-gt 62',
    '-m iprange --src-range 10.1.0.1-10.1.0.9', '-m iprange ! --dst-range 10.2.0.2-10.2.0.3',
    '-m length --length 60:70', '-m length ! --length 68',
    '-m conntrack --ctstatus SEEN_REPLY', '-m conntrack --ctstatus ASSURED', '-m conntrack --ctstatus CONFIRMED',
    '-m conntrack ! --ctstatus CONFIRMED', '-m conntrack --ctstatus NONE',
    '-m conntrack --ctexpire 25:30', '-m conntrack --ctexpire 110:120',
    '-m conntrack --ctdir REPLY', '-m conntrack --ctproto 17', '-m conntrack ! --ctproto 17',
    '-m conntrack --ctorigsrc 10.1.0.0/16 --ctreplsrcport 5353', '-m conntrack --ctrepldst 10.1.0.2 --ctstate NEW',
    '-m state --state NEW', '-m state --state ESTABLISHED', '-m conntrack ! --ctstate ESTABLISHED',
    '-m addrtype --src-type UNICAST', '-m addrtype --dst-type LOCAL', '-m addrtype ! --dst-type LOCAL --src-type UNICAST',
    '-m pkttype --pkt-type unicast', '-m pkttype ! --pkt-type unicast',
    '-p udp -m multiport --dports 53,5353', '-p udp -m multiport --sports 53,5353', '-p udp -m multiport ! --ports 5353',
    '-p udp -m udp --sport 4000:4010', '-p udp -m udp ! --dport 5353', '-p tcp', '! -p tcp', '! -f', '-f',
    '-i c0 -o s0', '-i c+', '! -i c0', '-o lo',
    '-m physdev --physdev-in c0', '-m physdev ! --physdev-in c0', '-m physdev ! --physdev-is-bridged',
    '-m mark --mark 0x0', '-m connmark --mark 0x0', '-m comment --comment all',
    '-j MARK --set-xmark 0x5/0xff', '-m mark --mark 0x5', '-m mark ! --mark 0x5/0xf',
    '-j CONNMARK --save-mark --nfmask 0x4 --ctmask 0xffffffff', '-m connmark --mark 0x4', '-j MARK --set-xmark 0x0/0x0',
    '-j CONNMARK --restore-mark --nfmask 0xf --ctmask 0xf', '-m mark --mark 0x4/0xf',
]

# A packet: who sends, from which port, to whom; the server and the node echo what they get.
STIMULI = [
    ('pod to service', [('client', 4000, '10.96.0.10', 53)]),
    ('the same flow again', [('client', 4000, '10.96.0.10', 53)]),
    ('host process to service', [('node', 4001, '10.96.0.10', 53)]),
    ('pod to a socket of the node', [('client', 4002, '10.1.0.1', 7000)]),
    ('forwarded without translation', [('client', 4003, '10.2.0.2', 5353)]),
    ('rejected', [('client', 4004, '10.96.0.11', 53)]),
    ('untracked', [('client', 4005, '10.96.0.12', 53)]),
    ('node to itself', [('node', 4006, '127.0.0.1', 7000)]),
]
SEND = '''
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', int(sys.argv[1])))
s.settimeout(0.5)
s.connect((sys.argv[2], int(sys.argv[3])))
for n in range(int(sys.argv[4])):
    if n > 0: time.sleep(0.35)
    s.send(b'x' * 40)
    try: s.recv(100)
    except OSError: pass
'''
ECHO = '''
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, 8, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
while True:
    data, who = s.recvfrom(100)
    s.sendto(data, who)
'''


def run(*words, ns=None, **more):
    prefix = ['ip', 'netns', 'exec', NS[ns]] if ns else []
    return subprocess.run([*prefix, *words], check=True, capture_output=True, text=True, **more).stdout


def rules() -> str:
    if sys.argv[1:] == ['matches']:
        return '\n'.join(['*filter', ':FORWARD ACCEPT [0:0]', *(f'-A FORWARD {match}' for match in MATCHES), 'COMMIT', ''])
    lines = []
    for table, chains in CHAINS.items():
        lines.append(f'*{table}')
        lines += [f'-A {chain}' for chain in chains]
        lines += OWN.get(table, [])
        lines.append('COMMIT')
    return '\n'.join(lines) + '\n'


def main() -> None:
    echoes = []
    try:
        for name in NS.values():
            run('ip', 'netns', 'add', name)
        for one, device, near, far in [('client', 'c0', '10.1.0.1', '10.1.0.2'), ('server', 's0', '10.2.0.1', '10.2.0.2')]:
            run('ip', 'link', 'add', device, 'netns', NS['node'], 'type', 'veth', 'peer', 'name', 'eth0', 'netns', NS[one])
            run('ip', 'addr', 'add', f'{near}/24', 'dev', device, ns='node')
            run('ip', 'addr', 'add', f'{far}/24', 'dev', 'eth0', ns=one)
            run('ip', 'link', 'set', device, 'up', ns='node')
            run('ip', 'link', 'set', 'eth0', 'up', ns=one)
            run('ip', 'route', 'add', 'default', 'via', near, ns=one)
        run('ip', 'link', 'set', 'lo', 'up', ns='node')
        run('ip', 'route', 'add', 'default', 'via', '10.2.0.2', ns='node')
        run('sysctl', '-w', 'net.ipv4.ip_forward=1', ns='node')
        run('iptables-restore', ns='node', input=rules())
        for ns, address, port in [('server', '10.2.0.2', '5353'), ('node', '10.1.0.1', '7000'), ('node', '127.0.0.1', '7000')]:
            echoes.append(subprocess.Popen(['ip', 'netns', 'exec', NS[ns], 'python3', '-c', ECHO, address, port]))
        time.sleep(0.5)
        print(json.dumps({'rules': rules().splitlines()}))
        if sys.argv[1:] == ['matches']:
            run('python3', '-c', SEND, '4000', '10.2.0.2', '5353', '12', ns='client')
            time.sleep(0.1)
            print(json.dumps({'lines': run('iptables-save', '-c', ns='node').splitlines()[1:-1]}))
            return
        for title, packets in STIMULI:
            for table in CHAINS:
                run('iptables', '-t', table, '-Z', ns='node')
            for ns, port, to, to_port in packets:
                run('python3', '-c', SEND, str(port), to, str(to_port), '1', ns=ns)
            time.sleep(0.1)
            lines = run('iptables-save', '-c', ns='node').splitlines()
            print(json.dumps({'title': title, 'packets': packets, 'lines': [x for x in lines if not x.startswith('#')]}))
    finally:
        for echo in echoes:
            echo.terminate()
        for name in NS.values():
            subprocess.run(['ip', 'netns', 'del', name])


main()
