#!/usr/bin/env python3
"""The cases of the recordings beside this file, for `../../harness/path_rec.py`: cases.py > cases.json"""
import json

CASES = []
VIP, DNS1, DNS2, UP1, UP2 = '10.96.0.10', '10.244.1.20', '10.244.1.21', '192.168.100.21', '192.168.100.22'
PLAIN = f'nameserver {VIP}\n'
KUBE = PLAIN + 'search default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n'
ZONE = '''$ORIGIN cluster.local.
$TTL 30
@ IN SOA ns.dns hostmaster 1 7200 1800 86400 30
@ IN NS ns.dns
ns.dns IN A 10.96.0.10
kubernetes.default.svc IN A 10.96.0.1
web.default.svc IN A 10.96.5.5
'''
DUAL = ZONE + 'web.default.svc IN AAAA fd00::5:5\n'
WEB = 'web.default.svc.cluster.local.'
BARE = WEB.rstrip('.')
SOA = 'example.org 60 IN SOA ns.example.org. host.example.org. 1 7200 900 1209600 60'


def corefile(*inside, cache='cache 30', forward=f'forward . {UP1}', zone=' file cluster.zone cluster.local\n'):
    return '.:53 {\n errors\n log\n' + ''.join(f' {line}\n' for line in inside) + zone + (f' {cache}\n' if cache else '') + f' {forward}\n}}\n'


def core(*inside, zone=ZONE, files=None, **options):
    return {'corefile': corefile(*inside, **options), 'files': {'cluster.zone': zone, **(files or {})}}


def pods(clients, dns=('dns1',), resolv_conf=PLAIN, **special):
    """Client pods (10.244.1.10 and up), then those of CoreDNS; `special` sets fields of a pod."""
    found = {name: {'address': f'10.244.1.{10 + i}', 'resolv_conf': resolv_conf} for i, name in enumerate(clients)}
    found.update({name: {'address': {'dns1': DNS1, 'dns2': DNS2}[name]} for name in dns})
    for name, fields in special.items():
        found[name].update(fields)
    return found


def kube_dns(*endpoints, address=VIP):
    return {'address': address, 'ports': {'dns': ['udp', 53], 'dns-tcp': ['tcp', 53]}, 'endpoints': list(endpoints)}


def call(pod, resolver, *calls, **more):
    return {'pod': pod, 'resolver': resolver, **more, 'calls': [{'at': at, 'name': name} for at, name in calls]}


def port(pod, number, at, every, count, name=BARE, **more):
    return {'pod': pod, 'resolver': 'udp', 'source_port': number, 'name': name, 'at': at, 'every': every, 'count': count, **more}


def answers(**of):
    """name=address: an A record of TTL 60 and no AAAA; dots are written as two underscores."""
    found = {}
    for name, address in of.items():
        name = name.replace('__', '.')
        found[f'{name} A'] = [f'{name} 60 IN A {address}']
        found[f'{name} AAAA'] = {'authority': [SOA]}
    return found


def case(name, title, world, coredns, clients, steps=(), releases=('1.11.1', '1.14.7'), servers=None, **more):
    world.setdefault('services', {'kube-dns': kube_dns(DNS1)})
    CASES.append({'id': f'path-{name}', 'title': title, 'releases': list(releases), **more, 'world': world, 'coredns': coredns,
                  **({'servers': servers} if servers else {}), 'clients': clients, 'steps': list(steps)})


FIVE = ['glibc', 'musl', 'go', 'nodejs', 'java']
up = lambda **state: {'up1': {'address': UP1, **state}}

# --- one pod, dead in its ways, and every client ------------------------------------------------------------------------------
def everyone(at, name=WEB, family=None):
    """A lookup by each client, half a second apart."""
    extra = {'family': family} if family else {}
    return {
        'glibc': call('glibc', 'glibc', *[(t, name) for t in at], **extra),
        'musl': call('musl', 'musl', *[(t + .1, name) for t in at], **extra),
        'go': call('go', 'go', *[(t + .2, name) for t in at], **extra),
        'lookup': call('nodejs', 'node-lookup', *[(t + 1.3, name.rstrip('.')) for t in at]),
        'java': call('java', 'java-v4', *[(t + 2.4, name.rstrip('.')) for t in at]),
    }

case('dead-only-pod-closed', 'The only pod was killed, its address alive: what each client made of port unreachable; Node by c-ares too',
     {'pods': pods([*FIVE, 'cares'])}, {'dns1': core()},
     {**everyone([0.9, 13]), 'cares': call('cares', 'node', (2.5, BARE), (14.5, BARE))},
     [{'at': 0.3, 'signal': 'SIGKILL', 'of': 'dns1'}], log=False)

case('dead-only-pod-silent-and-back', 'The only pod swallowed everything for a while, then a new process stood on its address: who failed when, and who was still failing afterwards (the JVM keeps failures for 10 s)',
     {'pods': pods(FIVE)}, {'dns1': core()}, everyone([0.9, 16.1, 24.3]),
     [{'at': 0.3, 'pod_gone': 'dns1'}, {'at': 20.0, 'pod_back': 'dns1'}, {'at': 15.5, 'snapshot': 1}], releases=['1.8.6', '1.14.7'])
CASES[-1]['steps'].sort(key=lambda s: s['at'])

case('dead-only-pod-search-list', 'The same with the search list of a pod and short time-outs: who walks the list when nothing answers',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=KUBE.replace('ndots:5', 'ndots:5 timeout:1 attempts:2'))}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.9, 'www.example.org'), (12, 'web')), 'musl': call('musl', 'musl', (1.0, 'www.example.org'), (12.1, 'web')),
      'go': call('go', 'go', (1.1, 'www.example.org'), (12.2, 'web')), 'lookup': call('nodejs', 'node-lookup', (2.3, 'www.example.org'), (13, 'web'))},
     [{'at': 0.3, 'pod_silent': 'dns1'}], releases=['1.14.7'], log=False)

case('reject-search-list', 'No endpoints (REJECT) and the search list of a pod: refusals cost nothing until the six of the allowance are used up',
     {'pods': pods(['glibc', 'musl', 'go', 'java'], resolv_conf=KUBE)}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (1.5, 'web'), (22, 'www.example.org')), 'musl': call('musl', 'musl', (1.6, 'web')),
      'go': call('go', 'go', (1.7, 'web.')), 'java': call('java', 'java-v4', (2.9, 'web'), (4.0, 'web'), (14.0, 'web'))},
     [{'at': 0.5, 'endpoints': {'kube-dns': []}, 'reject': True}], releases=['1.14.7'], log=False)

