#!/usr/bin/env python3
"""More cases beside those of cases.py, combined otherwise: cases_combined.py > cases.json"""
import json
from cases import (BARE, CASES, DNS1, DNS2, DUAL, FIVE, KUBE, LOCAL, NOTRACK, PLAIN, SOA, UP1, UP2, VIP, WEB, ZONE,
                   answers, call, case, core, everyone, kube_dns, many, node_local, pods, port, up)
CASES.clear()
ALL = ['1.8.6', '1.11.1', '1.14.7', '1.15.0']
UP3, DNS3 = '192.168.100.23', '10.244.1.22'


def spread(names, clients=('glibc', 'musl', 'go', 'lookup'), start=0.7, gap=1.7, **more):
    """The same names asked by several clients, a tenth of a second after one another."""
    kinds = {'glibc': ('glibc', 'glibc'), 'musl': ('musl', 'musl'), 'go': ('go', 'go'), 'lookup': ('nodejs', 'node-lookup'), 'cares': ('nodejs', 'node'), 'java': ('java', 'java-v4')}
    late = {'lookup': 0.8, 'cares': 0.8, 'java': 1.6}
    return {name: call(*kinds[name], *[(round(start + late.get(name, 0) + i * gap + j / 10, 2), n.replace('%c', name)) for i, n in enumerate(names)], **({} if name in ('cares', 'java') else more)) for j, name in enumerate(clients)}


def steady(pod, resolver, name, at, every, count, **more):
    return {'pod': pod, 'resolver': resolver, 'name': name, 'at': at, 'every': every, 'count': count, **more}


COM = SOA.replace('.org', '.com')
def redis(ttl, address='10.0.0.1'):
    return {'redis.example.com A': [f'redis.example.com {ttl} IN A {address}'], 'redis.example.com AAAA': {'authority': [COM]}}

# --- one family fails -------------------------------------------------------------------------------------------------------
def half(kind, other):
    name = f'{kind}.example.org'
    return {f'{name} A': [f'{name} 30 IN A 192.0.2.7'], f'{name} AAAA': other}
case('one-family-fails', 'A answers, AAAA is SERVFAIL, REFUSED, NXDOMAIN, slow or silent at the upstream: what each client takes',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'java'])}, {'dns1': core()},
     spread(['sf.example.org.', 'rf.example.org.', 'nx.example.org.', 'slow.example.org.', 'dead.example.org.'], gap=11.3),
     releases=['1.8.6', '1.14.7', '1.15.0'], conntrack='none', until=60,
     servers=up(answers={**half('sf', {'rcode': 'servfail'}), **half('rf', {'rcode': 'refused'}), **half('nx', {'rcode': 'nxdomain', 'authority': [SOA]}), **half('slow', {'delay': 1.4, 'authority': [SOA]}), **half('dead', {'mode': 'drop'})}))
case('other-family-fails', 'AAAA answers, A is SERVFAIL, REFUSED, NODATA, slow or silent at the upstream',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core(cache='')},
     spread(['sf.example.org.', 'rf.example.org.', 'nd.example.org.', 'slow.example.org.', 'dead.example.org.'], clients=('glibc', 'musl', 'go'), gap=11.3),
     releases=['1.10.1', '1.14.4'], conntrack='none', until=60,
     servers=up(answers={f'{k}.example.org {t}': v for k, o in {'sf': {'rcode': 'servfail'}, 'rf': {'rcode': 'refused'}, 'nd': {'authority': [SOA]}, 'slow': {'delay': 1.4, 'answer': ['slow.example.org 30 IN A 192.0.2.7']}, 'dead': {'mode': 'drop'}}.items()
                         for t, v in (('A', o), ('AAAA', [f'{k}.example.org 30 IN AAAA 2001:db8::7']))}))

# --- an upstream that heals while clients try again -----------------------------------------------------------------------------
case('servfail-then-heals', 'The upstream answers SERVFAIL twice for a name, then well: which retries meet the cache of failures (5 s), which the answer',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core()},
     spread(['%c.example.org.', '%c.example.org.', '%c.example.org.'], gap=3.1, clients=('glibc', 'go', 'lookup'), family='4'),
     releases=['1.8.6', '1.11.3', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={f'{n}.example.org A': [{'rcode': 'servfail'}, {'rcode': 'servfail'}, {'answer': [f'{n}.example.org 20 IN A 192.0.2.9']}] for n in ('glibc', 'go', 'lookup')}))
case('servfail-cache-durations', 'servfail 0 and servfail 12s in cache, the same upstream that heals',
     {'pods': pods(['glibc', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(cache='cache 30 {\n  servfail 0\n }'), 'dns2': core(cache='cache 30 {\n  servfail 12s\n }')},
     {'glibc': steady('glibc', 'glibc', 'one.example.org.', 0.7, 2.3, 9, family='4'), 'go': steady('go', 'go', 'two.example.org.', 0.9, 2.3, 9, family='4')},
     [{'at': 0.2, 'server': 'up1', 'set': {'mode': 'servfail'}}, {'at': 4.4, 'server': 'up1', 'set': {'mode': 'answer'}}], releases=['1.10.1', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers=answers(one__example__org='192.0.2.1', two__example__org='192.0.2.2')))
case('upstream-closed-then-open', 'The upstream\'s port is closed for three seconds and open again: ICMP, CoreDNS\'s tries and the clients\'',
     {'pods': pods(['glibc', 'musl', 'go'])}, {'dns1': core(cache='')},
     {'glibc': call('glibc', 'glibc', (1.3, 'one.example.org.'), (9.3, 'one.example.org.'), family='4'), 'go': call('go', 'go', (12.5, 'one.example.org.'), family='4')},
     [{'at': 1.0, 'server': 'up1', 'set': {'mode': 'closed'}}, {'at': 4.1, 'server': 'up1', 'set': {'mode': 'answer'}}], releases=['1.14.4', '1.14.7', '1.15.0'], conntrack='none', max_upstream=12, max_log=12,
     servers=up(answers=answers(one__example__org='192.0.2.1')))
case('upstream-slow-steps', 'The upstream takes 1.7 s, 2.3 s, 4.6 s and 5.4 s: the read time-out of two seconds, the deadline of five, the clients\' five',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core(cache='')},
     spread(['a.example.org.', 'b.example.org.', 'c.example.org.', 'd.example.org.'], clients=('glibc', 'go'), gap=13.1, family='4'),
     releases=['1.7.0', '1.10.1', '1.14.7'], conntrack='none',
     servers=up(answers={f'{n}.example.org A': {'delay': d, 'answer': [f'{n}.example.org 30 IN A 192.0.2.1']} for n, d in zip('abcd', (1.7, 2.3, 4.6, 5.4))}))
case('upstream-slow-cached', 'The same with a cache before it: what a late answer is still good for',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core()},
     {**spread(['a.example.org.', 'b.example.org.'], clients=('glibc',), gap=13.1, family='4'), **spread(['a.example.org.', 'b.example.org.'], clients=('musl',), start=4.2, gap=13.1, family='4')},
     releases=['1.8.0', '1.12.4', '1.15.0'], conntrack='none',
     servers=up(answers={f'{n}.example.org A': {'delay': d, 'answer': [f'{n}.example.org 30 IN A 192.0.2.1']} for n, d in zip('ab', (1.7, 2.6))}))
case('sequential-three-die-in-turn', 'policy sequential: the first upstream silent, then the second closed, then the first back; probes each second',
     {'pods': pods(['app', 'go'])}, {'dns1': core(forward='forward . 192.168.100.21 192.168.100.22 192.168.100.23 {\n  policy sequential\n  health_check 1s\n  max_fails 2\n }', cache='')},
     {'app': steady('app', 'glibc', 'n%n.example.org.', 0.6, 1.3, 20, family='4', parallel=True)},
     [{'at': 3.1, 'server': 'up1', 'set': {'mode': 'drop'}}, {'at': 13.1, 'server': 'up2', 'set': {'mode': 'drop'}}, {'at': 19.1, 'server': 'up1', 'set': {'mode': 'answer'}}],
     releases=['1.8.6', '1.12.4', '1.14.7'], conntrack='none',
     servers={f'up{i}': {'address': f'192.168.100.2{i}', 'default': 'nodata'} for i in (1, 2, 3)})
case('all-upstreams-down-failfast', 'Both upstreams dead: after the probes have failed lookups go to one at random or, with failfast_all_unhealthy_upstreams, fail at once',
     {'pods': pods(['glibc', 'go'], dns=('dns1', 'dns2'), resolv_conf=PLAIN + 'options attempts:1\n', go={'resolv_conf': 'nameserver 10.96.0.11\noptions attempts:1\n'}), 'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(forward='forward . 192.168.100.21 {\n  max_fails 1\n  failfast_all_unhealthy_upstreams\n }', cache=''), 'dns2': core(forward='forward . 192.168.100.22 {\n  max_fails 1\n }', cache='')},
     {'glibc': steady('glibc', 'glibc', 'a%n.example.org.', 0.7, 7.3, 4, family='4'), 'go': steady('go', 'go', 'b%n.example.org.', 0.9, 7.3, 4, family='4')},
     [{'at': 0.2, 'server': 'up1', 'set': {'mode': 'drop'}}, {'at': 0.3, 'server': 'up2', 'set': {'mode': 'drop'}}, {'at': 20.1, 'server': 'up1', 'set': {'mode': 'answer'}}, {'at': 20.2, 'server': 'up2', 'set': {'mode': 'answer'}}],
     releases=['1.12.4', '1.14.7', '1.15.0'], conntrack='none',
     servers={'up1': {'address': UP1, 'default': 'nodata'}, 'up2': {'address': UP2, 'default': 'nodata'}})

# --- resolv.conf ----------------------------------------------------------------------------------------------------------------
SHORT = PLAIN + 'options timeout:1 attempts:4\n'
case('short-timeouts-pod-silent', 'timeout:1 attempts:4 and a pod that is silent for 2.6 s: who is answered by which try',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=SHORT)}, {'dns1': core()},
     spread([WEB, WEB], clients=('glibc', 'musl', 'go', 'cares'), start=1.4, gap=9.1),
     [{'at': 1.1, 'pod_silent': 'dns1'}, {'at': 3.7, 'rule': 'iptables -D INPUT -j DROP', 'of': 'dns1'}], releases=['1.9.4', '1.14.7'])
