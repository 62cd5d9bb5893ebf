#!/usr/bin/env python3
"""The given kinds of cases with other numbers, clients and releases: cases_varied.py > cases.json"""
import json
from cases import (BARE, CASES, DNS1, DNS2, DUAL, FIVE, KUBE, LOCAL, NOTRACK, PLAIN, SOA, UP1, UP2, VIP, WEB, ZONE,
                   answers, call, case, core, everyone, kube_dns, many, node_local, pods, port, up)
from cases_combined import auth, block, change, rec1, redis, spread, steady, two_services, UP3
CASES.clear()
SLOW = PLAIN + 'options timeout:3 attempts:2\n'
case('failover-two-names', 'Two names of TTL 8 and 45 fail over together; cache 20 with a minimum of 10; clients that hold what they got for their own time',
     {'pods': pods(['glibc', 'musl', 'nodejs', 'java'])}, {'dns1': core(cache='cache 20 {\n  success 9984 20 10\n }')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.7, 1.9, 16, family='4'), 'musl': steady('musl', 'musl', 'mysql.example.com.', 1.1, 1.9, 16, family='4'), 'cares': steady('nodejs', 'node', 'redis.example.com', 2.3, 3.7, 8), 'java': steady('java', 'java-v4', 'mysql.example.com', 3.4, 3.7, 14)},
     [{'at': 6.4, 'server': 'up1', 'set': {'answers': {'redis.example.com A': ['redis.example.com 8 IN A 10.0.0.2'], 'mysql.example.com A': ['mysql.example.com 45 IN A 10.0.0.4']}}}], releases=['1.8.6', '1.15.0'], conntrack='none',
     servers=up(answers={**redis(8), 'mysql.example.com A': ['mysql.example.com 45 IN A 10.0.0.3']}))
case('rollout-endpoint-late', 'A pod gets SIGTERM with lameduck 2s, its endpoint goes only 4 s later: fixed and fresh ports, UDP and TCP',
     {'pods': pods(['glibc', 'musl', 'vc', 'app'], dns=('dns1', 'dns2'), resolv_conf=SLOW, vc={'resolv_conf': SLOW + 'options use-vc\n'}), 'services': {'kube-dns': kube_dns(DNS1)}},
     {'dns1': core('health {\n  lameduck 2s\n }'), 'dns2': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 0.7, 1.3, 12, family='4'), 'musl': steady('musl', 'musl', WEB, 0.9, 1.3, 12, family='4'), 'vc': steady('vc', 'glibc', WEB, 1.1, 1.3, 12, family='4'), 'app': port('app', 42000, 0.5, 1.3, 12)},
     [{'at': 3.2, 'signal': 'SIGTERM', 'of': 'dns1'}, {'at': 7.3, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 7.6, 'conntrack_delete': {'service': VIP, 'endpoint': DNS1}}, {'at': 9.2, 'snapshot': 1}], releases=['1.9.4', '1.14.7'], fixed_ports=['42000'])