case('two-nameservers-first-silent', 'Two nameservers in resolv.conf, the first a Service whose pod is silent: what the second is worth to each client',
     {'pods': pods(FIVE, dns=('dns1', 'dns2'), resolv_conf='nameserver 10.96.0.11\nnameserver 10.96.0.10\n'),
      'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(), 'dns2': core()}, everyone([0.9, 12.0]), [{'at': 0.3, 'pod_silent': 'dns2'}, {'at': 13.5, 'snapshot': 1}])

case('two-nameservers-first-rejected', 'Two nameservers, the first a Service without endpoints: refused at once, and the second asked',
     {'pods': pods([*FIVE, 'cares'], dns=('dns1', 'dns2'), resolv_conf='nameserver 10.96.0.11\nnameserver 10.96.0.10\n'),
      'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(), 'dns2': core()}, {**everyone([1.5, 8.0]), 'cares': call('cares', 'node', (3.0, BARE), (9.0, BARE))},
     [{'at': 0.5, 'endpoints': {'other-dns': []}, 'reject': True}])

case('tcp-clients-pod-killed', 'Lookups over TCP (use-vc): refused while the process is dead, hung while the pod swallows packets, and what conntrack keeps of it',
     {'pods': pods(['glibc', 'go'], resolv_conf=PLAIN + 'options use-vc timeout:2 attempts:2\n', glibc={'sysctl': {'net.ipv4.tcp_syn_retries': '1'}})},
     {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (3.5, WEB), (8.5, WEB), (24.5, WEB)), 'go': call('go', 'go', (0.9, WEB), (3.9, WEB), (8.9, WEB), (24.9, WEB))},
     [{'at': 2.0, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 7.5, 'pod_silent': 'dns1'}, {'at': 21.0, 'pod_back': 'dns1'}])

# --- fixed ports, entries, clean-up -----------------------------------------------------------------------------------------
case('endpoints-1-2-1-fixed-ports', 'Endpoints 1, 2, 1, 2 and back: a port in use stays with the pod of its entry until somebody deletes it',
     {'pods': pods(['app', 'other'], dns=('dns1', 'dns2'))}, {'dns1': core(), 'dns2': core()},
     {'early': port('app', 42000, 0.5, 2.5, 20), 'late': port('app', 42001, 11.1, 2.5, 15), 'glibc': {'pod': 'other', 'resolver': 'glibc', 'family': '4', 'name': WEB, 'at': 11.7, 'every': 2.5, 'count': 6}},
     [{'at': 6.2, 'endpoints': {'kube-dns': [DNS1, DNS2]}}, {'at': 10.2, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 18.3, 'snapshot': 1},
      {'at': 26.2, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 30.2, 'endpoints': {'kube-dns': [DNS1, DNS2]}}, {'at': 36.2, 'endpoints': {'kube-dns': [DNS1]}},
      {'at': 42.3, 'conntrack_delete': {'service': VIP, 'endpoint': DNS2}}], fixed_ports=['42000', '42001'])

case('conntrack-delete-in-flight', 'Entries deleted while answers of a slow upstream were on their way: they arrived from the pod itself and nobody took them',
     {'pods': pods(['glibc', 'musl', 'go', 'app'])}, {'dns1': core(cache='')},
     {'glibc': call('glibc', 'glibc', (0.5, 'one.example.org.')), 'musl': call('musl', 'musl', (0.6, 'one.example.org.')), 'go': call('go', 'go', (0.7, 'one.example.org.')),
      'plain': port('app', 42000, 0.8, 5, 2, name='one.example.org'), 'connected': port('app', 42001, 0.9, 5, 2, name='one.example.org', connected=True)},
     [{'at': 1.6, 'conntrack_delete': {'service': VIP}}, {'at': 2.0, 'snapshot': 1}, {'at': 9.0, 'snapshot': 1}],
     servers=up(delay=1.5, answers=answers(one__example__org='192.0.2.1')), fixed_ports=['42000', '42001'])

case('conntrack-delete-before-rules', 'Clean-up before the rules changed is no clean-up: the next packet made the same entry again; the second one, after them, helped',
     {'pods': pods(['app', 'other'], dns=('dns1', 'dns2'))}, {'dns1': core(), 'dns2': core()},
     {'app': port('app', 42000, 0.5, 1.5, 22), 'connected': port('app', 42001, 0.8, 1.5, 22, connected=True)},
     [{'at': 7.3, 'pod_gone': 'dns1'}, {'at': 9.2, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 10.7, 'endpoints': {'kube-dns': [DNS2]}},
      {'at': 16.2, 'snapshot': 1}, {'at': 21.2, 'conntrack_delete': {'endpoint': DNS1}}], fixed_ports=['42000', '42001'])

case('pod-back-fixed-port', 'The pod came back on its old address: fixed ports healed by themselves, their entries never changed',
     {'pods': pods(['app', 'other'])}, {'dns1': core()},
     {'app': port('app', 42000, 0.5, 2.5, 14), 'connected': port('app', 42001, 0.8, 2.5, 14, connected=True), 'musl': call('other', 'musl', (7.2, WEB), (17.2, WEB))},
     [{'at': 6.4, 'pod_gone': 'dns1'}, {'at': 15.3, 'pod_back': 'dns1'}, {'at': 14.3, 'snapshot': 1}, {'at': 25.3, 'snapshot': 1}], fixed_ports=['42000', '42001'])
CASES[-1]['steps'].sort(key=lambda s: s['at'])

case('syslog-old-address-and-cleanup-first', 'One-way datagrams: a new receiver on the old address heals by itself; and a second Service whose entries were deleted before the rules changed stayed with the dead receiver',
     {'pods': {'app': {'address': '10.244.1.10'}, 'dns1': {'address': DNS1}, 'log1': {'address': '10.244.1.30'}, 'log2': {'address': '10.244.1.31'}, 'log3': {'address': '10.244.1.32'}},
      'services': {'kube-dns': kube_dns(DNS1), 'syslog': {'address': '10.96.0.20', 'ports': {'syslog': ['udp', 514]}, 'endpoints': ['10.244.1.30']},
                   'other': {'address': '10.96.0.21', 'ports': {'syslog': ['udp', 514]}, 'endpoints': ['10.244.1.31']}}},
     {'dns1': core()},
     {'first': {'pod': 'app', 'resolver': 'udp', 'source_port': 42514, 'to': ['10.96.0.20', 514], 'text': '<13>a %n', 'at': 0.5, 'every': 1, 'count': 40},
      'second': {'pod': 'app', 'resolver': 'udp', 'source_port': 42515, 'to': ['10.96.0.21', 514], 'text': '<13>b %n', 'at': 0.8, 'every': 1, 'count': 40}},
     [{'at': 8.2, 'pod_gone': 'log1'}, {'at': 9.1, 'pod_gone': 'log2'}, {'at': 10.1, 'conntrack_delete': {'service': '10.96.0.21', 'endpoint': '10.244.1.31'}}, {'at': 11.2, 'endpoints': {'other': ['10.244.1.32']}},
      {'at': 14.2, 'pod_back': 'log1'}, {'at': 20.2, 'snapshot': 1}, {'at': 30.2, 'conntrack_delete': {'service': '10.96.0.21'}}],
     releases=['1.11.1'], receivers={'log1': {'pod': 'log1', 'port': 514}, 'log2': {'pod': 'log2', 'port': 514}, 'log3': {'pod': 'log3', 'port': 514}}, fixed_ports=['42514', '42515'])

case('no-rule-gap-then-pause', 'Born in the gap without a rule, the blackhole entry ended when its port was quiet for 31 s; with REJECT and no entry there was none',
     {'pods': pods(['app', 'other'])}, {'dns1': core()},
     {'gap': {**port('app', 42000, 0, 0, 0), 'times': [0.5, 4.7, 6.4, 8.8, 40.0, 42.3]}, 'pause': {**port('other', 42001, 0, 0, 0, connected=True), 'times': [0.7, 13.2, 15.2]}},
     [{'at': 2.0, 'endpoints': {'kube-dns': []}, 'reject': False}, {'at': 3.0, 'conntrack_delete': {'service': VIP}}, {'at': 5.5, 'endpoints': {'kube-dns': [DNS1]}}, {'at': 7.5, 'snapshot': 1},
      {'at': 12.0, 'endpoints': {'kube-dns': []}, 'reject': True}, {'at': 14.2, 'endpoints': {'kube-dns': [DNS1]}}, {'at': 38.5, 'snapshot': 1}], fixed_ports=['42000', '42001'])

case('same-port-two-pods-masquerade', 'Two pods ask a server outside from the same port: masquerade keeps it for the first and finds another for the second',
     {'pods': pods(['one', 'two']), 'masquerade': ''}, {'dns1': core()},
     {'one': port('one', 42000, 0.5, 1.1, 5, name='one.example.org', to=[UP1, 53]), 'two': port('two', 42000, 0.8, 1.1, 5, name='one.example.org', to=[UP1, 53])},
     [{'at': 4.4, 'snapshot': 1}], releases=['1.11.1'], conntrack='all', log=False, fixed_ports=['42000'],
     servers=up(answers=answers(one__example__org='192.0.2.1')))

case('masquerade-rule-gone', 'The rule that masquerades pods was deleted: flows with an entry kept their translation, new ones left with the pod\'s own address and no answer came back',
     {'pods': pods(['app', 'glibc'])}, {'dns1': core(cache='')},
     {'kept': port('app', 42000, 0.5, 2.3, 11, name='one.example.org', to=[UP1, 53]), 'new': port('app', 42001, 8.8, 2.3, 7, name='one.example.org', to=[UP1, 53]),
      'glibc': call('glibc', 'glibc', (1.1, 'one.example.org.'), (8.5, 'one.example.org.'), family='4')},
     [{'at': 6.2, 'rule': 'iptables -t nat -D POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE --random-fully'},
      {'at': 17.4, 'rule': 'iptables -t nat -A POSTROUTING -s 10.244.0.0/16 ! -d 10.244.0.0/16 -j MASQUERADE --random-fully'}, {'at': 20.2, 'snapshot': 1}],
     releases=['1.11.1', '1.14.7'], conntrack='all', servers=up(answers=answers(one__example__org='192.0.2.1')), fixed_ports=['42000', '42001'])

case('uplink-down', 'The node\'s uplink went down and came back: masqueraded entries went with it',
     {'pods': pods(['app', 'glibc'])}, {'dns1': core(cache='')},
     {'app': port('app', 42000, 0.5, 2.3, 11, name='one.example.org', to=[UP1, 53]), 'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'name': 'one.example.org.', 'at': 1.1, 'every': 7.4, 'count': 4}},
     [{'at': 6.2, 'rule': 'ip link set uplink down'}, {'at': 6.9, 'snapshot': 1}, {'at': 13.2, 'rule': 'ip link set uplink up'}, {'at': 13.3, 'rule': 'ip route add default via 192.168.100.1 dev uplink'}],
     releases=['1.11.1', '1.15.0'], conntrack='all', servers=up(answers=answers(one__example__org='192.0.2.1')), fixed_ports=['42000'])

case('udp-timers-set', 'nf_conntrack_udp_timeout 8 and _stream 14: when fixed ports leave a dead pod by themselves',
     {'pods': pods(['app', 'other'], dns=('dns1', 'dns2')), 'node_sysctl': {'net.netfilter.nf_conntrack_udp_timeout': '8', 'net.netfilter.nf_conntrack_udp_timeout_stream': '14'}},
     {'dns1': core(), 'dns2': core()},
     {'often': port('app', 42000, 0.5, 2, 14), 'seldom': {**port('app', 42001, 0, 0, 0), 'times': [0.7, 4.7, 8.7, 21.2, 36.7]}, 'once': {**port('other', 42002, 0, 0, 0), 'times': [5.3, 10.3, 19.3]}},
     [{'at': 6.2, 'pod_gone': 'dns1'}, {'at': 7.2, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 12.2, 'snapshot': 1}, {'at': 24.2, 'snapshot': 1}], releases=['1.14.7'], fixed_ports=['42000', '42001', '42002'])

# --- losses and refusals by rules -------------------------------------------------------------------------------------------
def lose(pod):
    return {'rule': 'iptables -A INPUT -p udp --sport 53 -m length --length 168 -m statistic --mode nth --every 1000 --packet 0 -j DROP', 'of': pod}

case('loss-of-one-aaaa', 'The answer to the first AAAA (140 octets, 168 with headers) is lost at the pod itself: what is asked again, from which port; with single-request, single-request-reopen and shorter time-outs too',
     {'pods': pods(['glibc', 'single', 'reopen', 'musl', 'go'], single={'resolv_conf': PLAIN + 'options single-request timeout:3\n'}, reopen={'resolv_conf': PLAIN + 'options single-request-reopen timeout:3\n'})},
     {'dns1': core()},
     {name: call(name, kind, (0.5 + i / 10, WEB), (9.5 + i / 10, WEB)) for i, (name, kind) in enumerate([('glibc', 'glibc'), ('single', 'glibc'), ('reopen', 'glibc'), ('musl', 'musl'), ('go', 'go')])},
     [{'at': round(0.1 + i / 100, 2), **lose(name)} for i, name in enumerate(['glibc', 'single', 'reopen', 'musl', 'go'])], releases=['1.14.7'])

case('loss-to-upstream', 'CoreDNS loses its first query to the upstream, then the first answer: two seconds, and the client hears of nothing else',
     {'pods': pods(['glibc', 'go'])}, {'dns1': core(cache='')},
     {'glibc': call('glibc', 'glibc', (1.5, 'one.example.org.'), (12.5, 'one.example.org.'), family='4'), 'go': call('go', 'go', (6.5, 'one.example.org.'), (17.5, 'one.example.org.'), family='4')},
     [{'at': 1.0, 'rule': f'iptables -I FORWARD -s {DNS1} -d {UP1} -p udp --dport 53 -m statistic --mode nth --every 1000 --packet 0 -j DROP'},
      {'at': 6.0, 'rule': f'iptables -I FORWARD -s {UP1} -p udp --sport 53 -m statistic --mode nth --every 1000 --packet 0 -j DROP'},
      {'at': 11.0, 'rule': f'iptables -I FORWARD -s {DNS1} -d {UP1} -p udp --dport 53 -j DROP'}, {'at': 16.2, 'rule': f'iptables -D FORWARD -s {DNS1} -d {UP1} -p udp --dport 53 -j DROP'}],
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='all', servers=up(answers=answers(one__example__org='192.0.2.1')))

for kind in ('icmp-host-unreachable', 'icmp-admin-prohibited'):
    case(f'reject-upstream-{kind}', f'A rule of the node rejects the way to the upstream ({kind}): CoreDNS hears of an unreachable host from 1.15.0 on only and waits two seconds a query before, of a prohibition in every release',
         {'pods': pods(['glibc', 'go'])}, {'dns1': core()},
         {'glibc': call('glibc', 'glibc', (1.5, 'one.example.org.'), (12.5, 'one.example.org.'), family='4'), 'go': call('go', 'go', (31.5, 'one.example.org.'), family='4')},
         [{'at': 1.0, 'rule': f'iptables -I FORWARD -d {UP1} -j REJECT --reject-with {kind}'}, {'at': 30.0, 'rule': f'iptables -D FORWARD -d {UP1} -j REJECT --reject-with {kind}'}],
         releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers=answers(one__example__org='192.0.2.1', two__example__org='192.0.2.2')))

case('reject-upstream-tcp-reset', 'force_tcp, and a rule of the node resets the connections to the upstream; later it swallows them',
     {'pods': pods(['glibc', 'go'])}, {'dns1': core(forward=f'forward . {UP1} {{\n  force_tcp\n }}', cache='')},
     {'glibc': call('glibc', 'glibc', (0.5, 'one.example.org.'), (2.5, 'one.example.org.'), (22.5, 'one.example.org.'), family='4'), 'go': call('go', 'go', (32.5, 'one.example.org.'), family='4')},
     [{'at': 2.0, 'rule': f'iptables -I FORWARD -s {DNS1} -p tcp --dport 53 -j REJECT --reject-with tcp-reset'}, {'at': 20.0, 'rule': f'iptables -D FORWARD -s {DNS1} -p tcp --dport 53 -j REJECT --reject-with tcp-reset'}],
     releases=['1.14.7', '1.15.0'], conntrack='none', servers=up(answers=answers(one__example__org='192.0.2.1')))

# --- what CoreDNS answers, and what clients make of it ------------------------------------------------------------------------
case('upstream-rcodes-five-clients', 'SERVFAIL, REFUSED, NOTIMP and FORMERR from the upstream, and what each client makes of them',
     {'pods': pods(FIVE)}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, 'a.servfail.test.'), (2.5, 'a.refused.test.'), (4.5, 'a.notimp.test.'), (6.5, 'a.formerr.test.')),
      'musl': call('musl', 'musl', (0.6, 'b.servfail.test.'), (6.6, 'b.refused.test.'), (12.6, 'b.notimp.test.'), (18.6, 'b.formerr.test.'), family='4'),
      'go': call('go', 'go', (0.7, 'c.servfail.test.'), (2.7, 'c.refused.test.'), (4.7, 'c.notimp.test.'), (6.7, 'c.formerr.test.')),
      'cares': call('nodejs', 'node', (1.9, 'd.servfail.test'), (3.9, 'd.refused.test'), (5.9, 'd.notimp.test'), (7.9, 'd.formerr.test')),
      'java': call('java', 'java-v4', (2.1, 'e.servfail.test'), (4.1, 'e.refused.test'), (6.1, 'e.servfail.test'), (14.1, 'e.servfail.test'))},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={f'*.{rcode}.test *': {'rcode': rcode} for rcode in ('servfail', 'refused', 'notimp', 'formerr')}))