for c in CASES[-1]['clients'].values():
    for k in c['calls']:
        if c['resolver'] == 'node': k['name'] = k['name'].rstrip('.')
case('three-nameservers-silent-rejected-alive', 'Three nameservers: a silent pod, a Service without endpoints, a pod that lives; timeout:2',
     {'pods': pods(FIVE, dns=('dns1', 'dns2'), resolv_conf='nameserver 10.96.0.11\nnameserver 10.96.0.12\nnameserver 10.96.0.10\noptions timeout:2 attempts:2\n'),
      'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11'), 'none-dns': kube_dns(address='10.96.0.12')}},
     {'dns1': core(), 'dns2': core()}, {**everyone([1.5, 10.0]), 'cares': call('nodejs', 'node', (3.2, BARE), (12.2, BARE))},
     [{'at': 0.3, 'pod_silent': 'dns2'}], releases=['1.11.1', '1.14.7'])
case('search-servfail-in-the-middle', 'A search list whose second domain ends in SERVFAIL: who goes on, who gives up, who says what',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'java'], resolv_conf=PLAIN + 'search default.svc.cluster.local broken.test svc.cluster.local good.test\noptions ndots:3\n')}, {'dns1': core()},
     spread(['host', 'host.deep', 'web', 'nothing'], clients=('glibc', 'go', 'lookup', 'java'), start=1.1, gap=9.3),
     releases=['1.8.6', '1.14.7', '1.15.0'], conntrack='none',
     servers=up(answers={'*.broken.test *': {'rcode': 'servfail'}, 'host.good.test A': ['host.good.test 30 IN A 192.0.2.4'], 'host.good.test AAAA': {'authority': [SOA]}, 'host.deep.good.test A': ['host.deep.good.test 30 IN A 192.0.2.5'], 'host.deep.good.test AAAA': {'authority': [SOA]}}))
case('search-refused-in-the-middle', 'The same with REFUSED, and a domain whose names exist without addresses',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=PLAIN + 'search default.svc.cluster.local refused.test nodata.test good.test\noptions ndots:2\n')}, {'dns1': core('acl refused.test {\n  block\n }')},
     spread(['host', 'web', 'nothing.at.all'], start=1.1, gap=9.3),
     releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none',
     servers=up(answers={'*.refused.test *': {'rcode': 'refused'}, '*.nodata.test *': {'authority': [SOA]}, 'host.good.test A': ['host.good.test 30 IN A 192.0.2.4'], 'host.good.test AAAA': {'authority': [SOA]}}))
case('ndots-zero-and-fifteen', 'ndots:0, ndots:15 and dots at the end against four search domains',
     {'pods': pods(['glibc', 'musl', 'go', 'zero', 'zmusl', 'zgo'], resolv_conf=KUBE.replace('ndots:5', 'ndots:15'), **{k: {'resolv_conf': KUBE.replace('ndots:5', 'ndots:0')} for k in ('zero', 'zmusl', 'zgo')})},
     {'dns1': core(zone=DUAL)},
     {name: call(name, kind, *[(round(0.7 + i * 1.1 + j / 10, 1), n) for i, n in enumerate(['web', 'web.default', 'web.default.svc.cluster.local', 'www.a.b.c.d.e.example.org', 'web.default.svc.cluster.local.', 'single'])])
      for j, (name, kind) in enumerate([('glibc', 'glibc'), ('musl', 'musl'), ('go', 'go'), ('zero', 'glibc'), ('zmusl', 'musl'), ('zgo', 'go')])},
     releases=['1.12.4'], conntrack='none', servers=up(answers={**answers(www__a__b__c__d__e__example__org='192.0.2.80', single='192.0.2.81')}))
case('single-request-slow-aaaa', 'single-request and single-request-reopen with an upstream whose AAAA takes 1.2 s; use-vc too',
     {'pods': pods(['plain', 'single', 'reopen', 'vc'], single={'resolv_conf': PLAIN + 'options single-request\n'}, reopen={'resolv_conf': PLAIN + 'options single-request-reopen timeout:1\n'}, vc={'resolv_conf': PLAIN + 'options use-vc\n'})},
     {'dns1': core()},
     {n: call(n, 'glibc', (round(0.6 + i / 10, 1), f'{n}.example.org.'), (round(5.6 + i / 10, 1), f'{n}.example.org.')) for i, n in enumerate(['plain', 'single', 'reopen', 'vc'])},
     releases=['1.11.1', '1.14.7'], servers=up(answers={k: v for n in ('plain', 'single', 'reopen', 'vc') for k, v in ((f'{n}.example.org A', [f'{n}.example.org 60 IN A 192.0.2.3']), (f'{n}.example.org AAAA', {'delay': 1.2, 'authority': [SOA]}))}))

# --- Corefile changed while it runs -------------------------------------------------------------------------------------------
def block(upstream, cache='cache 30', more=''):
    return f'.:53 {{\n errors\n log\n{more} file cluster.zone cluster.local\n {cache}\n forward . {upstream}\n}}\n'
case('usr1-other-upstream', 'The Corefile is changed to another upstream and SIGUSR1 sent: cached names go too; a broken Corefile changes nothing; then back',
     {'pods': pods(['app', 'go'])}, {'dns1': {'corefile': block(UP1), 'files': {'cluster.zone': ZONE}}},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.7, 1.3, 16, family='4'), 'go': steady('go', 'go', 'n%n.example.com.', 0.9, 1.3, 16, family='4')},
     [{'at': 4.0, 'of': 'dns1', 'file': 'Corefile', 'text': block(UP2)}, {'at': 5.2, 'signal': 'SIGUSR1', 'of': 'dns1'},
      {'at': 10.0, 'of': 'dns1', 'file': 'Corefile', 'text': block(UP1, more=' nonsense\n')}, {'at': 10.4, 'signal': 'SIGUSR1', 'of': 'dns1'}, {'at': 15.0, 'of': 'dns1', 'file': 'Corefile', 'text': block(UP1, cache='cache 5')}, {'at': 15.6, 'signal': 'SIGUSR1', 'of': 'dns1'}],
     releases=['1.8.6', '1.11.3', '1.14.7', '1.15.0'], conntrack='none',
     servers={'up1': {'address': UP1, 'default': 'nodata', 'answers': redis(60)}, 'up2': {'address': UP2, 'default': 'nodata', 'answers': redis(60, '10.0.0.2')}})
case('usr1-while-asking', 'SIGUSR1 while questions wait for a slow upstream: who still hears of their answers',
     {'pods': pods(['glibc', 'go', 'app'])}, {'dns1': core(forward=f'forward . {UP1}')},
     {'glibc': call('glibc', 'glibc', (1.5, 'one.example.org.'), (9.5, 'one.example.org.'), family='4'), 'go': call('go', 'go', (1.7, 'one.example.org.'), (9.7, 'one.example.org.'), family='4'), 'app': port('app', 42000, 1.9, 4, 3, name='one.example.org')},
     [{'at': 2.4, 'signal': 'SIGUSR1', 'of': 'dns1'}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', fixed_ports=['42000'],
     servers=up(delay=1.6, answers=answers(one__example__org='192.0.2.1')))
case('signals', 'SIGHUP, SIGUSR2, SIGINT and SIGQUIT: which end the process, and what the clients make of it',
     {'pods': pods(['app', 'two', 'three', 'four'], dns=('dns1', 'dns2'), app={'resolv_conf': PLAIN + 'options timeout:1 attempts:1\n'}, two={'resolv_conf': 'nameserver 10.96.0.11\noptions timeout:1 attempts:1\n'}), 'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core('health {\n  lameduck 2s\n }'), 'dns2': core()},
     {'app': steady('app', 'glibc', WEB, 0.7, 1.3, 8, family='4'), 'two': steady('two', 'glibc', WEB, 0.9, 1.3, 8, family='4')},
     [{'at': 2.4, 'signal': 'SIGHUP', 'of': 'dns1'}, {'at': 3.7, 'signal': 'SIGINT', 'of': 'dns1'}, {'at': 5.0, 'signal': 'SIGQUIT', 'of': 'dns2'}], releases=['1.8.6', '1.14.7'], conntrack='none')

# --- rules, routes, devices ------------------------------------------------------------------------------------------------------
case('pod-address-gone', 'CoreDNS\'s pod loses its address, so that nobody answers ARP: host unreachable after three seconds, to those who can hear it',
     {'pods': pods(['glibc', 'musl', 'go', 'app', 'conn'])}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB)), 'musl': call('musl', 'musl', (2.7, WEB)), 'go': call('go', 'go', (2.9, WEB)), 'app': port('app', 42000, 0.8, 2.3, 6), 'conn': port('conn', 42001, 0.9, 2.3, 6, connected=True)},
     [{'at': 2.0, 'rule': f'ip addr del {DNS1}/32 dev eth0', 'of': 'dns1'}], releases=['1.14.7'], log=False, fixed_ports=['42000', '42001'])