case('trunc-prefer-udp-after-tcp', 'Forty-five addresses: prefer_udp and force_tcp for two Services; clients with and without EDNS; asked twice',
     {'pods': pods(['glibc', 'edns', 'musl', 'go', 'nodejs', 'gtwo'], dns=('dns1', 'dns2'), edns={'resolv_conf': PLAIN + 'options edns0\n'}, gtwo={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': two_services()},
     {'dns1': core(forward=f'forward . {UP1} {{\n  prefer_udp\n }}'), 'dns2': core(forward=f'forward . {UP1} {{\n  force_tcp\n }}')},
     {n: call(p, k, (round(0.7 + i / 5, 1), q), (round(4.7 + i / 5, 1), q), **({} if k == 'node' else {'family': '4'})) for i, (n, p, k, q) in enumerate([('glibc', 'glibc', 'glibc', 'big.example.org.'), ('edns', 'edns', 'glibc', 'big.example.org.'), ('musl', 'musl', 'musl', 'big.example.org.'), ('go', 'go', 'go', 'big.example.org.'), ('cares', 'nodejs', 'node', 'big.example.org'), ('gtwo', 'gtwo', 'go', 'big.example.org.')])},
     releases=['1.7.0', '1.12.4', '1.15.0'], conntrack='none', servers=up(answers=many('big.example.org', 45)))
case('negative-soa-minimum', 'A name that is not there yet: SOA minimum 7 of TTL 60, denial 12 and 4; three clients ask each 1.7 s, the name comes at 5 s',
     {'pods': pods(['glibc', 'musl', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': two_services()},
     {'dns1': core(cache='cache {\n  success 9984 30\n  denial 9984 12\n }'), 'dns2': core(cache='cache {\n  denial 9984 4\n }')},
     {'glibc': steady('glibc', 'glibc', 'new.example.org.', 0.7, 1.7, 10, family='4'), 'musl': steady('musl', 'musl', 'new.example.org.', 0.9, 1.7, 10, family='4'), 'go': steady('go', 'go', 'new.example.org.', 1.1, 1.7, 10, family='4')},
     [{'at': 5.2, 'server': 'up1', 'set': {'answers': answers(new__example__org='192.0.2.5')}}], releases=['1.6.7', '1.11.3', '1.14.7'], conntrack='none',
     servers=up(answers={'new.example.org *': {'rcode': 'nxdomain', 'authority': [SOA.replace(' 60 IN', ' 60 IN').replace('1209600 60', '1209600 7')]}}))
case('serve-stale-upstream-servfail-slow', 'serve_stale 20s immediate against an upstream that first fails, then is slow, then right again; TTL 4',
     {'pods': pods(['glibc', 'go'], dns=('dns1', 'dns2'), go={'resolv_conf': 'nameserver 10.96.0.11\n'}), 'services': two_services()},
     {'dns1': core(cache='cache 30 {\n  serve_stale 20s\n }'), 'dns2': core(cache='cache 30 {\n  serve_stale 20s verify\n }')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.7, 2.3, 15, family='4'), 'go': steady('go', 'go', 'redis.example.com.', 0.9, 2.3, 15, family='4')},
     [{'at': 3.4, 'server': 'up1', 'set': {'mode': 'servfail'}}, {'at': 11.4, 'server': 'up1', 'set': {'mode': 'answer', 'delay': 1.2, 'answers': redis(4, '10.0.0.2')}}, {'at': 22.4, 'server': 'up1', 'set': {'mode': 'drop', 'delay': 0}}], releases=['1.11.1', '1.14.4', '1.15.0'], conntrack='none', max_upstream=40, max_log=40, servers=up(answers=redis(4)))
case('prefetch-3-hits', 'prefetch 3 10s 40% under a name asked each 0.9 s of TTL 9; the address changes; another name is asked too seldom',
     {'pods': pods(['glibc', 'musl'])}, {'dns1': core(cache='cache 30 {\n  prefetch 3 10s 40%\n }')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.72, 0.91, 26, family='4'), 'musl': steady('musl', 'musl', 'mysql.example.com.', 0.82, 4.3, 6, family='4')},
     [{'at': 8.4, 'server': 'up1', 'set': {'answers': {'redis.example.com A': ['redis.example.com 9 IN A 10.0.0.2'], 'mysql.example.com A': ['mysql.example.com 9 IN A 10.0.0.4']}}}], releases=['1.8.0', '1.11.1', '1.14.7'], conntrack='none', servers=up(answers={**redis(9), 'mysql.example.com A': ['mysql.example.com 9 IN A 10.0.0.3']}))
case('loss-every-third', 'A rule of the node drops each third query, then each second answer: what each client pays',
     {'pods': pods(['glibc', 'musl', 'go', 'two'], two={'resolv_conf': PLAIN + 'options timeout:1 attempts:3 single-request\n'})}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (1.5, WEB), (16.5, WEB)), 'musl': call('musl', 'musl', (13.2, WEB),), 'two': call('two', 'glibc', (28.5, WEB), (36.5, WEB)), 'go': call('go', 'go', (44.5, WEB), (56.5, WEB))},
     [{'at': 1.0, 'rule': 'iptables -I FORWARD 1 -p udp -m udp --dport 53 -m statistic --mode nth --every 3 --packet 1 -j DROP'}, {'at': 28.0, 'rule': 'iptables -D FORWARD 1'}, {'at': 28.1, 'rule': 'iptables -I FORWARD 1 -p udp -m udp --sport 53 -m statistic --mode nth --every 2 --packet 0 -j DROP'}], releases=['1.12.4'], log=False)
case('two-upstreams-policies-one-dies', 'round_robin over two upstreams, one silent from 3 s on, max_fails 1 and health_check 0.7s; back at 14 s',
     {'pods': pods(['app', 'go'])}, {'dns1': core(forward='forward . 192.168.100.21 192.168.100.22 {\n  policy round_robin\n  max_fails 1\n  health_check 0.7s\n }', cache='')},
     {'app': steady('app', 'glibc', 'n%n.example.org.', 0.6, 1.1, 18, family='4', parallel=True), 'go': steady('go', 'go', 'm%n.example.org.', 1.15, 2.2, 9, family='4')},
     [{'at': 3.1, 'server': 'up2', 'set': {'mode': 'drop'}}, {'at': 14.1, 'server': 'up2', 'set': {'mode': 'answer'}}], releases=['1.9.4', '1.13.1', '1.15.0'], conntrack='none',
     servers={'up1': {'address': UP1, 'default': 'nodata'}, 'up2': {'address': UP2, 'default': 'nodata'}})
case('upstream-slower-than-musl', 'An upstream that takes 2.7 s and 4.9 s: musl asks again at 2.5 s, c-ares at two, glibc at five; no cache of CoreDNS between',
     {'pods': pods(['glibc', 'musl', 'nodejs', 'go'])}, {'dns1': core(cache='')},
     {'musl': call('musl', 'musl', (0.7, 'a.example.org.'), (8.7, 'b.example.org.'), family='4'), 'glibc': call('glibc', 'glibc', (16.7, 'a.example.org.'), (22.7, 'b.example.org.'), family='4'), 'go': call('go', 'go', (31.7, 'a.example.org.'), (36.7, 'b.example.org.'), family='4')},
     releases=['1.8.6', '1.14.7'], conntrack='none', until=45, servers=up(answers={f'{n}.example.org A': {'delay': d, 'answer': [f'{n}.example.org 30 IN A 192.0.2.1']} for n, d in zip('ab', (1.9, 4.9))}))
case('pod-same-address-back', 'The pod is gone and comes back with its old address, rules untouched: fixed ports, TCP, and who noticed',
     {'pods': pods(['glibc', 'vc', 'app', 'conn'], resolv_conf=SLOW, vc={'resolv_conf': SLOW + 'options use-vc\n', 'sysctl': {'net.ipv4.tcp_syn_retries': '2'}})}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 0.7, 2.9, 7, family='4'), 'vc': steady('vc', 'glibc', WEB, 0.9, 2.9, 7, family='4'), 'app': port('app', 42000, 0.5, 1.7, 12), 'conn': port('conn', 42001, 0.6, 1.7, 12, connected=True)},
     [{'at': 3.3, 'pod_gone': 'dns1'}, {'at': 9.4, 'pod_back': 'dns1'}, {'at': 12.2, 'snapshot': 1}], releases=['1.14.7'], log=False, fixed_ports=['42000', '42001'], conntrack='all')
