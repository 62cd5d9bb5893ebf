"""Odd names, reloads, late answers, truncation, search lists and options combined otherwise, for all clients."""
from cases import *
CASES = []
def c(client, name, resolv, args, rules, **more): CASES.append(dict(client=client, name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, **more))
T1 = 'options timeout:1\n'
def put(text): return 'sh:printf "%s" > /etc/resolv.conf' % text.replace('\n', '\\n')
COMMON = [
 ('names-odd', SEARCH + NS1, ['1.2.3', '127.1', '0x7f.0.0.1', '::1', 'HOST.Example.COM', 'under_score.example.com', '-dash.example.com', 'dash-.example.com', 'a.', '0'], OK),
 ('names-odd-2', NS1, ['10.0.0.1', '10.0.0.01', '1.2.3.4.5', '2001:db8::1', '2001:db8::1%lo', '1.2.3.4.', 'xn--bcher-kva.example', 'x' * 63 + '.test', 'a.b.c.d.e.f.g.h.i.j'], OK),
 ('long-names', NS1 + 'search a.test\n', ['.'.join(['y' * 62] * 4), '.'.join(['y' * 62] * 3) + '.' + 'z' * 60, '.'.join(['q' * 49] * 5)], [{'do': 'nxdomain'}]),
 ('reload-other-options', K8S, [H, put('nameserver 10.77.0.2\noptions timeout:1 attempts:1\n'), 'sleep:5300', H, put('nameserver 10.77.0.3\nsearch other.test\noptions ndots:3\n'), 'sleep:5300', H], [{'server': S2, 'do': 'drop'}, {'server': S3, 'name': r'.*other\.test\.', 'do': 'answer'}, {'name': r'.*cluster\.local\.', 'do': 'nxdomain'}, {'do': 'answer'}]),
 ('recovers-between-calls', NS2 + T1, [H, H, 'sleep:300', H, H], [first('drop', max=3), {'server': S2, 'max': 2, 'do': 'servfail'}, {'do': 'answer', 'ttl': 0}]),
 ('s1-late-every-time', NS2 + 'options timeout:1 attempts:2\n', [H, H], [first('answer', delay_ms=1300), {'server': S2, 'do': 'nodata'}]),
 ('s2-late-s1-servfail', NS2 + 'options timeout:1 attempts:2\n', [H, H], [first('servfail'), {'server': S2, 'delay_ms': 1300, 'do': 'answer'}]),
 ('s1-nx-late-s2-answer', NS2 + 'options timeout:1 attempts:1\n', [H], [first('nxdomain', delay_ms=1100), {'do': 'answer', 'delay_ms': 300}]),
 ('tc-then-tcp-each-rcode', NS2 + T1, ['a.test', 'b.test', 'c.test', 'd.test', 'e.test'], [{'proto': 'udp', 'server': S1, 'do': 'tc'}, {'server': S1, 'name': r'a\.test\.', 'do': 'nxdomain'}, {'server': S1, 'name': r'b\.test\.', 'do': 'servfail'}, {'server': S1, 'name': r'c\.test\.', 'do': 'refused'}, {'server': S1, 'name': r'd\.test\.', 'do': 'wrongid'}, {'server': S1, 'do': 'large', 'n': 100}, {'do': 'answer', 'ip4': '192.0.2.99'}]),
 ('tc-tcp-late', NS2 + 'options timeout:1 attempts:1\n', [H], [{'proto': 'udp', 'server': S1, 'do': 'tc'}, {'server': S1, 'delay_ms': 600, 'do': 'answer'}, {'do': 'answer', 'ip4': '192.0.2.99'}]),
 ('many-addresses', NS1, ['ten.test', 'thirty.test', 'forty.test'], [{'name': r'ten\.test\.', 'do': 'answer', 'n': 10}, {'name': r'thirty\.test\.', 'do': 'answer', 'n': 28}, {'do': 'answer', 'n': 40}]),
 ('search-answers-by-family', 'search one.test two.test three.test\n' + NS1 + 'options ndots:2\n', ['web.app', 'db'], [{'name': r'web\.app\.one\.test\.', 'do': 'nodata'}, {'name': r'web\.app\.two\.test\.', 'qtype': 'AAAA', 'do': 'answer'}, {'name': r'web\.app\.two\.test\.', 'do': 'nodata'}, {'name': r'db\.three\.test\.', 'qtype': 'A', 'do': 'answer'}, {'do': 'nxdomain'}]),
 ('search-refused-then-answer', 'search one.test two.test\n' + NS2 + 'options ndots:2 timeout:1\n', ['db', 'db.two.test'], [{'name': r'db\.one\.test\.', 'server': S1, 'do': 'refused'}, {'name': r'db\.one\.test\.', 'do': 'notimp'}, {'name': r'db\.two\.test\.', 'do': 'answer'}, {'do': 'nxdomain'}]),
 ('search-mixed-errors', 'search one.test two.test three.test\n' + NS1 + 'options ndots:3 timeout:1 attempts:1\n', ['a.b'], [{'name': r'a\.b\.one\.test\.', 'do': 'servfail'}, {'name': r'a\.b\.two\.test\.', 'do': 'nodata'}, {'name': r'a\.b\.three\.test\.', 'qtype': 'A', 'do': 'nxdomain'}, {'name': r'a\.b\.three\.test\.', 'do': 'nodata'}, {'do': 'nxdomain'}]),
 ('absolute-servfail-search-nodata', 'search one.test\n' + NS2 + T1, ['a.b'], [{'name': r'a\.b\.', 'server': S1, 'do': 'servfail'}, {'name': r'a\.b\.', 'do': 'nxdomain'}, {'do': 'nodata'}]),
 ('three-servers-in-turn', NS3 + 'options timeout:1 attempts:2\n', ['a.test', 'b.test', 'c.test'], [first('refused', name=r'a\.test\.'), {'server': S2, 'name': r'a\.test\.', 'do': 'drop'}, first('drop', name=r'b\.test\.'), {'server': S2, 'name': r'b\.test\.', 'do': 'formerr'}, first('notimp', name=r'c\.test\.'), {'server': S2, 'name': r'c\.test\.', 'do': 'notimp'}, {'server': S3, 'name': r'c\.test\.', 'do': 'notimp'}, {'do': 'answer'}]),
 ('four-nameservers-two-dead', NS2 + f'nameserver {CLOSED}\nnameserver {S3}\n' + T1, [H], [{'server': S3, 'do': 'answer'}, {'do': 'drop'}]),
 ('no-nameserver-line', 'search one.test\noptions timeout:1 attempts:1\n', ['db'], OK),
 ('timeouts-3-attempts-1', NS3 + 'options timeout:3 attempts:1\n', [H], DEAD),
 ('unreachable-and-closed', f'nameserver 198.51.100.7\nnameserver {CLOSED}\noptions timeout:1 attempts:2\n', [H], OK),
 ('ndots-2-cluster', SEARCH + NS1 + 'options ndots:2\n', ['svc-a', 'svc-a.ns2', 'svc-a.ns2.svc', 'svc-a.ns2.svc.cluster.local', 'svc-a.ns2.svc.cluster.local.'], [{'name': r'svc-a\.ns1\.svc\.cluster\.local\.', 'do': 'answer'}, {'name': r'svc-a\.ns2\.svc\.cluster\.local\.', 'do': 'answer', 'ip4': '192.0.2.22'}, {'do': 'nxdomain'}]),
 ('alternately-lost', NS1 + 'options timeout:1 attempts:3\n', [H, H], [{'nth': 1, 'do': 'drop'}, {'nth': 3, 'do': 'drop'}, {'nth': 2, 'do': 'servfail'}, {'do': 'answer'}]),
]
HOSTS = '127.0.0.1 localhost\n::1 localhost ip6-localhost\n10.1.1.1\tone.example.com one ONE-ALIAS # comment\n10.1.1.2 one\n10.1.1.3 two.\n  10.1.1.4 three\n2001:db8::5 five\n10.1.1.5 five\n10.1.1.300 bad\n10.1.1.6 six.example.com six\nfe80::7 seven\n10.1.1.8\n'
HN = ['one', 'One.Example.com', 'one-alias', 'two', 'two.', 'three', 'five', 'bad', 'six', 'seven', 'localhost', 'one.']
NSSW = [('files-then-dns', None), ('success-continue', 'hosts: files [SUCCESS=continue] dns\n'), ('merge', 'hosts: files [SUCCESS=merge] dns\n'), ('not-success-return', 'hosts: files [!SUCCESS=return] dns\n'), ('dns-then-files', 'hosts: dns [NOTFOUND=continue] files\n'), ('two-lines', 'hosts: files\nhosts: dns\n'), ('no-hosts-line', 'passwd: files\n'), ('tryagain-return', 'hosts: dns [TRYAGAIN=return UNAVAIL=continue] files\n')]
for i, (name, resolv, words, rules) in enumerate(COMMON):
    est = 20
    for client, prefix in (('glibc', 'glibc'), ('musl', 'musl123'), ('musl_new', 'musl125')):
        c(client, f'{prefix}-z{i:02d}-{name}', resolv, words, rules, est=est)
    for client, prefix in (('go119', 'go119'), ('go', 'go')):
        c(client, f'{prefix}-z{i:02d}-{name}', resolv, [w if w.startswith(('sleep:', 'sh:')) else 'ip:' + w for w in words], rules, est=est)
    if i not in (0, 1, 2): c('node', f'node-z{i:02d}-{name}', resolv, [w if w.startswith(('sleep:', 'sh:')) else 'resolve4:' + w for w in words], rules, est=est, nondet='jitter and timer tick', tolerance_ms=1100)