case('pod-link-down', 'The pod\'s link goes down at the node, and up again with its route',
     {'pods': pods(['glibc', 'go', 'app', 'conn'])}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (16.5, WEB)), 'go': call('go', 'go', (2.9, WEB), (16.9, WEB)), 'app': port('app', 42000, 0.8, 2.3, 9), 'conn': port('conn', 42001, 0.9, 2.3, 9, connected=True)},
     [{'at': 2.0, 'rule': 'ip link set v-dns1 down'}, {'at': 14.0, 'rule': 'ip link set v-dns1 up'}, {'at': 14.1, 'rule': f'ip route add {DNS1}/32 dev v-dns1'}], releases=['1.14.7'], log=False, fixed_ports=['42000', '42001'])
case('client-without-route', 'The client pods lose their default route, then have an unreachable, prohibit and blackhole one: errors of the client\'s own kernel',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'java'])}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (4.5, WEB)), 'musl': call('musl', 'musl', (0.6, WEB), (2.7, WEB)), 'go': call('go', 'go', (0.7, WEB), (2.9, WEB), (4.9, WEB)), 'cares': call('nodejs', 'node', (2.6, BARE)), 'java': call('java', 'java-v4', (2.3, BARE), (5.3, BARE), (14.3, BARE))},
     [{'at': 1.6, 'rule': 'ip route del default', 'of': p} for p in ('glibc', 'musl', 'go', 'nodejs', 'java')] + [{'at': 3.8, 'rule': 'ip route add unreachable default', 'of': p} for p in ('glibc', 'go')]
     + [{'at': 12.0, 'rule': 'ip route add default via 10.244.1.1 dev eth0', 'of': 'java'}], releases=['1.14.7'], log=False)
case('forwarding-off', 'ip_forward of the node is switched off and on: forwarded packets vanish without a word',
     {'pods': pods(['glibc', 'musl', 'go', 'app'], resolv_conf=PLAIN + 'options timeout:2\n')}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (12.5, WEB)), 'musl': call('musl', 'musl', (2.7, WEB)), 'go': call('go', 'go', (2.9, WEB)), 'app': port('app', 42000, 0.8, 2.3, 6)},
     [{'at': 2.0, 'rule': 'sysctl -qw net.ipv4.ip_forward=0'}, {'at': 5.7, 'rule': 'sysctl -qw net.ipv4.ip_forward=1'}], releases=['1.14.7'], fixed_ports=['42000'])
case('nat-flushed', 'KUBE-SERVICES is emptied: flows with an entry go on, new ones leave towards nowhere; the rules written again heal new ports at once and others after 30 s of silence',
     {'pods': pods(['glibc', 'go', 'app', 'two'], resolv_conf=PLAIN + 'options timeout:2 attempts:1\n')}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 1.1, 3.3, 7, family='4'), 'go': call('go', 'go', (4.9, WEB), (16.9, WEB), family='4'), 'app': port('app', 42000, 0.8, 2.3, 10), 'two': port('two', 42001, 4.6, 2.3, 8)},
     [{'at': 3.5, 'rule': 'iptables -t nat -F KUBE-SERVICES'}, {'at': 6.2, 'snapshot': 1}, {'at': 10.2, 'endpoints': {'kube-dns': [DNS1]}}, {'at': 16.0, 'conntrack_delete': {'service': VIP}}, {'at': 19.5, 'snapshot': 1}], releases=['1.14.7'], fixed_ports=['42000', '42001'])
case('notrack-mid-run', 'A raw rule takes DNS out of tracking in the middle: the Service\'s address is no longer translated for anybody, entries or not',
     {'pods': pods(['glibc', 'app'], resolv_conf=PLAIN + 'options timeout:1 attempts:2\n')}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 1.1, 3.3, 5, family='4'), 'app': port('app', 42000, 0.8, 2.3, 8)},
     [{'at': 4.0, 'rule': 'iptables -t raw -A PREROUTING -d 10.96.0.10 -p udp --dport 53 -j NOTRACK'}, {'at': 9.2, 'snapshot': 1}, {'at': 12.6, 'rule': 'iptables -t raw -D PREROUTING -d 10.96.0.10 -p udp --dport 53 -j NOTRACK'}], releases=['1.14.7'], fixed_ports=['42000'])
case('forward-reject-kinds', 'A rule of the FORWARD chain rejects clients\' queries behind the translation: net, host and protocol unreachable, prohibited; the six of the allowance',
     {'pods': pods(['glibc', 'musl', 'go', 'conn'], resolv_conf=PLAIN + 'options timeout:2 attempts:2\n')}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.5, WEB), (2.5, WEB), (12.5, WEB), (22.5, WEB)), 'go': call('go', 'go', (2.9, WEB), (12.9, WEB), (22.9, WEB)), 'musl': call('musl', 'musl', (13.1, WEB)), 'conn': port('conn', 42001, 0.9, 2.7, 11, connected=True)},
     [{'at': 2.0, 'rule': f'iptables -I FORWARD -d {DNS1} -p udp -j REJECT --reject-with icmp-net-unreachable'}, {'at': 12.0, 'rule': f'iptables -R FORWARD 1 -d {DNS1} -p udp -j REJECT --reject-with icmp-proto-unreachable'}, {'at': 22.0, 'rule': f'iptables -R FORWARD 1 -d {DNS1} -p udp -j REJECT --reject-with icmp-host-prohibited'}],
     releases=['1.14.7'], log=False, fixed_ports=['42001'])
case('tcp-through-the-service', 'Lookups over TCP with every flow listed: states and timers of conntrack from SYN to TIME_WAIT',
     {'pods': pods(['vc', 'go', 'big'], resolv_conf=PLAIN + 'options use-vc\n', big={'resolv_conf': PLAIN})}, {'dns1': core(cache='')},
     {'vc': steady('vc', 'glibc', WEB, 0.7, 3.1, 4), 'go': steady('go', 'go', WEB, 0.9, 3.1, 4), 'big': steady('big', 'glibc', 'big.example.org.', 1.1, 3.1, 3, family='4')},
     [{'at': 2.5, 'snapshot': 1}, {'at': 8.2, 'snapshot': 1}], releases=['1.8.6', '1.14.7'], conntrack='all', servers=up(answers=many('big.example.org', 90)))
case('udp-pool-of-forward', 'CoreDNS\'s sockets to its upstream: which are used again, which entries of conntrack they leave; a pause longer than ten seconds',
     {'pods': pods(['app', 'go'])}, {'dns1': core(cache='')},
     {'app': call('app', 'glibc', *[(t, f'a{i}.example.org.') for i, t in enumerate([0.7, 1.9, 3.4, 6.3, 19.7, 21.4])], family='4'), 'go': call('go', 'go', *[(t, f'b{i}.example.org.') for i, t in enumerate([1.3, 4.4, 8.3])])},
     [{'at': 5.2, 'snapshot': 1}, {'at': 18.2, 'snapshot': 1}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='all', servers=up(default='nodata'))
case('loss-every-third', 'Every third query of the node\'s pods is lost on the way in, then every second answer: order of tries on each socket',
     {'pods': pods(['glibc', 'go', 'nodejs'], resolv_conf=PLAIN + 'options timeout:2 attempts:3\n')}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 0.7, 2.9, 5, family='4'), 'go': call('go', 'go', (17.1, WEB), (23.1, WEB), (29.1, WEB), family='4')},
     [{'at': 0.3, 'rule': 'iptables -t raw -A PREROUTING -d 10.96.0.10 -p udp --dport 53 -m statistic --mode nth --every 3 --packet 1 -j DROP'},
      {'at': 16.0, 'rule': 'iptables -t raw -F PREROUTING'}, {'at': 16.1, 'rule': f'iptables -t raw -A PREROUTING -s {DNS1} -p udp --sport 53 -m statistic --mode nth --every 2 --packet 0 -j DROP'}], releases=['1.14.7'])

# --- who may ask ------------------------------------------------------------------------------------------------------------------
case('acl-by-client', 'acl drops one pod, filters another, blocks a third and blocks AAAA for a fourth; the node itself is masqueraded',
     {'pods': pods(['drop', 'filter', 'block', 'six', 'go', 'musl', 'app'], resolv_conf=PLAIN + 'options timeout:2 attempts:2\n')},
     {'dns1': core('acl {\n  drop net 10.244.1.10/32\n  filter net 10.244.1.11/32\n  block net 10.244.1.12/32\n  block type AAAA net 10.244.1.13/32\n  filter type AAAA net 10.244.1.14/32\n  block type AAAA net 10.244.1.15/32\n  allow\n }')},
     {n: call(n, k, (round(0.7 + i / 10, 1), WEB), (round(9.7 + i / 10, 1), 'www.example.org.')) for i, (n, k) in enumerate([('drop', 'glibc'), ('filter', 'glibc'), ('block', 'glibc'), ('six', 'glibc'), ('go', 'go'), ('musl', 'musl'), ('app', 'glibc')])},
     releases=['1.10.1', '1.14.7'], conntrack='none', servers=up(answers=answers(www__example__org='192.0.2.80')))