case('max-concurrent', 'max_concurrent 2 and an upstream that takes 1 s: REFUSED, and what the clients do then',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core(forward=f'forward . {UP1} {{\n  max_concurrent 2\n }}', cache='')},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'g%n.example.org.', 'at': 1.5, 'every': 0.3, 'count': 6},
      'musl': call('musl', 'musl', (6.65, 'm.example.org.'), family='4'), 'fill': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'f%n.example.org.', 'at': 6.5, 'every': 0.05, 'count': 2},
      'go': call('go', 'go', (10.7, 'o.example.org.'), family='4'), 'fill2': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'h%n.example.org.', 'at': 10.5, 'every': 0.05, 'count': 2},
      'cares': call('nodejs', 'node', (14.7, 'n.example.org')), 'fill3': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'i%n.example.org.', 'at': 14.5, 'every': 0.05, 'count': 2}},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(delay=1.0, answers={'*.example.org A': ['x.example.org 60 IN A 192.0.2.1'], **{f'{n}.example.org A': [f'{n}.example.org 60 IN A 192.0.2.1'] for n in ['g1', 'g2', 'g3', 'g4', 'g5', 'g6', 'm', 'f1', 'f2', 'o', 'h1', 'h2', 'n', 'i1', 'i2']}}))

case('hosts-rewrite-template', 'hosts, rewrite and template on the path: what each client makes of answers without a SOA, of a rewritten name and of a template',
     {'pods': pods(FIVE, resolv_conf=KUBE)},
     {'dns1': core('rewrite name exact shop.example.org web.default.svc.cluster.local', 'hosts inline.hosts {\n  10.0.0.7 db.corp.test\n  fd00::7 db.corp.test\n  10.0.0.8 v4.corp.test\n  ttl 20\n  fallthrough\n }',
                   'template IN A pool.test {\n  match ^n(?P<n>[0-9]+)\\.pool\\.test\\.$\n  answer "{{ .Name }} 15 IN A 10.1.0.{{ .Group.n }}"\n  fallthrough\n }', zone=DUAL)},
     {name: call(pod, kind, *[(round(0.5 + i * 1.5 + j / 10, 1), n + dot) for i, n in enumerate(['db.corp.test', 'v4.corp.test', 'shop.example.org', 'n9.pool.test', 'web'])])
      for j, (name, pod, kind, dot) in enumerate([('glibc', 'glibc', 'glibc', ''), ('musl', 'musl', 'musl', ''), ('go', 'go', 'go', ''), ('lookup', 'nodejs', 'node-lookup', '')])},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up())