for i, (name, nss) in enumerate(NSSW):
    more = dict(hosts=HOSTS, **({'nsswitch.conf': nss} if nss else {}))
    r = [{'name': r'(one|two|five|six)\..*', 'do': 'answer'}, {'name': r'three\..*', 'do': 'servfail'}, {'do': 'nxdomain'}]
    c('glibc', f'glibc-zh{i}-{name}', 'search s.test\n' + NS1, HN, r, **more)
    c('go119', f'go119-zh{i}-{name}', 'search s.test\n' + NS1, ['ip:' + w for w in HN], r, **more)
    c('go', f'go-zh{i}-{name}', 'search s.test\n' + NS1, ['ip:' + w for w in HN], r, **more)
    if i == 0:
        c('musl', f'musl123-zh{i}-{name}', 'search s.test\n' + NS1, HN, r, **more)
        c('musl_new', f'musl125-zh{i}-{name}', 'search s.test\n' + NS1, HN, r, **more)
        c('node', f'node-zh{i}-{name}', 'search s.test\n' + NS1, ['lookup:' + w for w in HN], r, **more)
        c('py', f'py-zh{i}-{name}', 'search s.test\n' + NS1, ['gai:' + w for w in HN] + ['ghbn:one', 'ghbn:five', 'ghbn:seven'], r, **more)
        c('java17', f'java17-zh{i}-{name}', 'search s.test\n' + NS1, HN, r, **more)