case('views-by-client', 'view: two pods are answered from two zones by their addresses; the rest by the block without a view',
     {'pods': pods(['one', 'two', 'rest'])},
     {'dns1': {'corefile': '.:53 {\n view one {\n  expr incidr(client_ip(), \'10.244.1.10/32\')\n }\n errors\n log\n cache 30\n file cluster.zone cluster.local\n}\n.:53 {\n view two {\n  expr incidr(client_ip(), \'10.244.1.11/32\') && type() == \'A\'\n }\n errors\n log\n cache 30\n file other.zone cluster.local\n}\n.:53 {\n errors\n log\n cache 30\n forward . 192.168.100.21\n}\n', 'files': {'cluster.zone': ZONE, 'other.zone': ZONE.replace('10.96.5.5', '10.96.6.6')}}},
     {n: call(n, 'glibc', (round(0.7 + i / 10, 1), WEB), (round(3.7 + i / 10, 1), 'www.example.org.')) for i, n in enumerate(['one', 'two', 'rest'])},
     releases=['1.10.1', '1.11.3', '1.14.7'], conntrack='none', servers=up(answers=answers(www__example__org='192.0.2.80')))
case('dns64-on-the-path', 'dns64: names with an A alone get an AAAA made of it; which clients see both',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'javadual'])}, {'dns1': core('dns64 64:ff9b::/96', zone=DUAL)},
     {**spread([WEB, 'kubernetes.default.svc.cluster.local.', 'www.example.org.', 'both.example.org.', 'none.example.org.'], start=0.7, gap=1.7), 'dual': call('javadual', 'java', *[(round(3.3 + i * 1.7, 1), n) for i, n in enumerate(['www.example.org', 'both.example.org', 'none.example.org'])])},
     releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none', servers=up(answers={**answers(www__example__org='192.0.2.80', both__example__org='192.0.2.81'), 'both.example.org AAAA': ['both.example.org 60 IN AAAA 2001:db8::81']}))

# --- caches in time -----------------------------------------------------------------------------------------------------------------
case('ttl-borders', 'TTLs of 1, 5, 6 and 0 under cache 10, asked every 0.9 s by two clients: when each is asked for again',
     {'pods': pods(['one', 'two', 'three', 'four'])}, {'dns1': core(cache='cache 10')},
     {n: steady(n, k, f'{n}.example.com.', round(0.55 + i / 10, 2), 0.9, 15, family='4') for i, (n, k) in enumerate([('one', 'glibc'), ('two', 'musl'), ('three', 'go'), ('four', 'glibc')])},
     releases=['1.7.0', '1.10.1', '1.12.4', '1.15.0'], conntrack='none',
     servers=up(answers={f'{n}.example.com A': [f'{n}.example.com {t} IN A 10.0.0.1'] for n, t in zip(('one', 'two', 'three', 'four'), (1, 5, 6, 0))}))
case('negative-ttl-borders', 'Names that appear after they were asked for: SOA minimum 3, 8 and 3600 under denial 12',
     {'pods': pods(['one', 'two', 'three'])}, {'dns1': core(cache='cache 30 {\n  denial 9984 12 4\n }')},
     {n: steady(n, k, f'new.{n}.test.', round(0.55 + i / 10, 2), 1.1, 16, family='4') for i, (n, k) in enumerate([('one', 'glibc'), ('two', 'musl'), ('three', 'go')])},
     [{'at': 2.1, 'server': 'up1', 'set': {'answers': {f'new.{n}.test A': [f'new.{n}.test 30 IN A 10.0.0.1'] for n in ('one', 'two', 'three')}}}],
     releases=['1.8.6', '1.11.3', '1.14.7'], conntrack='none',
     servers=up(answers={f'new.{n}.test A': {'rcode': 'nxdomain', 'authority': [f'{n}.test {t} IN SOA ns.{n}.test. host.{n}.test. 1 7200 900 1209600 {m}']} for n, t, m in (('one', 60, 3), ('two', 8, 60), ('three', 3600, 3600))}))
case('stale-verify-slow-upstream', 'serve_stale with verify and an upstream that becomes slow (1.5 s): each lookup after expiry pays for it, or not, by release',
     {'pods': pods(['app', 'go'])}, {'dns1': {'corefile': {'1.14.7': core(cache='cache 30 {\n  serve_stale 1h verify 500ms\n }')['corefile'], '1.15.0': core(cache='cache 30 {\n  serve_stale 1h verify 500ms\n }')['corefile'], '*': core(cache='cache 30 {\n  serve_stale 1h verify\n }')['corefile']}, 'files': {'cluster.zone': ZONE}}},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.7, 2.7, 10, family='4'), 'go': steady('go', 'go', 'redis.example.com.', 9.9, 2.7, 6, family='4')},
     [{'at': 3.0, 'server': 'up1', 'set': {'delay': 1.5}}, {'at': 14.0, 'server': 'up1', 'set': {'answers': redis(5, '10.0.0.2')}}], releases=['1.9.4', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers=redis(5)))
case('stale-immediate-two-clients', 'serve_stale immediate with prefetch, a record that changes while the upstream is slow, asked by two clients over both families',
     {'pods': pods(['app', 'musl'])}, {'dns1': core(cache='cache 20 {\n  serve_stale 30s immediate\n  prefetch 2 1m 30%\n }')},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.75, 1.9, 16), 'musl': steady('musl', 'musl', 'redis.example.com.', 1.15, 2.9, 10)},
     [{'at': 4.0, 'server': 'up1', 'set': {'delay': 0.9, 'answers': redis(6, '10.0.0.2')}}, {'at': 17.0, 'server': 'up1', 'set': {'mode': 'nxdomain', 'delay': 0}}, {'at': 24.0, 'server': 'up1', 'set': {'mode': 'answer'}}], releases=ALL, conntrack='none', servers=up(answers=redis(6)))
case('keepttl-and-stale', 'keepttl: TTLs do not count down, the JVM and c-ares are told more than is left',
     {'pods': pods(['app', 'nodejs'])}, {'dns1': core(cache='cache 8 {\n  keepttl\n  serve_stale 10s\n }')},
     {'dig': {'pod': 'app', 'resolver': 'dig', 'calls': [{'at': t, 'name': f'@{VIP} +noall +answer redis.example.com'} for t in (0.7, 3.2, 6.7, 9.4, 12.7)]}, 'cares': steady('nodejs', 'node', 'redis.example.com', 1.9, 2.3, 8)},
     [{'at': 5.0, 'server': 'up1', 'set': {'answers': redis(60, '10.0.0.2')}}], releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers=redis(60)))
case('big-answer-cached-for-small-clients', 'A large answer is fetched by a client with EDNS and stands in the cache for those without: truncated each for its size',
     {'pods': pods(['edns', 'glibc', 'musl', 'go', 'nodejs'], edns={'resolv_conf': PLAIN + 'options edns0\n'})}, {'dns1': core('bufsize 4096')},
     {'edns': call('edns', 'glibc', (0.7, 'big.example.org.'), (8.7, 'huge.example.org.'), family='4'), **spread(['big.example.org.', 'huge.example.org.'], clients=('glibc', 'musl', 'go', 'lookup'), start=2.5, gap=8.3, family='4')},
     releases=['1.7.0', '1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers={**many('big.example.org', 60), **many('huge.example.org', 150)}))
case('cache-kept-apart-by-family', 'A and AAAA of one name with other TTLs change at different times: clients see mixtures',
     {'pods': pods(['glibc', 'musl', 'go'])}, {'dns1': core(cache='cache 60')},
     {n: steady(n, n, 'dual.example.org.', round(0.55 + i / 10, 2), 1.63, 10) for i, n in enumerate(['glibc', 'musl', 'go'])},
     [{'at': 3.0, 'server': 'up1', 'set': {'answers': {'dual.example.org A': ['dual.example.org 7 IN A 192.0.2.2'], 'dual.example.org AAAA': ['dual.example.org 12 IN AAAA 2001:db8::2']}}}], releases=['1.8.0', '1.14.7'], conntrack='none',
     servers=up(answers={'dual.example.org A': ['dual.example.org 7 IN A 192.0.2.1'], 'dual.example.org AAAA': ['dual.example.org 12 IN AAAA 2001:db8::1']}))

# --- recursor and authority behind -----------------------------------------------------------------------------------------------
AUTH = '$TTL {ttl}\n@ IN SOA ns host {n} 7200 900 1209600 {neg}\n@ IN NS ns\nns IN A 192.168.100.22\n'
REC = ' msg-cache-slabs: 1\n{more}stub-zone:\n name: example.com\n stub-addr: 192.168.100.22\n'
def auth(text, **k): return {'auth': {'address': UP2, 'zones': {'example.com': AUTH.format(**{'ttl': 60, 'n': 1, 'neg': 60, **k}) + text}}}
def change(at, text, **k): return {'at': at, 'named': 'auth', 'zone': 'example.com', 'text': AUTH.format(**{'ttl': 60, 'n': 2, 'neg': 60, **k}) + text}
def rec1(more=''): return {'rec1': {'address': UP3, 'config': REC.format(more=more)}}
case('unbound-serve-expired', 'unbound serves expired answers while its authority is dead, CoreDNS keeps their TTL of 30: how long the old address lives in all',
     {'pods': pods(['app', 'go'])}, {'dns1': core(forward=f'forward . {UP3}', cache='cache 5')},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.7, 2.3, 16, family='4'), 'go': steady('go', 'go', 'other.example.com.', 1.1, 6.1, 6, family='4')},
     [{'at': 4.0, 'rule': f'iptables -I INPUT -d {UP2} -p udp --dport 53 -j DROP', 'of': 'outside'}, {'at': 21.0, 'rule': f'iptables -D INPUT -d {UP2} -p udp --dport 53 -j DROP', 'of': 'outside'}],
     releases=['1.11.1', '1.14.7'], conntrack='none', log=False, named=auth('redis 7 IN A 10.0.0.1\nother 7 IN A 10.0.0.2\n'), unbound=rec1(' serve-expired: yes\n serve-expired-ttl: 60\n'))