case('tcp-and-udp-services', 'UDP rule empty with REJECT, TCP rule full: glibc, Go and musl by UDP fail, use-vc goes on; then the other way round',
     {'pods': pods(['glibc', 'vc', 'go', 'musl'], resolv_conf=PLAIN + 'options timeout:2 attempts:1\n', vc={'resolv_conf': PLAIN + 'options use-vc timeout:2 attempts:1\n', 'sysctl': {'net.ipv4.tcp_syn_retries': '1'}})}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', WEB, 0.7, 2.3, 6, family='4'), 'vc': steady('vc', 'glibc', WEB, 0.9, 2.3, 6, family='4'), 'go': steady('go', 'go', WEB, 1.1, 2.3, 6, family='4'), 'musl': steady('musl', 'musl', WEB, 1.3, 2.3, 6, family='4')},
     [{'at': 2.1, 'rule': f'iptables -I FORWARD -d {DNS1} -p udp --dport 53 -j REJECT'}, {'at': 7.1, 'rule': 'iptables -D FORWARD 1'}, {'at': 7.2, 'rule': f'iptables -I FORWARD -d {DNS1} -p tcp --dport 53 -j REJECT'}], releases=['1.11.1'], conntrack='all', log=False)
case('cname-across-upstreams', 'A CNAME of TTL 5 whose target a stub zone of its own knows; the target changes; NXDOMAIN behind a CNAME; both families',
     {'pods': pods(['glibc', 'musl', 'go'])}, {'dns1': {'corefile': f'example.org:53 {{\n errors\n cache 30\n forward . {UP1}\n}}\ncorp.test:53 {{\n errors\n cache 10\n forward . {UP2}\n}}\n.:53 {{\n errors\n log\n forward . {UP1}\n}}\n', 'files': {}}},
     {'glibc': steady('glibc', 'glibc', 'alias.example.org.', 0.7, 2.1, 9), 'musl': steady('musl', 'musl', 'alias.example.org.', 0.9, 2.1, 9), 'go': call('go', 'go', (1.1, 'gone.example.org.'), (4.4, 'real.corp.test.'), (9.4, 'gone.example.org.'))},
     [{'at': 6.4, 'server': 'up1', 'set': {'answers': {'alias.example.org A': ['alias.example.org 5 IN CNAME real.corp.test', 'real.corp.test 40 IN A 10.0.0.9']}}}], releases=['1.8.6', '1.14.7'], conntrack='none',
     servers={'up1': {'address': UP1, 'answers': {'alias.example.org A': ['alias.example.org 5 IN CNAME real.corp.test', 'real.corp.test 40 IN A 10.0.0.8'], 'alias.example.org AAAA': {'answer': ['alias.example.org 5 IN CNAME real.corp.test'], 'authority': [SOA]}, 'gone.example.org *': {'rcode': 'nxdomain', 'answer': ['gone.example.org 5 IN CNAME no.corp.test'], 'authority': [SOA]}}}, 'up2': {'address': UP2, 'answers': {'real.corp.test A': ['real.corp.test 40 IN A 10.0.0.8'], 'real.corp.test AAAA': {'authority': [SOA]}}}})