G = [
 ('rotate-two-search', 'search one.test two.test\n' + NS2 + 'options rotate ndots:2 timeout:1\n', ['a', 'b', 'c'], [first('nxdomain'), {'do': 'nxdomain'}], dict(nondet='random start')),
 ('rotate-single-request', NS3 + 'options rotate single-request timeout:1\n', [H, H, H], [{'server': S2, 'do': 'drop'}, {'do': 'answer'}], dict(nondet='random start')),
 ('rotate-use-vc', NS2 + 'options rotate use-vc timeout:1\n', [H, H, H], OK, dict(nondet='random start')),
 ('single-request-search-servfail', 'search one.test\n' + NS2 + 'options single-request ndots:2 timeout:1\n', [H.replace('.example', ''), 'x'], [{'name': r'.*one\.test\.', 'qtype': 'A', 'server': S1, 'do': 'servfail'}, {'name': r'.*one\.test\.', 'do': 'nxdomain'}, {'do': 'answer'}], {}),
 ('single-request-reopen-search', K8S.replace('ndots:5', 'ndots:5 single-request-reopen timeout:1'), [H, 'svc-a'], [{'name': r'svc-a\.ns1.*', 'qtype': 'AAAA', 'do': 'servfail'}] + CLUSTER_NX, {}),
 ('single-request-reopen-tc', NS2 + 'options single-request-reopen timeout:1\n', [H], [{'server': S1, 'proto': 'udp', 'qtype': 'AAAA', 'do': 'tc'}, {'do': 'answer'}], {}),
 ('use-vc-single-request', NS2 + 'options use-vc single-request timeout:1\n', [H], [first('nodata', qtype='A'), {'do': 'answer'}], {}),
 ('use-vc-late', NS2 + 'options use-vc timeout:1 attempts:1\n', [H], [first('answer', delay_ms=1500), {'do': 'answer', 'ip4': '192.0.2.77'}], {}),
 ('use-vc-closed-both', NS2 + 'options use-vc timeout:1 attempts:2\n', [H], OK, dict(no_tcp=[S1, S2])),
 ('use-vc-rst-once', NS2 + 'options use-vc timeout:1 attempts:2\n', [H, H], [first('rst', max=2), {'do': 'answer', 'ip4': '192.0.2.77'}], {}),
 ('edns0-formerr', NS2 + 'options edns0 timeout:1\n', [H], [first('formerr'), {'do': 'answer'}], {}),
 ('edns0-no-aaaa-search', K8S.replace('ndots:5', 'ndots:5 edns0 no-aaaa'), [H, 'svc-b'], CLUSTER_NX, {}),
 ('no-aaaa-servfail', NS2 + 'options no-aaaa timeout:1\n', [H, '-6', H], [first('servfail'), {'do': 'answer'}], {}),
 ('no-aaaa-dead', K8S.replace('ndots:5', 'ndots:5 no-aaaa timeout:1 attempts:1'), [H], DEAD, {}),
 ('trust-ad-single-request-tc', NS1 + 'options trust-ad single-request\n', [H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], {}),
 ('inet6-search', K8S, ['-6', H, 'svc-a'], [{'name': r'svc-a\.ns1.*', 'qtype': 'AAAA', 'do': 'nodata'}, {'name': r'svc-a\.svc.*', 'qtype': 'AAAA', 'do': 'answer'}] + CLUSTER_NX, {}),
 ('inet-then-inet6-then-any', NS2 + T1, ['-4', H, '-6', H], [first('drop', qtype='A'), first('servfail', qtype='AAAA'), {'do': 'answer'}], {}),
 ('addrconfig-mixed', NS1 + T1, ['-C', H, '-4', H, '-6', H], [{'qtype': 'AAAA', 'do': 'nodata'}, {'do': 'answer'}], {}),
 ('timeout-30-cap', NS1 + 'options timeout:99 attempts:1\n', [H], [{'do': 'answer', 'delay_ms': 6500}], {}),
 ('attempts-cap-5', NS2 + 'options timeout:1 attempts:7\n', ['-4', H], DEAD, {}),
 ('reload-three-times', NS1, [H, put('nameserver 10.77.0.2\noptions use-vc\n'), H, put('nameserver 10.77.0.3\noptions no-reload edns0\n'), H, put('nameserver 10.77.0.1\n'), H], OK, {}),
 ('reload-to-empty', NS1 + T1, [H, put(''), H, put('nameserver 10.77.0.1\n'), H], OK, {}),
]
for i, (name, resolv, words, rules, more) in enumerate(G):
    c('glibc', f'glibc-zg{i:02d}-{name}', resolv, words, rules, est=8, **more)
    if 'vc' in name or 'reload' in name or 'rotate' in name or 'edns0' in name:
        c('go119', f'go119-zg{i:02d}-{name}', resolv, [w if w.startswith(('sleep:', 'sh:')) else 'ip:' + w for w in words if not w.startswith('-')], rules, est=8, **more)
        c('musl_new', f'musl125-zg{i:02d}-{name}', resolv, words, rules, est=8, **more)