case('authority-direct-cnames', 'BIND as upstream, by stub zone: CNAMEs within and out of the zone, delegations, a wildcard; CoreDNS passes on what it is given',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'])}, {'dns1': core(forward=f'forward example.com {UP2}')},
     spread(['alias.example.com.', 'out.example.com.', 'x.wild.example.com.', 'host.sub.example.com.', 'none.example.com.'], gap=1.9),
     releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none', named=auth('alias IN CNAME redis\nredis IN A 10.0.0.1\nredis IN AAAA fd00::1\nout IN CNAME www.example.org.\n*.wild IN A 10.0.0.9\nsub IN NS ns.sub\nns.sub IN A 192.168.100.99\n'))
case('authority-changes-two-ways', 'A pod of stub zone and one through unbound see a change of the authority at different times',
     {'pods': pods(['app', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}},
     {'dns1': core(forward=f'forward . {UP2}', cache='cache 9'), 'dns2': core(forward=f'forward . {UP3}', cache='cache 9')},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.7, 1.3, 24, family='4'), 'go': steady('go', 'go', 'redis.example.com.', 0.9, 1.3, 24, family='4')},
     [change(5.3, 'redis 13 IN A 10.0.0.2\n'), change(17.3, 'redis2 13 IN A 10.0.0.2\n', n=3, neg=4)], releases=['1.8.6', '1.14.7'], conntrack='none', named=auth('redis 13 IN A 10.0.0.1\n'), unbound=rec1())
case('unbound-rejected', 'The recursor\'s host rejects UDP with port unreachable, and TCP stays; later all is silent',
     {'pods': pods(['glibc', 'go'])}, {'dns1': core(forward=f'forward . {UP3} {UP1} {{\n  policy sequential\n }}', cache='')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.7, 3.3, 7, family='4'), 'go': steady('go', 'go', 'redis.example.com.', 1.1, 3.3, 7, family='4')},
     [{'at': 3.0, 'rule': f'iptables -I INPUT -d {UP3} -p udp --dport 53 -j REJECT --reject-with icmp-admin-prohibited', 'of': 'outside'}, {'at': 13.1, 'rule': f'iptables -D INPUT -d {UP3} -p udp --dport 53 -j REJECT --reject-with icmp-admin-prohibited', 'of': 'outside'}],
     releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', named=auth('redis 60 IN A 10.0.0.1\n'), unbound=rec1(), servers=up(answers=redis(60, '10.0.0.9')))

# --- rollouts -------------------------------------------------------------------------------------------------------------------------
case('rollout-two-in-turn', 'A rollout of two pods in turn with lameduck 2 s: fixed ports, fresh ports, TCP; with clean-up each time',
     {'pods': {**pods(['app', 'go', 'fixed', 'vc'], dns=('dns1', 'dns2'), app={'resolv_conf': PLAIN + 'options timeout:1 attempts:3\n'}, vc={'resolv_conf': PLAIN + 'options use-vc timeout:1 attempts:2\n'}), 'dns3': {'address': DNS3, 'later': True}}, 'services': {'kube-dns': kube_dns(DNS1)}},
     {'dns1': core('health {\n  lameduck 2s\n }'), 'dns2': core('health {\n  lameduck 2s\n }', zone=ZONE.replace('10.96.5.5', '10.96.6.6')), 'dns3': core(zone=ZONE.replace('10.96.5.5', '10.96.7.7'))},
     {'app': steady('app', 'glibc', WEB, 0.55, 1.1, 18, family='4'), 'go': steady('go', 'go', WEB, 0.3, 2.3, 9, family='4'), 'fixed': port('fixed', 42000, 0.95, 1.1, 18, connected=True), 'vc': steady('vc', 'glibc', WEB, 1.15, 2.3, 8, family='4')},
     [{'at': 4.2, 'signal': 'SIGTERM', 'of': 'dns1'}, {'at': 5.3, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 5.42, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 8.2, 'pod_create': 'dns3'},
      {'at': 12.35, 'endpoints': {'kube-dns': [DNS3]}}, {'at': 12.45, 'conntrack_delete': {'service': VIP, 'endpoint': DNS2}}, {'at': 12.6, 'signal': 'SIGTERM', 'of': 'dns2'}],
     releases=['1.8.6', '1.14.7'], fixed_ports=['42000'])
case('killed-and-restarted-twice', 'The only CoreDNS is killed and started 1.5 s later, twice: refusals in between, caches empty after',
     {'pods': pods(['glibc', 'musl', 'go', 'java', 'fixed'], resolv_conf=PLAIN + 'options timeout:2 attempts:3\n')}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.7, 1.3, 12, family='4'), 'musl': call('musl', 'musl', (4.3, WEB), (11.3, WEB)), 'go': call('go', 'go', (4.5, WEB), (11.5, WEB)), 'java': call('java', 'java-v4', (4.7, BARE), (11.1, BARE), (16.1, BARE)), 'fixed': port('fixed', 42000, 0.9, 1.3, 12)},
     [{'at': 4.1, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 5.4, 'start': 'dns1'}, {'at': 11.0, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 12.3, 'start': 'dns1'}],
     releases=['1.11.1', '1.14.7'], fixed_ports=['42000'], servers=up(answers=redis(60)))
case('endpoints-empty-while-waiting', 'The endpoints go (REJECT) and come back while clients wait for a slow upstream: whose retry meets which rule',
     {'pods': pods(['glibc', 'musl', 'go', 'conn'], resolv_conf=PLAIN + 'options timeout:2 attempts:3\n')}, {'dns1': core(cache='')},
     {'glibc': call('glibc', 'glibc', (1.1, 'one.example.org.'), (9.1, 'one.example.org.'), family='4'), 'musl': call('musl', 'musl', (1.3, 'one.example.org.'), family='4'), 'go': call('go', 'go', (1.5, 'one.example.org.'), (9.5, 'one.example.org.'), family='4'), 'conn': port('conn', 42000, 0.9, 2.3, 5, name='one.example.org', connected=True)},
     [{'at': 2.2, 'endpoints': {'kube-dns': []}, 'reject': True}, {'at': 2.4, 'conntrack_delete': {'service': VIP}}, {'at': 5.7, 'endpoints': {'kube-dns': [DNS1]}}, {'at': 8.2, 'snapshot': 1}], releases=['1.11.1', '1.14.7'], fixed_ports=['42000'],
     servers=up(delay=1.4, answers=answers(one__example__org='192.0.2.1')))

# --- NodeLocal DNSCache -------------------------------------------------------------------------------------------------------------
case('nodelocal-both-listeners', 'NodeLocal on its own address and the Service\'s: pods need not change; it is killed and its addresses and rules go',
     {'pods': pods(['glibc', 'go', 'fixed'], resolv_conf=KUBE + 'options timeout:1\n'), 'node_addresses': ['169.254.20.10', VIP],
      'node_rules': ['*raw', *[f'-A {chain} {way} {a}/32 -p {proto} -m {proto} --{end} 53 -j NOTRACK' for a in ('169.254.20.10', VIP) for proto in ('udp', 'tcp') for chain, way, end in (('PREROUTING', '-d', 'dport'), ('OUTPUT', '-d', 'dport'), ('OUTPUT', '-s', 'sport'))], 'COMMIT'],
      'services': {'kube-dns': kube_dns(DNS1), 'kube-dns-upstream': kube_dns(DNS1, address='10.96.0.11')}},
     {'node': {**node_local(), 'corefile': node_local()['corefile'].replace('bind 169.254.20.10', f'bind 169.254.20.10 {VIP}').replace(f'forward . {VIP} {{', 'forward . 10.96.0.11 {')}, 'dns1': core()},
     {'glibc': steady('glibc', 'glibc', 'web', 0.7, 1.9, 9, family='4'), 'go': steady('go', 'go', 'web', 0.9, 3.7, 5, family='4'), 'fixed': port('fixed', 42000, 1.1, 1.9, 9)},
     [{'at': 6.0, 'signal': 'SIGTERM', 'of': 'node'}, {'at': 8.9, 'rule': f'ip addr del {VIP}/32 dev lo'}, {'at': 9.0, 'rule': 'iptables -t raw -F PREROUTING'}, {'at': 9.1, 'rule': 'iptables -t raw -F OUTPUT'}],
     releases=['1.8.6', '1.14.7'], fixed_ports=['42000'])