case('nodelocal-upstream-pods-roll', 'The node\'s cache over force_tcp while both CoreDNS pods are replaced in turn; cluster and outside names; no cache of successes',
     {'pods': pods(['glibc', 'musl', 'go'], dns=('dns1', 'dns2'), resolv_conf=LOCAL), 'node_addresses': ['169.254.20.10'], 'node_rules': NOTRACK},
     {'node': node_local(), 'dns1': core('health {\n  lameduck 1s\n }'), 'dns2': core()},
     {'glibc': steady('glibc', 'glibc', 'n%n.default.svc.cluster.local.', 0.72, 1.31, 12, family='4'), 'musl': steady('musl', 'musl', 'm%n.example.org.', 0.92, 1.31, 12, family='4'), 'go': call('go', 'go', (2.2, 'web'), (8.7, 'kubernetes'), (14.9, 'web'), family='4')},
     [{'at': 4.2, 'endpoints': {'kube-dns': [DNS2]}}, {'at': 5.3, 'signal': 'SIGTERM', 'of': 'dns1'}], releases=['1.11.1', '1.15.0'], conntrack='service', servers=up(default='nodata'))
case('search-clients-five-endings', 'ndots:3 and four domains: an answer in the third domain, NODATA in the second, a typo, an absolute name; all clients',
     {'pods': pods(FIVE, resolv_conf=PLAIN + 'search ns1.svc.cluster.local default.svc.cluster.local cluster.local good.test\noptions ndots:3\n')}, {'dns1': core(zone=DUAL + 'half.ns1.svc IN TXT x\n')},
     {**spread(['web', 'half', 'web.default.svc', 'host', 'typo.web'], clients=('glibc', 'musl', 'go', 'lookup', 'java'), start=1.1, gap=3.7)},
     releases=['1.10.1', '1.15.0'], conntrack='none', servers=up(default='nxdomain', answers={'host.good.test A': ['host.good.test 30 IN A 192.0.2.4'], 'host.good.test AAAA': {'authority': [SOA]}}))
case('icmp-allowance-two-ports', 'A closed pod asked by two fixed ports of one pod, connected, each 0.8 s; a second pod has its own allowance; REJECT later',
     {'pods': pods(['app', 'other', 'glibc'])}, {'dns1': core()},
     {'one': port('app', 42000, 1.5, 0.8, 20, connected=True), 'two': port('app', 42001, 1.8, 0.8, 20, connected=True), 'three': port('other', 42002, 2.0, 1.6, 10, connected=True), 'glibc': call('glibc', 'glibc', (4.3, WEB), (12.3, WEB))},
     [{'at': 1.0, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 10.4, 'endpoints': {'kube-dns': []}, 'reject': True}], releases=['1.14.7'], log=False, fixed_ports=['42000', '42001', '42002'])
case('unbound-forwarder-two-addresses', 'CoreDNS over unbound that forwards to two servers, the first silent, then both well; serve-expired off; msg TTL of 12',
     {'pods': pods(['glibc', 'go'])}, {'dns1': core(forward=f'forward . {UP3}', cache='cache 6')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.72, 2.31, 9, family='4'), 'go': steady('go', 'go', 'other.example.com.', 0.92, 4.7, 5, family='4')},
     [change(7.3, 'redis 12 IN A 10.0.0.9\nother 40 IN A 10.0.1.9\n')], releases=['1.11.1', '1.14.7'], conntrack='none', log=False, named=auth('redis 12 IN A 10.0.0.1\nother 40 IN A 10.0.1.1\n'), unbound=rec1(' cache-max-ttl: 20\n'))