J = [
 ('failover', NS2 + T1, [H, H, 'sleep:1000', H], [first('drop'), {'do': 'answer'}]),
 ('nx-then-there', NS1, [H, 'sleep:6000', H, 'sleep:4500', H], [{'nth': 1, 'do': 'nxdomain'}, {'nth': 1, 'do': 'nxdomain'}, {'do': 'answer'}]),
 ('prop-ttl-0', NS1, ['prop:networkaddress.cache.ttl=0', H, H], OK),
 ('prop-negative-0', NS1, ['prop:networkaddress.cache.negative.ttl=0', H, H], [{'do': 'nxdomain'}]),
 ('k8s', K8S, ['svc-a', H, 'svc-a'], [{'name': r'svc-a\.ns1.*', 'do': 'answer'}] + CLUSTER_NX),
 ('literals', NS1, ['10.0.0.1', '::1', '127.1', '1.2.3', 'localhost'], OK),
 ('address-changes', NS1, ['prop:networkaddress.cache.ttl=2', H, 'sleep:1000', H, 'sleep:1500', H], [{'max': 2, 'do': 'answer'}, {'do': 'answer', 'ip4': '192.0.2.44', 'ip6': '2001:db8::44'}]),
]
for i, (name, resolv, words, rules) in enumerate(J):
    for client, prefix in (('java17', 'java17'), ('java25', 'java25')): c(client, f'{prefix}-z{i}-{name}', resolv, words, rules, est=15, tolerance_ms=200)
    c('java17v4', f'java17-z{i}v4-{name}', resolv, words, rules, est=15, tolerance_ms=200)