for c in CASES[-1]['clients'].values():                                             # Node and the JVM take their time to start
    for k in c['calls']: k['at'] = round(k['at'] + 1.0, 1)

case('ndots-and-search-five-clients', 'ndots 2, six search domains, dual-stack names: how many questions each client asks for a name with none, one and three dots',
     {'pods': pods([*FIVE, 'javadual'], resolv_conf=PLAIN + 'search default.svc.cluster.local svc.cluster.local cluster.local a.test b.test c.test\noptions ndots:2\n')},
     {'dns1': core(zone=DUAL)},
     {name: call(pod, kind, *[(round(1.7 + i * 1.5 + j / 5, 1), n) for i, n in enumerate(['web', 'web.default', 'host.b.test', 'only', 'none.example.org'])])
      for j, (name, pod, kind) in enumerate([('glibc', 'glibc', 'glibc'), ('musl', 'musl', 'musl'), ('go', 'go', 'go'), ('lookup', 'nodejs', 'node-lookup'), ('java', 'java', 'java-v4'), ('dual', 'javadual', 'java')])},
     releases=['1.11.1', '1.14.7'], conntrack='none',
     servers=up(answers={**answers(host__b__test='192.0.2.4', only__c__test='192.0.2.5'), 'host.b.test AAAA': ['host.b.test 60 IN AAAA 2001:db8::4']}))

case('cname-chain-dual', 'CNAME chains into the cluster zone and out of it, with both families: CoreDNS asks on, clients take the end',
     {'pods': pods(FIVE)}, {'dns1': core(zone=DUAL + 'out.default.svc IN CNAME www.example.org.\nin.default.svc IN CNAME web.default.svc\nloop.default.svc IN CNAME loop2.default.svc\nloop2.default.svc IN CNAME loop.default.svc\n')},
     {name: call(pod, kind, *[(round(1.7 + i * 1.1 + j / 5, 1), f'{n}{dot}') for i, n in enumerate(['out.default.svc.cluster.local', 'in.default.svc.cluster.local', 'alias.example.org', 'dangling.example.org', 'loop.default.svc.cluster.local'])])
      for j, (name, pod, kind, dot) in enumerate([('glibc', 'glibc', 'glibc', '.'), ('musl', 'musl', 'musl', '.'), ('go', 'go', 'go', '.'), ('cares', 'nodejs', 'node', ''), ('java', 'java', 'java-v4', '')])},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={**answers(www__example__org='192.0.2.80'), 'www.example.org AAAA': ['www.example.org 60 IN AAAA 2001:db8::80'],
                         'alias.example.org *': ['alias.example.org 60 IN CNAME www.example.org.', 'www.example.org 60 IN A 192.0.2.80'],
                         'dangling.example.org *': {'answer': ['dangling.example.org 60 IN CNAME nowhere.example.org.'], 'authority': [SOA]}}))

case('edns-options-of-glibc', 'edns0, trust-ad, use-vc, no-aaaa and timeouts in resolv.conf against 30 records: which size is offered, who comes back over TCP',
     {'pods': pods(['edns', 'vc', 'noaaaa', 'plain'], edns={'resolv_conf': PLAIN + 'options edns0 trust-ad\n'}, vc={'resolv_conf': PLAIN + 'options use-vc edns0\n'}, noaaaa={'resolv_conf': PLAIN + 'options no-aaaa edns0\n'})},
     {'dns1': core('bufsize 1232')},
     {'edns': call('edns', 'glibc', (0.5, 'big.example.org.'), (5.5, 'big.example.org.')), 'vc': call('vc', 'glibc', (1.0, 'big.example.org.')), 'noaaaa': call('noaaaa', 'glibc', (1.5, 'big.example.org.')),
      'plain': call('plain', 'glibc', (2.5, 'big.example.org.'))},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={'big.example.org A': [f'big.example.org 60 IN A 192.0.2.{i}' for i in range(1, 41)], 'big.example.org AAAA': {'authority': [SOA]}}))

case('policies-three-upstreams', 'policy round_robin over three upstreams, the second of which goes silent and comes back',
     {'pods': pods(['app'])}, {'dns1': core(forward='forward . 192.168.100.21 192.168.100.22 192.168.100.23 {\n  policy round_robin\n }', cache='')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'n%n.example.org.', 'at': 0.5, 'every': 0.9, 'count': 24}},
     [{'at': 4.7, 'server': 'up2', 'set': {'mode': 'drop'}}, {'at': 15.2, 'server': 'up2', 'set': {'mode': 'answer'}}],
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers={f'up{i}': {'address': f'192.168.100.2{i}', 'answers': {'*.example.org A': {'answer': [], 'authority': [SOA]}}} if i != 2 else {'address': f'192.168.100.2{i}'} for i in (1, 2, 3)})

# --- caches in time -----------------------------------------------------------------------------------------------------------
case('failover-ttl0-minimum0', 'TTL 0 at the authority with the cache\'s minimum set to 0: every lookup asks, none is late; the JVM alone keeps it 30 s',
     {'pods': pods(['glibc', 'musl', 'nodejs', 'java'])}, {'dns1': core(cache='cache 30 {\n  success 9984 30 0\n }')},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'name': 'redis.example.com.', 'at': 1.5, 'every': 1.1, 'count': 14}, 'musl': {'pod': 'musl', 'resolver': 'musl', 'name': 'redis.example.com.', 'at': 1.9, 'every': 1.1, 'count': 14},
      'lookup': {'pod': 'nodejs', 'resolver': 'node-lookup', 'name': 'redis.example.com', 'at': 2.2, 'every': 1.1, 'count': 14}, 'java': {'pod': 'java', 'resolver': 'java-v4', 'name': 'redis.example.com', 'at': 2.45, 'every': 2.2, 'count': 17}},
     [{'at': 7.2, 'server': 'up1', 'set': {'answers': {'redis.example.com A': ['redis.example.com 0 IN A 10.0.0.2']}}}], releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={'redis.example.com A': ['redis.example.com 0 IN A 10.0.0.1'], 'redis.example.com AAAA': {'authority': [SOA.replace('.org', '.com')]}}))

case('failover-unbound-emptied', 'The recursor between was emptied (reload) after the change: CoreDNS still held the old answer until its own 30 s were over',
     {'pods': pods(['app', 'go'])}, {'dns1': core(forward='forward . 192.168.100.23')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.5, 'every': 1.1, 'count': 42}, 'go': {'pod': 'go', 'resolver': 'go', 'family': '4', 'name': 'other.example.com.', 'at': 8.9, 'every': 3.3, 'count': 11}},
     [{'at': 6.2, 'named': 'auth', 'zone': 'example.com', 'text': '$TTL 600\n@ IN SOA ns host 2 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.100.22\nredis 600 IN A 10.0.0.2\nother 600 IN A 10.0.1.2\n'}, {'at': 14.2, 'unbound': 'rec1', 'do': 'reload'}],
     releases=['1.11.1', '1.14.7'], conntrack='none', log=False,
     named={'auth': {'address': UP2, 'zones': {'example.com': '$TTL 600\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.100.22\nredis 600 IN A 10.0.0.1\nother 600 IN A 10.0.1.1\n'}}},
     unbound={'rec1': {'address': '192.168.100.23', 'config': ' msg-cache-slabs: 1\nstub-zone:\n name: example.com\n stub-addr: 192.168.100.22\n'}})