case('stub-zone-rejected-and-back', 'A stub zone\'s server rejects by ICMP, then by REFUSED, then answers; the other zone is untouched; Node and Java too',
     {'pods': pods(['glibc', 'nodejs', 'java', 'go'])}, {'dns1': {'corefile': f'corp.test:53 {{\n errors\n cache 5\n forward . {UP2}\n}}\n.:53 {{\n errors\n cache 5\n forward . {UP1}\n}}\n', 'files': {}}},
     {'glibc': steady('glibc', 'glibc', 'db.corp.test.', 0.7, 2.7, 7, family='4'), 'cares': steady('nodejs', 'node', 'db.corp.test', 2.4, 5.7, 3), 'java': steady('java', 'java-v4', 'db.corp.test', 3.1, 5.9, 3), 'go': steady('go', 'go', 'www.example.org.', 1.3, 3.3, 5, family='4')},
     [{'at': 0.3, 'server': 'up2', 'set': {'mode': 'closed'}}, {'at': 6.2, 'server': 'up2', 'set': {'mode': 'refused'}}, {'at': 12.2, 'server': 'up2', 'set': {'mode': 'answer'}}], releases=['1.11.1', '1.15.0'], conntrack='none', max_upstream=14, max_log=14,
     servers={'up1': {'address': UP1, 'answers': answers(www__example__org='192.0.2.80')}, 'up2': {'address': UP2, 'answers': {'db.corp.test A': ['db.corp.test 60 IN A 10.9.9.9'], 'db.corp.test AAAA': {'authority': [SOA]}}}})
case('no-endpoints-from-the-start', 'The Service has no endpoint and no rule at first; REJECT comes at 3 s, the endpoint at 7 s; each client\'s first words',
     {'pods': pods(['glibc', 'musl', 'go', 'nodejs', 'app'], resolv_conf=PLAIN + 'options timeout:2 attempts:2\n'), 'services': {'kube-dns': kube_dns()}}, {'dns1': core()},
     {'glibc': call('glibc', 'glibc', (0.9, WEB), (9.4, WEB)), 'musl': call('musl', 'musl', (1.2, WEB), (9.6, WEB)), 'go': call('go', 'go', (1.4, WEB), (9.8, WEB)), 'cares': call('nodejs', 'node', (3.9, BARE)), 'app': port('app', 42000, 0.6, 1.3, 12)},
     [{'at': 3.1, 'endpoints': {'kube-dns': []}, 'reject': True}, {'at': 7.1, 'endpoints': {'kube-dns': [DNS1]}}, {'at': 10.2, 'snapshot': 1}], releases=['1.14.7'], log=False, fixed_ports=['42000'])
case('cache-servfail-and-zone-expire', 'Loop of TTLs: A of TTL 3, cache 30 keeps 5 at least; AAAA SERVFAIL kept; UDP of a fixed port each second across ASSURED',
     {'pods': pods(['glibc', 'app'])}, {'dns1': core(cache='cache 30 {\n  success 9984 30 5\n  servfail 4s\n }')},
     {'glibc': steady('glibc', 'glibc', 'redis.example.com.', 0.7, 1.3, 14), 'app': port('app', 42000, 0.5, 1, 16, name='redis.example.com')},
     [{'at': 7.4, 'server': 'up1', 'set': {'answers': {'redis.example.com A': ['redis.example.com 3 IN A 10.0.0.2'], 'redis.example.com AAAA': {'rcode': 'servfail'}}}}, {'at': 9.2, 'snapshot': 1}], releases=['1.10.1', '1.14.7'], fixed_ports=['42000'],
     servers=up(answers={'redis.example.com A': ['redis.example.com 3 IN A 10.0.0.1'], 'redis.example.com AAAA': {'rcode': 'servfail'}}))
case('kill-and-restart-with-other-zone', 'CoreDNS is killed and started again with another zone file: cached by nobody; Java\'s own cache, Node\'s none',
     {'pods': pods(['glibc', 'nodejs', 'java', 'musl'], resolv_conf=KUBE)}, {'dns1': core()},
     {'glibc': steady('glibc', 'glibc', 'web', 0.7, 1.7, 10), 'lookup': steady('nodejs', 'node-lookup', 'web', 2.2, 3.3, 5), 'java': steady('java', 'java', 'web', 3.0, 5.1, 7), 'musl': steady('musl', 'musl', 'web', 1.2, 3.3, 5)},
     [{'at': 4.2, 'signal': 'SIGKILL', 'of': 'dns1'}, {'at': 4.6, 'of': 'dns1', 'file': 'cluster.zone', 'text': ZONE.replace('10.96.5.5', '10.96.7.7')}, {'at': 8.3, 'start': 'dns1'}], releases=['1.14.7'], conntrack='none', log=False)
json.dump(CASES, open('/dev/stdout', 'w'), indent=1)