case('nodelocal-truncated', 'Large answers through NodeLocal (force_tcp to the cluster, UDP outside): truncated for the client, fetched over TCP',
     {'pods': pods(['glibc', 'musl', 'go', 'edns'], resolv_conf=LOCAL, edns={'resolv_conf': LOCAL + 'options edns0\n'}), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core(zone=ZONE + ''.join(f'many.default.svc IN A 10.1.0.{i}\n' for i in range(1, 51)))},
     {n: call(n, k, (round(0.7 + i / 10, 1), 'many.default.svc.cluster.local.'), (round(3.7 + i / 10, 1), 'big.example.org.'), family='4') for i, (n, k) in enumerate([('glibc', 'glibc'), ('musl', 'musl'), ('go', 'go'), ('edns', 'glibc')])},
     releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none', servers=up(answers=many('big.example.org', 60)))
case('nodelocal-upstream-external-dead', 'NodeLocal sends other names to a server outside that dies; the cluster\'s names are not touched by it',
     {'pods': pods(['glibc', 'go', 'java'], resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.7, 'web'), (4.7, 'www.example.org'), (32.7, 'web')), 'go': call('go', 'go', (5.1, 'web'), (6.1, 'www.example.org')), 'java': call('java', 'java-v4', (7.1, 'web'), (8.1, 'www.example.org'))},
     [{'at': 2.0, 'server': 'up1', 'set': {'mode': 'drop'}}], releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', until=40, servers=up(answers=answers(www__example__org='192.0.2.80')))

# --- dig and plain sockets --------------------------------------------------------------------------------------------------------
case('dig-more', 'dig with other options: TCP, no EDNS, small buffers, ANY, reverse names, classes, several servers',
     {'pods': pods(['app'], resolv_conf=KUBE)}, {'dns1': core('any', zone=ZONE + 'txt.default.svc IN TXT "a text" "and more"\n_dns._udp.web.default.svc IN SRV 0 100 53 web.default.svc\n')},
     {'app': {'pod': 'app', 'resolver': 'dig', 'calls': [{'at': round(0.5 + i, 1), 'name': n} for i, n in enumerate([f'@{VIP} +tcp {BARE}', f'@{VIP} +noedns {BARE}', f'@{VIP} +bufsize=512 big.example.org', f'@{VIP} +ignore big.example.org', f'@{VIP} {BARE} ANY', f'@{VIP} txt.default.svc.cluster.local TXT',
      f'@{VIP} _dns._udp.web.default.svc.cluster.local SRV', f'@{VIP} +norecurse www.example.org', f'@{VIP} -x 10.96.5.5', '+search web', f'@{VIP} +noedns +tcp big.example.org', f'@{VIP} +dnssec {BARE}', f'@{VIP} +nocookie +noall +answer {BARE}'])]}},
     releases=['1.11.1', '1.14.7'], conntrack='none', servers=up(answers={**many('big.example.org', 40), **answers(www__example__org='192.0.2.80')}))
case('plain-sockets-other-types', 'Plain sockets with other types and time-outs: AAAA, MX, SRV, TXT, SOA, PTR over one port each',
     {'pods': pods(['app', 'other'])}, {'dns1': core(zone=DUAL)},
     {f's{i}': port('app' if i % 2 else 'other', 42000 + i, round(0.6 + i / 10, 1), 1.7, 3, type=t, name=n, connected=bool(i % 3)) for i, (t, n) in enumerate([('AAAA', BARE), ('MX', BARE), ('SRV', 'nope.cluster.local'), ('SOA', 'cluster.local'), ('NS', 'cluster.local'), ('PTR', '1.2.0.192.in-addr.arpa'), ('TXT', 'www.example.org')])},
     [{'at': 3.4, 'snapshot': 1}], releases=['1.11.1', '1.14.7'], fixed_ports=[str(42000 + i) for i in range(7)], servers=up(answers=answers(www__example__org='192.0.2.80')))


TWO = f'nameserver 10.96.0.11\nnameserver {VIP}\n'
def two_services(): return {'kube-dns': kube_dns(DNS1), 'other-dns': kube_dns(DNS2, address='10.96.0.11')}
SIX = ['glibc', 'musl', 'go', 'nodejs', 'java']

case('two-nameservers-first-fails', 'The first nameserver is a CoreDNS whose upstream is SERVFAIL, then REFUSED, then NXDOMAIN; the second knows the name',
     {'pods': pods(SIX, dns=('dns1', 'dns2'), resolv_conf=TWO), 'services': two_services()},
     {'dns1': core(cache=''), 'dns2': core(forward=f'forward . {UP2}', cache='')},
     spread(['sf.example.org.', 'rf.example.org.', 'nx.example.org.', 'nd.example.org.', 'ni.example.org.', 'fe.example.org.'], clients=('glibc', 'go', 'lookup', 'cares', 'java'), gap=3.3),
     releases=['1.11.1', '1.14.7'], conntrack='none',
     servers={'up1': {'address': UP1, 'answers': {k: v for n in ('sf', 'rf', 'nx', 'nd', 'ni', 'fe') for k, v in answers(**{n + '__example__org': '192.0.2.1'}).items()}},
              'up2': {'address': UP2, 'answers': {'sf.example.org *': {'rcode': 'servfail'}, 'rf.example.org *': {'rcode': 'refused'}, 'nx.example.org *': {'rcode': 'nxdomain', 'authority': [SOA]}, 'nd.example.org *': {'authority': [SOA]}, 'ni.example.org *': {'rcode': 'notimp'}, 'fe.example.org *': {'rcode': 'formerr'}}}})
case('two-nameservers-first-slow', 'The first nameserver\'s upstream takes 2.7 s, the second answers at once: timeout:1, timeout:3 and defaults',
     {'pods': pods(['glibc', 'one', 'three', 'go', 'gone', 'musl'], dns=('dns1', 'dns2'), resolv_conf=TWO, one={'resolv_conf': TWO + 'options timeout:1\n'}, three={'resolv_conf': TWO + 'options timeout:3 attempts:1\n'}, gone={'resolv_conf': TWO + 'options timeout:1 attempts:1\n'}), 'services': two_services()},
     {'dns1': core(), 'dns2': core(forward=f'forward . {UP2} {{\n  max_fails 0\n }}', cache='')},
     {n: call(n, k, (round(0.7 + i / 10, 1), f'{n}.example.org.'), family='4') for i, (n, k) in enumerate([('glibc', 'glibc'), ('one', 'glibc'), ('three', 'glibc'), ('go', 'go'), ('gone', 'go'), ('musl', 'musl')])},
     releases=['1.8.6', '1.14.7'], conntrack='none', until=12,
     servers={'up1': {'address': UP1, 'default': 'nodata', 'answers': {f'{n}.example.org A': [f'{n}.example.org 60 IN A 192.0.2.1'] for n in ('glibc', 'one', 'three', 'go', 'gone', 'musl')}},
              'up2': {'address': UP2, 'delay': 2.7, 'answers': {'*.example.org A': {'rcode': 'servfail'}}}})
case('odd-names', 'Literals, localhost, names too long, with underscores, upper case, empty labels and a single dot, as each client takes them',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=KUBE)}, {'dns1': core()},
     spread(['10.1.2.3', '::1', 'UPPER.example.org.', 'a_b.example.org.', 'x..example.org', 'l' * 63 + '.example.org.', 'l' * 64 + '.example.org.', '1.2.3', '-dash.example.org.', 'a b.example.org.'], gap=0.9, start=1.5),
     releases=['1.14.7'], conntrack='none', servers=up(answers={'* A': ['x.example.org 60 IN A 192.0.2.9'], 'upper.example.org A': ['upper.example.org 60 IN A 192.0.2.1'], 'a_b.example.org A': ['a_b.example.org 60 IN A 192.0.2.2'], '-dash.example.org A': ['-dash.example.org 60 IN A 192.0.2.4']}))
case('one-family-names', 'Names with addresses of one family alone, asked for the other, for both: who says no such name, who no address',
     {'pods': pods(['glibc', 'v4', 'musl', 'musl4', 'go', 'go4', 'nodejs', 'java', 'javadual'], resolv_conf=KUBE)}, {'dns1': core(zone=ZONE + 'six.default.svc IN AAAA fd00::66\nmx.default.svc IN MX 10 web.default.svc\n')},
     {n: call(p, k, *[(round(1.7 + i * 1.3 + j / 10, 2), x) for i, x in enumerate(['six', 'mx', 'web', 'six.default.svc.cluster.local.', 'default'])], **f) for j, (n, p, k, f) in enumerate([('glibc', 'glibc', 'glibc', {}), ('v4', 'v4', 'glibc', {'family': '4'}), ('musl', 'musl', 'musl', {}), ('musl4', 'musl4', 'musl', {'family': '4'}), ('go', 'go', 'go', {}), ('go4', 'go4', 'go', {'family': '4'}), ('lookup', 'nodejs', 'node-lookup', {}), ('java', 'java', 'java-v4', {}), ('dual', 'javadual', 'java', {})])},
     releases=['1.8.6', '1.14.7'], conntrack='none')
case('udp-timers-mid-run', 'nf_conntrack_udp_timeout and _stream are set while flows live: which keep theirs, until when',
     {'pods': pods(['app', 'two', 'three'], dns=('dns1', 'dns2'))}, {'dns1': core(), 'dns2': core()},
     {'app': port('app', 42000, 0.5, 3.1, 12), 'two': {**port('two', 42001, 0, 0, 0), 'times': [0.7, 3.3, 18.7, 31.2]}, 'three': {**port('three', 42002, 0, 0, 0), 'times': [4.1, 12.6, 21.4]}},
     [{'at': 2.2, 'rule': 'sysctl -qw net.netfilter.nf_conntrack_udp_timeout=6'}, {'at': 8.3, 'rule': 'sysctl -qw net.netfilter.nf_conntrack_udp_timeout_stream=12'}, {'at': 10.4, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 15.2, 'snapshot': 1}, {'at': 25.2, 'snapshot': 1}], releases=['1.14.7'], fixed_ports=['42000', '42001', '42002'])