case('truncation-through-unbound', 'Forty records through unbound and CoreDNS: TC on both ways, then TCP, and who gets how many addresses',
     {'pods': pods(['glibc', 'go', 'nodejs', 'edns'], edns={'resolv_conf': PLAIN + 'options edns0\n'})}, {'dns1': core(forward='forward . 192.168.100.23')},
     {'glibc': call('glibc', 'glibc', (0.5, 'big.example.com.'), (5.5, 'big.example.com.'), family='4'), 'go': call('go', 'go', (1.7, 'big.example.com.'), family='4'),
      'cares': call('nodejs', 'node', (2.3, 'big.example.com')), 'edns': call('edns', 'glibc', (2.9, 'big.example.com.'), family='4')},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     named={'auth': {'address': UP2, 'zones': {'example.com': '$TTL 60\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.100.22\n' + ''.join(f'big IN A 10.0.0.{i}\n' for i in range(1, 41))}}},
     unbound={'rec1': {'address': '192.168.100.23', 'config': ' msg-cache-slabs: 1\nstub-zone:\n name: example.com\n stub-addr: 192.168.100.22\n'}})

case('unbound-min-max-ttl-negative', 'unbound with cache-max-ttl 12 and cache-max-negative-ttl 7 between CoreDNS and the authority; a name is added, another removed',
     {'pods': pods(['app', 'neg'])}, {'dns1': core(forward='forward . 192.168.100.23')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.7, 'every': 1.3, 'count': 28}, 'neg': {'pod': 'neg', 'resolver': 'musl', 'family': '4', 'name': 'new.example.com.', 'at': 0.9, 'every': 1.3, 'count': 28}},
     [{'at': 5.2, 'named': 'auth', 'zone': 'example.com', 'text': '$TTL 600\n@ IN SOA ns host 2 7200 900 1209600 600\n@ IN NS ns\nns IN A 192.168.100.22\nnew 600 IN A 10.0.0.2\n'}],
     releases=['1.8.6', '1.14.7'], conntrack='none', log=False,
     named={'auth': {'address': UP2, 'zones': {'example.com': '$TTL 600\n@ IN SOA ns host 1 7200 900 1209600 600\n@ IN NS ns\nns IN A 192.168.100.22\nredis 600 IN A 10.0.0.1\n'}}},
     unbound={'rec1': {'address': '192.168.100.23', 'config': ' cache-max-ttl: 12\n cache-max-negative-ttl: 7\n msg-cache-slabs: 1\nstub-zone:\n name: example.com\n stub-addr: 192.168.100.22\n'}})

case('negative-three-caches', 'A name asked too early, with denial 5 in CoreDNS: musl and Go see it 5 s later, the JVM by its own ten seconds',
     {'pods': pods(['musl', 'go', 'java'], resolv_conf=KUBE)},
     {'dns1': {'corefile': '.:53 {\n errors\n log\n file cluster.zone cluster.local {\n  reload 500ms\n }\n cache 30 {\n  denial 9984 5\n }\n forward . 192.168.100.21\n}\n', 'files': {'cluster.zone': ZONE}}},
     {'musl': {'pod': 'musl', 'resolver': 'musl', 'name': 'shop', 'at': 2.3, 'every': 1.1, 'count': 18}, 'go': {'pod': 'go', 'resolver': 'go', 'name': 'shop.default.svc.cluster.local.', 'at': 3.0, 'every': 1.1, 'count': 16},
      'java': {'pod': 'java', 'resolver': 'java-v4', 'name': 'shop', 'at': 2.75, 'every': 1.1, 'count': 18}},
     [{'at': 5.45, 'of': 'dns1', 'file': 'cluster.zone', 'text': ZONE.replace('hostmaster 1', 'hostmaster 2') + 'shop.default.svc IN A 10.96.7.7\n'}], conntrack='none', log=False, servers=up())

case('serve-stale-restart', 'serve_stale does not outlive the process: the upstream is dead, the pod is killed and started anew, and nothing old is left to serve',
     {'pods': pods(['app', 'go'])}, {'dns1': core(cache='cache 30 {\n  serve_stale 1h\n }')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.7, 'every': 3.3, 'count': 6}, 'go': {'pod': 'go', 'resolver': 'go', 'family': '4', 'name': 'redis.example.com.', 'at': 20.9, 'every': 7.7, 'count': 3}},
     [{'at': 3.0, 'server': 'up1', 'set': {'mode': 'drop'}}, {'at': 18.2, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 18.7, 'start': 'dns1'}, {'at': 34.2, 'server': 'up1', 'set': {'mode': 'answer'}}],
     releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', log=False,
     servers=up(answers={'redis.example.com A': ['redis.example.com 5 IN A 10.0.0.1'], 'redis.example.com AAAA': {'authority': [SOA.replace('.org', '.com')]}}))

case('serve-stale-servfail-refused', 'The upstream answers SERVFAIL, then REFUSED, while stale answers may be served: which replies hide them',
     {'pods': pods(['app'], resolv_conf=PLAIN + 'options attempts:1\n')}, {'dns1': core(cache='cache 30 {\n  serve_stale 1h\n }')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.7, 'every': 2.3, 'count': 18}},
     [{'at': 3.0, 'server': 'up1', 'set': {'mode': 'servfail'}}, {'at': 18.2, 'server': 'up1', 'set': {'mode': 'refused'}}, {'at': 31.2, 'server': 'up1', 'set': {'mode': 'answer'}}],
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={'redis.example.com A': ['redis.example.com 5 IN A 10.0.0.1'], 'redis.example.com AAAA': {'authority': [SOA.replace('.org', '.com')]}}))

case('prefetch-two-clients', 'prefetch kept by two clients together, over UDP with prefer_udp; the record goes away and comes back',
     {'pods': pods(['app', 'musl'])}, {'dns1': core(cache='cache 30 {\n  prefetch 3 1m 30%\n }', forward=f'forward . {UP1} {{\n  prefer_udp\n }}')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.55, 'every': 1.9, 'count': 20}, 'musl': {'pod': 'musl', 'resolver': 'musl', 'family': '4', 'name': 'redis.example.com.', 'at': 1.35, 'every': 2.9, 'count': 13}},
     [{'at': 9.0, 'server': 'up1', 'set': {'mode': 'nxdomain'}}, {'at': 22.0, 'server': 'up1', 'set': {'mode': 'answer', 'answers': {'redis.example.com A': ['redis.example.com 10 IN A 10.0.0.2']}}}],
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={'redis.example.com A': ['redis.example.com 10 IN A 10.0.0.1'], 'redis.example.com AAAA': {'authority': [SOA.replace('.org', '.com')]}}))

# --- processes and pods come and go ---------------------------------------------------------------------------------------------
case('rollout-lameduck-too-short', 'lameduck 1 s and rules that follow after 3 s: lookups in between are refused, the JVM and musl feel it differently',
     {'pods': pods(['app', 'musl', 'java', 'fixed'], dns=('dns1', 'dns2'), app={'resolv_conf': PLAIN + 'options timeout:1 attempts:2\n'})},
     {'dns1': core('health {\n  lameduck 1s\n }', 'ready'), 'dns2': core('health {\n  lameduck 1s\n }', 'ready')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': WEB, 'at': 0.5, 'every': 0.75, 'count': 20}, 'musl': call('musl', 'musl', (2.1, WEB), (8.15, WEB)),
      'java': call('java', 'java-v4', (8.3, BARE), (9.9, BARE), (19.1, BARE)), 'fixed': port('fixed', 42000, 0.8, 1.1, 16, connected=True)},
     [{'at': 6.1, 'signal': 'SIGTERM', 'of': 'dns1'}, {'at': 9.2, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 9.85, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}],
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], log=False, fixed_ports=['42000'])

case('rollout-lameduck-3s-upstream', 'lameduck 3 s: questions for an upstream that takes 1.5 s, asked before, during and just before the end',
     {'pods': pods(['app', 'go'])}, {'dns1': core('health {\n  lameduck 3s\n }', cache='')},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'parallel': True, 'name': 'n%n.example.org.', 'at': 1.3, 'every': 0.9, 'count': 8}, 'go': {'pod': 'go', 'resolver': 'go', 'family': '4', 'parallel': True, 'name': 'm%n.example.org.', 'at': 1.5, 'every': 0.9, 'count': 8}},
     [{'at': 4.2, 'signal': 'SIGTERM', 'of': 'dns1'}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(delay=1.5, answers={'* A': ['x 60 IN A 192.0.2.1'], **{f'{a}{i}.example.org A': [f'{a}{i}.example.org 60 IN A 192.0.2.{i}'] for a in 'nm' for i in range(1, 9)}}))