for i, (name, resolv, words, rules) in enumerate([
 ('first-refuses', NS2, H, [first('refused'), {'do': 'answer'}]), ('formerr', NS2, H, [first('formerr'), {'do': 'answer'}]), ('nodata', NS1, H, [{'do': 'nodata'}]), ('tc', NS1, H, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}]), ('three-dead', NS3 + 'options timeout:1 attempts:1\n', H, DEAD), ('search-ndots', K8S, '+search svc-a.ns2', [{'name': r'svc-a\.ns2\.svc\.cluster\.local\.', 'do': 'answer'}, {'do': 'nxdomain'}]), ('search-first-dead', 'search one.test\n' + NS2 + T1, '+search db', [first('drop'), {'name': r'db\.one\.test\.', 'do': 'answer'}, {'do': 'nxdomain'}]), ('wrongid', NS2 + T1, H, [first('wrongid'), {'do': 'answer'}]), ('large', NS1, H, [{'do': 'large'}])]):
    c('dig', f'dig-z{i}-{name}', resolv, words, rules, est=15)
for i, (name, resolv, words, rules) in enumerate([
 ('pool-and-search', K8S, ['parlookup:3:' + H, 'parlookup:3:svc-%i'], [{'name': r'svc-.*\.ns1.*', 'delay_ms': 200, 'do': 'answer'}] + CLUSTER_NX),
 ('parresolve-dead-first', NS2, ['parresolve:4:h%i.test', 'resolve4:x.test'], [first('drop'), {'do': 'answer'}]),
 ('resolve-both-families', NS1, ['resolve4:' + H, 'resolve6:' + H, 'resolve4:10.0.0.1', 'resolve4:localhost', 'resolve4:a..b', 'resolve4:.'], OK),
 ('opts-tries-2', NS3, ['opt:{"timeout":400,"tries":2}', 'resolve4:' + H], DEAD),
 ('opts-timeout-100', NS1, ['opt:{"timeout":100,"tries":1}', 'resolve4:' + H, 'resolve4:' + H], [{'delay_ms': 300, 'do': 'answer'}]),
 ('lookup-servfail-then', K8S, ['lookup:svc-a', 'lookup4:svc-a', 'lookup:' + H], [{'name': r'svc-a\.ns1.*', 'max': 2, 'do': 'servfail'}, {'name': r'svc-a\.ns1.*', 'do': 'answer'}] + CLUSTER_NX),
 ('history-three-servers', NS3, ['resolve4:a.test', 'resolve4:b.test', 'sleep:200', 'resolve4:c.test'], [first('refused'), {'server': S2, 'do': 'drop'}, {'do': 'answer'}])]):
    c('node', f'node-zn{i}-{name}', resolv, words, rules, est=20, nondet='jitter and timer tick', tolerance_ms=1100)