case('one-way-two-receivers', 'One-way datagrams to a Service that moves between two receivers, back and forth, with and without clean-up; a second sender starts late',
     {'pods': {'app': {'address': '10.244.1.10'}, 'late': {'address': '10.244.1.11'}, 'dns1': {'address': DNS1}, 'log1': {'address': '10.244.1.30'}, 'log2': {'address': '10.244.1.31'}},
      'services': {'kube-dns': kube_dns(DNS1), 'syslog': {'address': '10.96.0.20', 'ports': {'syslog': ['udp', 514]}, 'endpoints': ['10.244.1.30']}}}, {'dns1': core()},
     {'app': {'pod': 'app', 'resolver': 'udp', 'source_port': 42514, 'to': ['10.96.0.20', 514], 'text': 'a %n', 'at': 0.5, 'every': 1, 'count': 36}, 'late': {'pod': 'late', 'resolver': 'udp', 'source_port': 42514, 'to': ['10.96.0.20', 514], 'text': 'b %n', 'at': 9.8, 'every': 1, 'count': 12}},
     [{'at': 6.2, 'endpoints': {'syslog': ['10.244.1.31']}}, {'at': 13.2, 'conntrack_delete': {'service': '10.96.0.20'}}, {'at': 16.2, 'endpoints': {'syslog': []}, 'reject': True}, {'at': 18.2, 'snapshot': 1}, {'at': 20.2, 'conntrack_delete': {'service': '10.96.0.20'}}, {'at': 24.2, 'endpoints': {'syslog': ['10.244.1.30']}}, {'at': 30.2, 'snapshot': 1}],
     releases=['1.11.1'], receivers={'log1': {'pod': 'log1', 'port': 514}, 'log2': {'pod': 'log2', 'port': 514}}, fixed_ports=['42514'])
case('direct-to-the-pod', 'Clients that ask the pod itself, without the Service: killed, silent, back; what conntrack tracks of it',
     {'pods': pods(['glibc', 'go', 'app', 'conn'], resolv_conf=f'nameserver {DNS1}\noptions timeout:2 attempts:2\n')}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 0.7, 2.9, 8, family='4'), 'go': call('go', 'go', (3.7, WEB), (9.4, WEB), (19.7, WEB)), 'app': port('app', 42000, 0.9, 2.3, 10, to=[DNS1, 53]), 'conn': port('conn', 42001, 1.1, 2.3, 10, to=[DNS1, 53], connected=True)},
     [{'at': 3.2, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 8.8, 'pod_silent': 'dns1'}, {'at': 16.4, 'pod_back': 'dns1'}, {'at': 12.2, 'snapshot': 1}], releases=['1.14.7'], conntrack='all', fixed_ports=['42000', '42001'])
CASES[-1]['steps'].sort(key=lambda s: s['at'])
case('tcp-reset-by-rule', 'TCP lookups through the Service while a rule resets, then rejects by ICMP, then drops them; UDP goes on',
     {'pods': pods(['vc', 'go', 'udp'], resolv_conf=PLAIN + 'options use-vc timeout:2 attempts:2\n', udp={'resolv_conf': PLAIN}, vc={'sysctl': {'net.ipv4.tcp_syn_retries': '1'}})}, {'dns1': core()},
     {'vc': call('vc', 'glibc', (0.7, WEB), (2.7, WEB), (7.7, WEB), (22.7, WEB), family='4'), 'go': call('go', 'go', (0.9, WEB), (2.9, WEB), (7.9, WEB), (22.9, WEB)), 'udp': steady('udp', 'glibc', WEB, 1.1, 3.3, 7, family='4')},
     [{'at': 2.1, 'rule': f'iptables -I FORWARD -d {DNS1} -p tcp --dport 53 -j REJECT --reject-with tcp-reset'}, {'at': 7.1, 'rule': f'iptables -R FORWARD 1 -d {DNS1} -p tcp --dport 53 -j REJECT --reject-with icmp-port-unreachable'}, {'at': 12.1, 'rule': f'iptables -R FORWARD 1 -d {DNS1} -p tcp --dport 53 -j DROP'}], releases=['1.14.7'], conntrack='all')
case('hosts-file-changes', 'hosts with reload 1s under cache 10: a line changes, one goes, one comes; NXDOMAIN kept by denial 3',
     {'pods': pods(['glibc', 'musl', 'go'])}, {'dns1': {'corefile': '.:53 {\n errors\n log\n cache {\n  success 9984 10\n  denial 9984 3\n }\n hosts db.hosts {\n  reload 1s\n  ttl 6\n }\n}\n', 'files': {'db.hosts': '10.0.0.1 db.corp.test\n10.0.0.2 old.corp.test\n'}}},
     {'glibc': steady('glibc', 'glibc', 'db.corp.test.', 0.72, 1.31, 14, family='4'), 'musl': steady('musl', 'musl', 'old.corp.test.', 0.82, 1.31, 14, family='4'), 'go': steady('go', 'go', 'new.corp.test.', 0.92, 1.31, 14, family='4')},
     [{'at': 4.45, 'of': 'dns1', 'file': 'db.hosts', 'text': '10.0.0.9 db.corp.test\n10.0.0.3 new.corp.test\n'}], releases=['1.8.6', '1.12.4', '1.15.0'], conntrack='none', log=False)
case('zone-reload-positive', 'file with reload 2s, serial and records changed under cache 8; the same record without a new serial is not taken',
     {'pods': pods(['glibc', 'go'])}, {'dns1': {'corefile': '.:53 {\n errors\n file cluster.zone cluster.local {\n  reload 2s\n }\n cache 8\n}\n', 'files': {'cluster.zone': ZONE}}},
     {'glibc': steady('glibc', 'glibc', WEB, 0.72, 1.31, 18, family='4'), 'go': steady('go', 'go', 'shop.default.svc.cluster.local.', 0.92, 1.31, 18, family='4')},
     [{'at': 3.3, 'of': 'dns1', 'file': 'cluster.zone', 'text': ZONE.replace('10.96.5.5', '10.96.5.6')}, {'at': 9.3, 'of': 'dns1', 'file': 'cluster.zone', 'text': ZONE.replace('hostmaster 1', 'hostmaster 2').replace('10.96.5.5', '10.96.5.7') + 'shop.default.svc IN A 10.96.8.8\n'}], releases=['1.8.6', '1.11.1', '1.14.7'], conntrack='none', log=False)
case('server-blocks-two-caches', 'cluster.local and the rest in blocks of their own, with caches, logs and upstreams of their own; a CNAME leads from one into the other',
     {'pods': pods(['glibc', 'musl', 'go'], resolv_conf=KUBE)}, {'dns1': {'corefile': 'cluster.local:53 {\n errors\n log . "{name} {type} {rcode}"\n cache 6\n file cluster.zone cluster.local\n}\nexample.org:53 {\n log . "org {name} {type} {rcode}"\n cache 20\n forward . 192.168.100.21\n}\n.:53 {\n errors\n cache 3\n forward . 192.168.100.22\n}\n', 'files': {'cluster.zone': DUAL + 'out.default.svc IN CNAME www.example.org.\n'}}},
     spread(['web', 'out', 'www.example.org', 'www.other.test', 'out', 'www.other.test'], clients=('glibc', 'musl', 'go'), gap=1.7),
     releases=['1.8.6', '1.11.1', '1.15.0'], conntrack='none', servers={'up1': {'address': UP1, 'answers': {**answers(www__example__org='192.0.2.80')}}, 'up2': {'address': UP2, 'answers': answers(www__other__test='192.0.2.90')}})
case('rewrite-search-suffix', 'rewrite maps a company\'s suffix onto the cluster\'s and back: search lists, answers under the asked name, NXDOMAIN through it',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs'], resolv_conf=PLAIN + 'search svc.corp.test corp.test\noptions ndots:2\n')}, {'dns1': core('rewrite stop name suffix .svc.corp.test .default.svc.cluster.local answer auto', zone=DUAL)},
     spread(['web', 'kubernetes', 'none', 'web.svc.corp.test.'], gap=2.1),
     releases=['1.9.4', '1.11.3', '1.14.7'], conntrack='none', servers=up(answers={'none.corp.test A': ['none.corp.test 60 IN A 192.0.2.7'], 'none.corp.test AAAA': {'authority': [SOA]}}))
case('upstream-formerr-to-edns', 'An upstream that knows no EDNS: FORMERR or nothing of it in its reply, with clients that send it and bufsize that adds none',
     {'pods': pods(['edns', 'go', 'plain'], edns={'resolv_conf': PLAIN + 'options edns0\n'})}, {'dns1': core(cache='')},
     {n: call(n, k, (round(0.7 + i / 10, 1), 'noedns.example.org.'), (round(2.7 + i / 10, 1), 'formerr.example.org.'), (round(4.7 + i / 10, 1), 'badid.example.org.'), family='4') for i, (n, k) in enumerate([('edns', 'glibc'), ('go', 'go'), ('plain', 'glibc')])},
     releases=['1.7.0', '1.10.1', '1.14.4', '1.15.0'], conntrack='none', servers=up(edns=False, answers={'noedns.example.org A': ['noedns.example.org 60 IN A 192.0.2.1'], 'formerr.example.org A': {'rcode': 'formerr'}, 'badid.example.org A': [{'mode': 'wrongid', 'answer': ['badid.example.org 60 IN A 192.0.2.2']}, {'answer': ['badid.example.org 60 IN A 192.0.2.2']}]}))
case('hairpin-to-itself', 'CoreDNS\'s own pod asks the Service and is sent to itself, by a fixed port that another pod uses too',
     {'pods': pods(['app', 'other'])}, {'dns1': core(cache='')},
     {'app': port('app', 42000, 0.5, 1.7, 7), 'self': port('dns1', 42000, 0.8, 1.7, 7), 'node': port('node', 42000, 1.1, 1.7, 7), 'look': call('dns1', 'glibc', (1.4, WEB), (6.4, WEB))},
     [{'at': 4.0, 'snapshot': 1}, {'at': 5.5, 'endpoints': {'kube-dns': []}, 'reject': True}, {'at': 9.2, 'endpoints': {'kube-dns': [DNS1]}}], conntrack='all', releases=['1.14.7'], fixed_ports=['42000'])