case('pod-created-later', 'A second pod is made, started and added to the rules while the first goes: fixed port and fresh ports, with its table at each stage',
     {'pods': {**pods(['app', 'other']), 'dns2': {'address': DNS2, 'later': True}}}, {'dns1': core(), 'dns2': {**core(zone=ZONE.replace('10.96.5.5', '10.96.6.6'))}},
     {'app': port('app', 42000, 0.5, 1.5, 18), 'glibc': {'pod': 'other', 'resolver': 'glibc', 'family': '4', 'name': WEB, 'at': 1.1, 'every': 1.5, 'count': 17}},
     [{'at': 5.2, 'pod_create': 'dns2'}, {'at': 9.7, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 12.3, 'snapshot': 1}, {'at': 15.7, 'pod_gone': 'dns1'}, {'at': 19.2, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 22.2, 'snapshot': 1}],
     releases=['1.8.6', '1.14.7'], fixed_ports=['42000'])

case('usr1-empties-the-cache', 'SIGUSR1 reloads an unchanged Corefile: the cache is empty, the new address seen at once; another release of CoreDNS in a second Service keeps the old one',
     {'pods': pods(['app', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(), 'dns2': {**core(), 'release': '1.8.6'}},
     {'app': {'pod': 'app', 'resolver': 'glibc', 'family': '4', 'name': 'redis.example.com.', 'at': 0.7, 'every': 1.3, 'count': 10}, 'go': {'pod': 'go', 'resolver': 'go', 'family': '4', 'name': 'redis.example.com.', 'at': 0.9, 'every': 1.3, 'count': 10}},
     [{'at': 4.0, 'server': 'up1', 'set': {'answers': {'redis.example.com A': ['redis.example.com 600 IN A 10.0.0.2']}}}, {'at': 8.2, 'signal': 'SIGUSR1', 'of': 'dns1'}],
     releases=['1.11.1', '1.14.7'], conntrack='none', servers=up(answers={'redis.example.com A': ['redis.example.com 600 IN A 10.0.0.1']}))

# --- NodeLocal shapes -----------------------------------------------------------------------------------------------------------
NOTRACK = ['*raw', *[f'-A {chain} {way} 169.254.20.10/32 -p {proto} -m {proto} --{end} 53 -j NOTRACK' for proto in ('udp', 'tcp') for chain, way, end in (('PREROUTING', '-d', 'dport'), ('OUTPUT', '-d', 'dport'), ('OUTPUT', '-s', 'sport'))], 'COMMIT']
def node_local(inside='', forward='force_tcp'):
    return {'corefile': f'cluster.local:53 {{\n errors\n log\n cache {{\n  success 9984 30\n  denial 9984 5\n{inside} }}\n bind 169.254.20.10\n forward . {VIP} {{\n  {forward}\n }}\n}}\n.:53 {{\n errors\n log\n cache 30\n bind 169.254.20.10\n forward . {UP1}\n}}\n', 'address': '169.254.20.10'}
LOCAL = KUBE.replace(VIP, '169.254.20.10')

case('nodelocal-pod-gone', 'NodeLocal DNSCache holds a connection to a pod that vanishes: what its clients wait for until the rules follow, and after',
     {'pods': pods(['glibc', 'musl'], dns=('dns1', 'dns2'), resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core(), 'dns2': core()},
     {'glibc': call('glibc', 'glibc', (0.5, 'web'), (4.5, 'kubernetes'), (16.5, 'new.default.svc.cluster.local.'), (24.5, 'other.default.svc.cluster.local.'), family='4'), 'musl': call('musl', 'musl', (2.5, 'web'), (17.5, 'web'), family='4')},
     [{'at': 4.0, 'pod_gone': 'dns1'}, {'at': 9.2, 'endpoints': {'kube-dns': [DNS2]}}], releases=['1.11.1', '1.14.7'], conntrack='service', until=30.8, servers=up())

case('nodelocal-serve-stale-cluster-dns-gone', 'The same with serve_stale in the node\'s cache and cluster DNS gone altogether (REJECT)',
     {'pods': pods(['glibc', 'go'], resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local('  serve_stale 1h\n'), 'dns1': core()},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'name': WEB, 'at': 0.7, 'every': 5.3, 'count': 9}, 'go': call('go', 'go', (8.9, 'web'), (40.9, 'web'), family='4')},
     [{'at': 3.0, 'endpoints': {'kube-dns': []}, 'reject': True}, {'at': 3.1, 'conntrack_delete': {'service': VIP}}, {'at': 3.5, 'signal': 'SIGTERM', 'of': 'dns1'}], releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none')

case('nodelocal-killed-second-nameserver', 'The node\'s cache is killed, its address and NOTRACK rules stay: pods with the Service as second nameserver go on, each client at its own price',
     {'pods': pods(FIVE, resolv_conf=f'nameserver 169.254.20.10\nnameserver {VIP}\n'), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(forward='prefer_udp'), 'dns1': core()}, everyone([0.9, 7.0]), [{'at': 4.5, 'signal': 'SIGKILL', 'of': 'node'}], releases=['1.11.1', '1.14.7'])

case('nodelocal-udp-upstream-cleanup', 'prefer_udp in the node\'s cache: its socket to the Service is reused within 10 s, so its entry decides where it asks; kube-proxy\'s clean-up moves it',
     {'pods': pods(['glibc', 'go'], dns=('dns1', 'dns2'), resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(forward='prefer_udp'), 'dns1': core(), 'dns2': core(zone=ZONE.replace('10.96.5.5', '10.96.6.6'))},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'name': 'n%n.default.svc.cluster.local.', 'at': 0.7, 'every': 1.7, 'count': 16}},
     [{'at': 6.2, 'pod_gone': 'dns1'}, {'at': 9.2, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 16.2, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}], releases=['1.11.1', '1.14.7'])

many = lambda name, n: {f'{name} A': [f'{name} 60 IN A 192.0.2.{i}' for i in range(1, n + 1)], f'{name} AAAA': {'authority': [SOA]}}
case('bufsize-reply-larger-than-asked', 'bufsize 1232 before 1.9.2 answers clients without EDNS with up to 1232 octets: musl reads 512 of them, the others all',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core('bufsize 1232')},
     {'glibc': call('glibc', 'glibc', (0.5, 'big.example.org.'), (6.5, 'small.example.org.')), 'musl': call('musl', 'musl', (1.1, 'big.example.org.'), (7.1, 'small.example.org.')), 'go': call('go', 'go', (1.7, 'big.example.org.'), (7.7, 'small.example.org.')),
      'cares': call('nodejs', 'node', (2.3, 'big.example.org'), (8.3, 'small.example.org'))},
     releases=['1.8.6', '1.9.4', '1.14.7'], conntrack='none', servers=up(answers={**many('big.example.org', 20), **many('small.example.org', 15)}))

case('no-cluster-dns-unlimited-server', 'Pods that ask a server outside which keeps to no limit: 512 octets are read by musl, 1232 by Go, all by glibc and c-ares; above 63 records musl reads none',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=f'nameserver {UP1}\n')}, {'dns1': core()},
     {name: call(pod, kind, *[(round(0.7 + i * 1.1 + j / 5, 1), f'n{n}.example.org{dot}') for i, n in enumerate([20, 33, 60, 70, 90])], **({'family': '4'} if name != 'cares' else {}))
      for j, (name, pod, kind, dot) in enumerate([('glibc', 'glibc', 'glibc', '.'), ('musl', 'musl', 'musl', '.'), ('go', 'go', 'go', '.'), ('cares', 'nodejs', 'node', '')])},
     releases=['1.14.7'], conntrack='all', log=False, servers=up(limit='none', compress=False, answers={k: v for n in (20, 33, 60, 70, 90) for k, v in many(f'n{n}.example.org', n).items()}))

