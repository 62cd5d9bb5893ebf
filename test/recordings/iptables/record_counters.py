#!/usr/bin/env python3
"""What a real node's rules count: a few packets through client - node - server, and iptables-save -c after each.

Needs root, iproute2, iptables, conntrack. Usage: record_counters.py > counters.txt (one JSON object a line).
Every chain of every table begins with a rule that only counts. Payloads are 40 octets.
"""
import json
import subprocess
import threading
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
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', int(sys.argv[1])))
s.settimeout(0.5)
s.connect((sys.argv[2], int(sys.argv[3])))
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
        for title, packets in STIMULI:
            for table in CHAINS:
                run('iptables', '-t', table, '-Z', ns='node')
            for ns, port, to, to_port in packets:
                run('python3', '-c', SEND, str(port), to, str(to_port), ns=ns)
            time.sleep(0.1)
            lines = run('iptables-save', '-c', ns='node').splitlines()
            print(json.dumps({'title': title, 'packets': packets, 'lines': [x for x in lines if not x.startswith('#')]}))
    finally:
        for echo in echoes:
            echo.terminate()
        for name in NS.values():
            subprocess.run(['ip', 'netns', 'del', name])


main()