case('unbound-prefetch-min-ttl', 'unbound with cache-min-ttl 9 and prefetch between, CoreDNS with cache 5: three numbers decide when a change is seen',
     {'pods': pods(['app', 'go'])}, {'dns1': core(forward=f'forward . {UP3}', cache='cache 5')},
     {'app': steady('app', 'glibc', 'redis.example.com.', 0.72, 1.31, 24, family='4'), 'go': steady('go', 'go', 'other.example.com.', 0.92, 3.7, 9, family='4')},
     [change(6.3, 'redis 3 IN A 10.0.0.9\nother 14 IN A 10.0.1.9\n')], releases=['1.8.6', '1.14.7'], conntrack='none', log=False, named=auth('redis 3 IN A 10.0.0.1\nother 14 IN A 10.0.1.1\n'), unbound=rec1(' cache-min-ttl: 9\n prefetch: yes\n'))
case('authority-cname-ttls', 'CNAME of TTL 40 onto an address of TTL 6 at the authority, through unbound and cache 30, direct and by CoreDNS alone',
     {'pods': pods(['app', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': two_services()},
     {'dns1': core(forward=f'forward . {UP2}'), 'dns2': core(forward=f'forward . {UP3}')},
     {'app': steady('app', 'glibc', 'alias.example.com.', 0.72, 1.31, 16, family='4'), 'go': steady('go', 'go', 'alias.example.com.', 0.92, 1.31, 16, family='4')},
     [change(5.3, 'alias 40 IN CNAME real\nreal 6 IN A 10.0.0.2\n'), change(12.3, 'alias 40 IN CNAME fresh\nfresh 6 IN A 10.0.0.3\nreal 6 IN A 10.0.0.2\n', n=3)], releases=['1.11.1', '1.15.0'], conntrack='none', named=auth('alias 40 IN CNAME real\nreal 6 IN A 10.0.0.1\n'), unbound=rec1())
case('nodelocal-two-tier-stale', 'serve_stale in the node\'s cache alone, prefetch in CoreDNS: cluster DNS is killed and restarted',
     {'pods': pods(['glibc', 'musl'], resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': {**node_local('  serve_stale 1h\n'), 'corefile': node_local('  serve_stale 1h\n')['corefile'].replace('success 9984 30', 'success 9984 4')}, 'dns1': core(cache='cache 30 {\n  prefetch 1 1m 20%\n }')},
     {'glibc': steady('glibc', 'glibc', WEB, 0.72, 1.91, 14, family='4'), 'musl': steady('musl', 'musl', 'redis.example.com.', 0.92, 3.1, 8, family='4')},
     [{'at': 7.0, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 16.6, 'start': 'dns1'}], releases=['1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(answers=redis(5)))
case('nodelocal-tcp-only-entry', 'The node\'s TCP connection to a pod that is replaced: clean-up deletes UDP entries only; the old pod is stopped with lameduck',
     {'pods': pods(['glibc', 'go'], dns=('dns1', 'dns2'), resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core('health {\n  lameduck 3s\n }'), 'dns2': core(zone=ZONE.replace('10.96.5.5', '10.96.6.6'))},
     {'glibc': steady('glibc', 'glibc', 'n%n.default.svc.cluster.local.', 0.72, 1.31, 14, family='4'), 'go': steady('go', 'go', 'web', 0.92, 4.3, 5, family='4')},
     [{'at': 4.2, 'signal': 'SIGTERM', 'of': 'dns1'}, {'at': 5.3, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 5.4, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 14.2, 'snapshot': 1}], releases=['1.8.6', '1.14.7'])
case('stub-server-lossy', 'A stub zone\'s server loses every second query: CoreDNS asks again after two seconds, clients by their own time',
     {'pods': pods(['glibc', 'go', 'nodejs'])}, {'dns1': {'corefile': 'corp.test:53 {\n errors\n log\n forward . 192.168.100.22\n}\n.:53 {\n errors\n log\n forward . 192.168.100.21\n}\n'}},
     {'glibc': steady('glibc', 'glibc', 'a%n.corp.test.', 0.72, 3.3, 5, family='4'), 'go': steady('go', 'go', 'b%n.corp.test.', 18.2, 3.3, 4, family='4')},
     [{'at': 0.3, 'rule': f'iptables -I FORWARD -d {UP2} -p udp --dport 53 -m statistic --mode nth --every 2 --packet 0 -j DROP'}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='none', servers={'up1': {'address': UP1, 'default': 'nodata'}, 'up2': {'address': UP2, 'default': 'nodata'}})
case('cached-failure-many-clients', 'One name, a silent upstream, five clients one after the other: whose SERVFAIL is cached and whom it serves, by release',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'java'])}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.7, 'one.example.org.'), family='4'), 'go': call('go', 'go', (1.9, 'one.example.org.'), family='4'), 'late': call('glibc', 'glibc', (8.3, 'one.example.org.'), (13.4, 'one.example.org.'), family='4'), 'java': call('java', 'java-v4', (9.1, 'one.example.org'))},
     [{'at': 0.2, 'server': 'up1', 'set': {'mode': 'drop'}}, {'at': 12.1, 'server': 'up1', 'set': {'mode': 'answer'}}], releases=['1.9.4', '1.11.3', '1.14.4', '1.15.0'], conntrack='none', until=30, servers=up(answers=answers(one__example__org='192.0.2.1')))
case('expire-and-restart-upstream', 'force_tcp with expire 4s: the upstream is stopped and started while connections idle; who meets a dead connection',
     {'pods': pods(['glibc'])}, {'dns1': core(forward=f'forward . {UP1} {{\n  force_tcp\n  expire 4s\n }}', cache='')},
     {'glibc': call('glibc', 'glibc', *[(t, f'n{i}.example.org.') for i, t in enumerate([0.7, 2.2, 5.1, 11.6, 13.3])], family='4')},
     [{'at': 6.0, 'server': 'up1', 'set': {'mode': 'closed'}}, {'at': 8.0, 'server': 'up1', 'set': {'mode': 'answer'}}, {'at': 12.2, 'rule': f'iptables -I FORWARD -d {UP1} -p tcp -m tcp --dport 53 -j DROP'}, {'at': 12.9, 'rule': f'iptables -D FORWARD -d {UP1} -p tcp -m tcp --dport 53 -j DROP'}], releases=['1.8.6', '1.11.1', '1.14.7', '1.15.0'], conntrack='all', servers=up(default='nodata'))
case('max-concurrent-two-blocks', 'max_concurrent 1 in front of a slow upstream, three clients at once over both families; REFUSED goes to whom',
     {'pods': pods(['glibc', 'go', 'nodejs'])}, {'dns1': core(forward=f'forward . {UP1} {{\n  max_concurrent 1\n }}')},
     {'glibc': call('glibc', 'glibc', (1.5, 'g.example.org.'), (5.5, 'g.example.org.')), 'go': call('go', 'go', (1.75, 'o.example.org.'), (6.75, 'o.example.org.'), family='4'), 'cares': call('nodejs', 'node', (2.0, 'n.example.org'))},
     releases=['1.8.0', '1.10.1', '1.14.7', '1.15.0'], conntrack='none', servers=up(delay=0.9, answers=answers(g__example__org='192.0.2.1', o__example__org='192.0.2.2', n__example__org='192.0.2.3')))
case('icmp-allowance-shared', 'One node, three clients, REJECT and a closed port at once: whose messages use up whose allowance',
     {'pods': pods(['a', 'b', 'c'], dns=('dns1', 'dns2')), 'services': {'kube-dns': kube_dns(DNS1), 'none-dns': kube_dns(address='10.96.0.12')}}, {'dns1': core(), 'dns2': core()},
     {'a': port('a', 42000, 1.5, 0.21, 14, to=['10.96.0.12', 53], connected=True, timeout=0.2), 'a2': port('a', 42001, 1.6, 0.21, 14, connected=True, timeout=0.2), 'b': port('b', 42002, 1.7, 0.21, 14, to=['10.96.0.12', 53], connected=True, timeout=0.2), 'c': port('c', 42003, 1.8, 0.7, 5, connected=True, timeout=0.5)},
     [{'at': 0.3, 'signal': 'SIGKILL', 'of': 'dns1'}], releases=['1.14.7'], log=False, fixed_ports=['42000', '42001', '42002', '42003'])

LIT = ['10.1.2.3', '1.2.3', '0x7f.1', '0', '08.1', '256.1.1.1', '1.2.3.4.', '::1', 'fe80::1', '::ffff:10.0.0.1']
case('literals', 'Names that are addresses already: what inet_aton takes is one for libc, four decimal numbers for Go; IPv6 asked for by IPv4 alone',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'v4', 'musl4'], resolv_conf=KUBE)}, {'dns1': core()},
     {**spread(LIT, gap=.7), 'v4': call('v4', 'glibc', (1.05, '1.2.3'), (1.75, '::ffff:10.0.0.1'), family='4'), 'musl4': call('musl4', 'musl', (1.15, '1.2.3'), (1.85, '::1'), (2.55, '::ffff:10.0.0.1'), family='4')},
     releases=['1.14.7'], conntrack='none')

if __name__ == '__main__':
    print(json.dumps(CASES))