case('many-addresses-asked-twice', 'glibc asks everything again when the result does not fit into 1024 octets, then 2048: above 25 and 50 addresses of a lookup for both families, above 82 for one',
     {'pods': pods(['glibc', 'inet', 'nodejs', 'java'])}, {'dns1': core('bufsize 4096', cache='')},
     {'glibc': call('glibc', 'glibc', *[(0.6 + i * 1.1, f'n{n}.example.org.') for i, n in enumerate([25, 26, 50, 51])]), 'inet': call('inet', 'glibc', (0.9, 'n82.example.org.'), (2.0, 'n83.example.org.'), (3.1, 'alias.example.org.'), family='4'),
      'lookup': call('nodejs', 'node-lookup', (2.7, 'n26.example.org')), 'java': call('java', 'java-v4', (3.0, 'n83.example.org'))},
     releases=['1.14.7'], conntrack='none', servers=up(answers={**{k: v for n in (25, 26, 50, 51, 82, 83) for k, v in many(f'n{n}.example.org', n).items()},
                                                               'alias.example.org A': ['alias.example.org 60 IN CNAME n80.example.org.', *[f'n80.example.org 60 IN A 192.0.2.{i}' for i in range(1, 81)]]}))

# --- ways that packets take --------------------------------------------------------------------------------------------------
case('service-without-tcp', 'kube-dns without its TCP port: after TC the connection leaves the node towards nowhere, and each client waits in its own way',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], glibc={'sysctl': {'net.ipv4.tcp_syn_retries': '1'}}, nodejs={'resolv_conf': PLAIN + 'options timeout:5\n'}),
      'services': {'kube-dns': {'address': VIP, 'ports': {'dns': ['udp', 53]}, 'endpoints': [DNS1]}}}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, 'big.example.org.'), (9.5, 'small.example.org.'), family='4'), 'musl': call('musl', 'musl', (0.7, 'big.example.org.'), family='4'), 'go': call('go', 'go', (0.9, 'big.example.org.'), family='4')},
     [{'at': 4.2, 'snapshot': 1}], servers=up(answers={**many('big.example.org', 40), **many('small.example.org', 3)}))

case('host-network-and-hairpin', 'A client on the node itself and one in CoreDNS\'s own pod: both are masqueraded on their way to the Service',
     {'pods': pods(['app'])}, {'dns1': core('acl {\n  allow net 10.244.1.1/32\n  block\n }', cache='')},
     {'node': port('node', 42000, 0.5, 2.3, 6), 'direct': port('node', 42001, 0.7, 2.3, 4, to=[DNS1, 53]), 'app': port('app', 42002, 0.9, 2.3, 4), 'self': port('dns1', 42003, 1.1, 2.3, 4), 'lookup': call('dns1', 'glibc', (1.3, WEB), (5.5, 'www.example.org.'), family='4')},
     [{'at': 6.5, 'snapshot': 1}], conntrack='all', fixed_ports=['42000', '42001', '42002', '42003'], servers=up(answers=answers(www__example__org='192.0.2.80')))

case('icmp-ratelimit-off', 'icmp_ratelimit 0 on the node and in the pod: every refusal arrives, REJECT and closed port alike',
     {'pods': pods(['glibc', 'go', 'app'], dns1={'sysctl': {'net.ipv4.icmp_ratelimit': '0'}}), 'node_sysctl': {'net.ipv4.icmp_ratelimit': '0'}}, {'dns1': core()},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'parallel': True, 'name': WEB, 'at': 1.5, 'every': 0.2, 'count': 12}, 'go': {'pod': 'go', 'resolver': 'go', 'parallel': True, 'name': WEB, 'at': 1.6, 'every': 0.3, 'count': 8}, 'app': port('app', 42000, 1.5, 0.3, 16, connected=True, timeout=0.25)},
     [{'at': 0.5, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 3.1, 'endpoints': {'kube-dns': []}, 'reject': True}], releases=['1.14.7'], log=False, fixed_ports=['42000'])

case('mtu-smaller-than-the-answer', 'The pod\'s link carries 600 octets: the first large answer is lost to "fragmentation needed", the later ones come in pieces',
     {'pods': pods(['edns', 'go', 'glibc'], edns={'resolv_conf': PLAIN + 'options edns0 timeout:3\n'})}, {'dns1': core('bufsize 1232')},
     {'edns': call('edns', 'glibc', (1.5, 'big.example.org.'), (9.5, 'big.example.org.'), family='4'), 'glibc': call('glibc', 'glibc', (2.1, 'big.example.org.'), family='4')},
     [{'at': 0.5, 'rule': 'ip link set v-edns mtu 600'}, {'at': 0.6, 'rule': 'ip link set eth0 mtu 600', 'of': 'edns'}, {'at': 0.7, 'rule': 'ip link set v-glibc mtu 600'}, {'at': 0.8, 'rule': 'ip link set eth0 mtu 600', 'of': 'glibc'}],
     releases=['1.11.1', '1.14.7'], servers=up(answers={'big.example.org A': {'answer': [f'big.example.org 60 IN A 192.0.2.{i}' for i in range(1, 41)]}}))

case('route-to-the-pod-gone', 'The route to CoreDNS\'s pod is lost: blackhole, unreachable, prohibit, then none; what each client hears',
     {'pods': pods(['glibc', 'musl', 'go', 'app'])}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (14.5, WEB), (26.5, WEB), (38.5, WEB)), 'go': call('go', 'go', (0.7, WEB), (2.7, WEB), (14.7, WEB), (26.7, WEB), (38.7, WEB)), 'musl': call('musl', 'musl', (0.9, WEB), (14.9, WEB)), 'app': port('app', 42000, 0.8, 4.3, 10, connected=True)},
     [{'at': 2.0, 'rule': f'ip route replace blackhole {DNS1}/32'}, {'at': 14.0, 'rule': f'ip route replace unreachable {DNS1}/32'}, {'at': 26.0, 'rule': f'ip route replace prohibit {DNS1}/32'}, {'at': 38.0, 'rule': f'ip route del {DNS1}/32'}],
     releases=['1.14.7'], log=False, fixed_ports=['42000'])

case('frozen-process', 'CoreDNS is stopped for four seconds (SIGSTOP) and goes on: what it finds in its socket is answered late',
     {'pods': pods(['glibc', 'musl', 'go', 'vc'], vc={'resolv_conf': PLAIN + 'options use-vc\n'})}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (11.5, WEB)), 'musl': call('musl', 'musl', (0.7, WEB), (2.7, WEB), (11.7, WEB)), 'go': call('go', 'go', (0.9, WEB), (2.9, WEB), (11.9, WEB)), 'vc': call('vc', 'glibc', (1.1, WEB), (3.1, WEB), family='4')},
     [{'at': 2.0, 'signal': 'SIGSTOP', 'of': 'dns1'}, {'at': 6.3, 'signal': 'SIGCONT', 'of': 'dns1'}], releases=['1.11.1', '1.14.7'])

# --- more of CoreDNS between client and upstream --------------------------------------------------------------------------------
case('erratic', 'erratic drops every third query and delays every fourth by 700 ms: which lookups repeat',
     {'pods': pods(['glibc', 'musl', 'go'])}, {'dns1': {'corefile': '.:53 {\n errors\n log\n erratic {\n  drop 3\n  delay 4 700ms\n }\n}\n'}},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'name': 'a%n.example.org.', 'at': 0.5, 'every': 1.5, 'count': 4}, 'musl': {'pod': 'musl', 'resolver': 'musl', 'family': '4', 'name': 'b%n.example.org.', 'at': 20.5, 'every': 1.5, 'count': 4},
      'go': {'pod': 'go', 'resolver': 'go', 'family': '4', 'name': 'c%n.example.org.', 'at': 40.5, 'every': 1.5, 'count': 4}},
     releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none')

case('stub-zones-and-except', 'Stub zones, except, a server block of its own: who is asked for what, and what a dead stub server costs while the rest goes on',
     {'pods': pods(['glibc', 'musl', 'go', 'java'], resolv_conf=KUBE)},
     {'dns1': {'corefile': 'corp.test:53 {\n errors\n log\n cache 10\n forward . 192.168.100.22 {\n  max_fails 0\n }\n}\n.:53 {\n errors\n log\n file cluster.zone cluster.local\n cache 30\n forward . 192.168.100.21 {\n  except lab.test\n }\n}\n', 'files': {'cluster.zone': ZONE}}},
     {'glibc': call('glibc', 'glibc', (1.5, 'wiki.corp.test'), (6.5, 'wiki.corp.test'), (25.5, 'x.lab.test.'), (27.5, 'www.example.org.')), 'musl': call('musl', 'musl', (1.7, 'wiki.corp.test'), (6.7, 'wiki.corp.test'), (25.7, 'x.lab.test.'), family='4'),
      'go': call('go', 'go', (1.9, 'wiki.corp.test.'), (6.9, 'wiki.corp.test.'), (25.9, 'x.lab.test.')), 'java': call('java', 'java-v4', (2.6, 'wiki.corp.test'), (14.2, 'wiki.corp.test'), (44.6, 'wiki.corp.test'))},
     [{'at': 4.0, 'server': 'up2', 'set': {'mode': 'drop'}}, {'at': 40.0, 'server': 'up2', 'set': {'mode': 'answer'}}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none',
     servers={'up1': {'address': UP1, 'answers': answers(www__example__org='192.0.2.80')}, 'up2': {'address': UP2, 'answers': answers(wiki__corp__test='192.0.2.90')}})

case('failover-and-next', 'failover SERVFAIL and next NXDOMAIN between forwards, as the clients see them',
     {'pods': pods(['glibc', 'go'])}, {'dns1': {'corefile': '.:53 {\n errors\n log\n forward . 192.168.100.21 192.168.100.22 {\n  policy sequential\n  failover SERVFAIL REFUSED\n  next NXDOMAIN\n }\n forward . 192.168.100.23\n}\n'}},
     {'glibc': call('glibc', 'glibc', (0.5, 'a.servfail.test.'), (2.5, 'b.example.org.'), (4.5, 'c.none.test.'), (6.5, 'd.refused.test.'), family='4'), 'go': call('go', 'go', (1.5, 'e.servfail.test.'), (3.5, 'f.none.test.'), family='4')},
     releases=['1.14.7', '1.15.0'], conntrack='none',
     servers={'up1': {'address': UP1, 'answers': {'*.servfail.test *': {'rcode': 'servfail'}, '*.refused.test *': {'rcode': 'refused'}, 'b.example.org A': ['b.example.org 60 IN A 192.0.2.1']}},
              'up2': {'address': UP2, 'answers': {'*.servfail.test A': {'rcode': 'servfail'}, 'd.refused.test A': ['d.refused.test 60 IN A 192.0.2.2']}}, 'up3': {'address': '192.168.100.23', 'answers': {'c.none.test A': ['c.none.test 60 IN A 192.0.2.3']}}})

case('upstream-tcp-dead-after-tc', 'The upstream truncates and its TCP is silent, resets, or closed; glibc with and without EDNS, Go, c-ares',
     {'pods': pods(['glibc', 'go', 'nodejs', 'edns'], edns={'resolv_conf': PLAIN + 'options edns0 timeout:12 attempts:1\n'}, glibc={'resolv_conf': PLAIN + 'options timeout:12 attempts:1\n'}, go={'resolv_conf': PLAIN + 'options timeout:12 attempts:1\n'})},
     {'dns1': core(cache='')},
     {'glibc': call('glibc', 'glibc', (0.5, 'big.example.org.'), (20.5, 'big.example.org.'), (40.5, 'big.example.org.'), family='4'), 'go': call('go', 'go', (1.1, 'big.example.org.'), (21.1, 'big.example.org.'), (41.1, 'big.example.org.'), family='4'),
      'edns': call('edns', 'glibc', (1.7, 'big.example.org.'), (21.7, 'big.example.org.'), family='4')},
     [{'at': 19.0, 'server': 'up1', 'set': {'tcp': 'reset'}}, {'at': 39.0, 'server': 'up1', 'set': {'tcp': 'servfail'}}], releases=['1.14.7', '1.15.0'], conntrack='none', max_upstream=12, max_log=12,
     servers=up(tcp='drop', answers=many('big.example.org', 90)))

case('errors-consolidated', 'errors consolidated every five seconds and a log of errors only, with a dead upstream and three clients',
     {'pods': pods(['glibc', 'musl', 'go'])},
     {'dns1': {'corefile': '.:53 {\n errors {\n  consolidate 5s ".* i/o timeout$" warning\n }\n log . "{type} {name} {rcode} {proto}" {\n  class denial error\n }\n file cluster.zone cluster.local\n forward . 192.168.100.21\n}\n', 'files': {'cluster.zone': ZONE}}},
     {'glibc': call('glibc', 'glibc', (1.5, 'one.example.org.'), (12.5, 'none.default.svc.cluster.local.'), (14.5, WEB), family='4'), 'musl': call('musl', 'musl', (1.7, 'two.example.org.'), family='4'), 'go': call('go', 'go', (1.9, 'three.example.org.'), family='4')},
     releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', until=25, servers=up(mode='drop'))

case('nodelocal-restarted', 'The node\'s cache is killed and started again: everything it knew is gone, its TCP connections are new',
     {'pods': pods(['glibc', 'musl'], resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core()},
     {'glibc': {'pod': 'glibc', 'resolver': 'glibc', 'family': '4', 'name': 'web', 'at': 0.7, 'every': 2.3, 'count': 12}, 'musl': call('musl', 'musl', (0.9, 'kubernetes'), (5.3, 'kubernetes'), (12.1, 'kubernetes'), family='4')},
     [{'at': 4.5, 'signal': 'SIGKILL', 'of': 'node'}, {'at': 8.5, 'start': 'node'}], releases=['1.11.1', '1.14.7'], conntrack='service')

case('unbound-dead-authority', 'unbound\'s authority falls silent, then comes back: how long unbound asks, what CoreDNS and the clients make of it',
     {'pods': pods(['glibc', 'go'])}, {'dns1': core(forward='forward . 192.168.100.23', cache='')},
     {'glibc': call('glibc', 'glibc', (0.5, 'redis.example.com.'), (4.5, 'other.example.com.'), (30.5, 'third.example.com.'), family='4'), 'go': call('go', 'go', (5.5, 'redis.example.com.'), (33.5, 'third.example.com.'), family='4')},
     [{'at': 3.0, 'rule': f'iptables -I INPUT -d {UP2} -p udp --dport 53 -j DROP', 'of': 'outside'}, {'at': 29.0, 'rule': f'iptables -D INPUT -d {UP2} -p udp --dport 53 -j DROP', 'of': 'outside'}],
     releases=['1.11.1', '1.14.7'], conntrack='none',
     named={'auth': {'address': UP2, 'zones': {'example.com': '$TTL 60\n@ IN SOA ns host 1 7200 900 1209600 60\n@ IN NS ns\nns IN A 192.168.100.22\nredis IN A 10.0.0.1\nother IN A 10.0.0.2\nthird IN A 10.0.0.3\n'}}},
     unbound={'rec1': {'address': '192.168.100.23', 'config': ' msg-cache-slabs: 1\nstub-zone:\n name: example.com\n stub-addr: 192.168.100.22\n'}})

case('autopath-dns64-any', 'autopath with a resolv.conf, any, loadbalance and minimal: one question instead of the whole search list',
     {'pods': pods(['glibc', 'musl', 'go', 'java'], resolv_conf=KUBE)},
     {'dns1': core('autopath pod.conf', 'any', 'minimal', 'loadbalance', zone=DUAL, files={'pod.conf': KUBE})},
     {'glibc': call('glibc', 'glibc', (1.5, 'www.example.org'), (4.5, 'web'), (6.5, 'none.example.org')), 'musl': call('musl', 'musl', (1.7, 'www.example.org'), (4.7, 'web'), (6.7, 'none.example.org')),
      'go': call('go', 'go', (1.9, 'www.example.org'), (4.9, 'web'), (6.9, 'none.example.org')), 'java': call('java', 'java-v4', (2.8, 'www.example.org'), (5.1, 'web'))},
     releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers=answers(www__example__org='192.0.2.80')))

# --- dig --------------------------------------------------------------------------------------------------------------------------
case('dig-through-the-service', 'dig from a pod: no search, EDNS 1232 and a cookie; refused, silent, truncated, over TCP',
     {'pods': pods(['app'])}, {'dns1': core()},
     {'app': {'pod': 'app', 'resolver': 'dig', 'calls': [{'at': 0.5, 'name': f'@{VIP} {BARE}'}, {'at': 1.5, 'name': f'@{VIP} {BARE} AAAA'}, {'at': 2.5, 'name': f'@{VIP} +short {BARE}'},
      {'at': 3.5, 'name': f'@{VIP} big.example.org'}, {'at': 4.5, 'name': f'@{VIP} +tries=2 +time=1 {BARE}'}, {'at': 9.5, 'name': f'@{VIP} +noall +answer {BARE}'}]}},
     [{'at': 4.2, 'pod_silent': 'dns1'}, {'at': 8.0, 'rule': 'iptables -D INPUT -j DROP', 'of': 'dns1'}], releases=['1.14.7'],
     servers=up(answers=many('big.example.org', 90)))

if __name__ == '__main__':
    print(json.dumps(CASES))
