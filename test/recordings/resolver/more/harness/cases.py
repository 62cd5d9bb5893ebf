"""Case table. Names: client-mNN-what. See README.md for the words of the rules."""
S1, S2, S3, CLOSED, GONE = '10.77.0.1', '10.77.0.2', '10.77.0.3', '10.77.0.9', '10.77.0.77'
NS1 = f'nameserver {S1}\n'
NS2 = NS1 + f'nameserver {S2}\n'
NS3 = NS2 + f'nameserver {S3}\n'
SEARCH = 'search ns1.svc.cluster.local svc.cluster.local cluster.local\n'
K8S = SEARCH + NS1 + 'options ndots:5\n'
K8S2 = SEARCH + NS2 + 'options ndots:5\n'
H = 'host.example.com'
OK = [{'do': 'answer'}]
DEAD = [{'do': 'drop'}]
CLUSTER_NX = [{'name': r'(.*\.)?cluster\.local\.', 'do': 'nxdomain'}, {'name': r'host\.example\.com\.', 'do': 'answer'}]
def opt(base, words): return base.rstrip('\n') + '\noptions ' + words + '\n' if 'options' not in base else base.rstrip('\n') + ' ' + words + '\n'
def first(do, **more): return {'server': S1, 'do': do, **more}
CASES = []
def case(client, name, resolv, args, rules, **more):
    CASES.append(dict(client=client, name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, **more))

# --- what every libc and Go meet: (name, resolv.conf, rules, words) --------------------------------
COMMON = [
 ('k8s-external', K8S, CLUSTER_NX, H),
 ('k8s-typo', K8S, [{'do': 'nxdomain'}], 'svc-b.ns1'),
 ('trailing-dot-nx', K8S, [{'do': 'nxdomain'}], 'host.example.com.'),
 ('dead-1server', NS1, DEAD, H),
 ('dead-3servers', NS3, DEAD, H),
 ('dead-2servers-t1-a3', opt(NS2, 'timeout:1 attempts:3'), DEAD, H),
 ('dead-t3-a1-search', opt(K8S, 'timeout:3 attempts:1'), DEAD, H),
 ('dead-trailing-dot', opt(K8S, 'timeout:1'), DEAD, 'host.example.com.'),
 ('closed-1server', f'nameserver {CLOSED}\n', OK, H),
 ('closed-then-ok', f'nameserver {CLOSED}\n' + NS1, OK, H),
 ('closed-search', SEARCH + f'nameserver {CLOSED}\noptions ndots:5\n', OK, H),
 ('unreachable-then-ok', f'nameserver 198.51.100.7\n' + NS1, OK, H),
 ('gone-host-then-ok', f'nameserver {GONE}\n' + NS1, OK, H),
 ('servfail-first-then-nx', NS2, [first('servfail'), {'do': 'nxdomain'}], H),
 ('servfail-refused-answer', NS3, [first('servfail'), {'server': S2, 'do': 'refused'}, {'do': 'answer'}], H),
 ('notimp-search', K8S, [{'do': 'notimp'}], H),
 ('formerr-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'formerr'}] + CLUSTER_NX, H),
 ('nodata-then-dead-search', opt(K8S, 'timeout:1'), [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}, {'name': r'(.*\.)?cluster\.local\.', 'do': 'nxdomain'}, {'do': 'drop'}], H),
 ('servfail-once-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'max': 1, 'do': 'servfail'}] + CLUSTER_NX, H),
 ('middle-candidate-refused', K8S, [{'name': r'host\.example\.com\.svc\.cluster\.local\.', 'do': 'refused'}] + CLUSTER_NX, H),
 ('a-servfail-aaaa-ok', NS1, [{'qtype': 'A', 'do': 'servfail'}, {'do': 'answer'}], H),
 ('a-nx-aaaa-ok', NS1, [{'qtype': 'A', 'do': 'nxdomain'}, {'do': 'answer'}], H),
 ('a-ok-aaaa-nodata', NS1, [{'qtype': 'AAAA', 'do': 'nodata'}, {'do': 'answer'}], H),
 ('a-ok-aaaa-refused', NS2, [{'qtype': 'AAAA', 'do': 'refused'}, {'do': 'answer'}], H),
 ('a-dropped-aaaa-ok', NS1, [{'qtype': 'A', 'do': 'drop'}, {'do': 'answer'}], H),
 ('a-dropped-aaaa-nx', opt(NS1, 'timeout:2'), [{'qtype': 'A', 'do': 'drop'}, {'do': 'nxdomain'}], H),
 ('a-dropped-aaaa-nodata-search', opt(K8S, 'timeout:1'), [{'qtype': 'A', 'do': 'drop'}, {'do': 'nodata'}], H),
 ('aaaa-slow-1500', NS1, [{'qtype': 'AAAA', 'delay_ms': 1500, 'do': 'answer'}, {'do': 'answer'}], H),
 ('both-late-first-server', opt(NS2, 'timeout:1'), [first('answer', delay_ms=1400), {'do': 'drop'}], H),
 ('late-first-server-second-answers', opt(NS2, 'timeout:1'), [first('answer', delay_ms=1400), {'delay_ms': 700, 'do': 'answer', 'ip4': '192.0.2.77'}], H),
 ('wrongid-first-then-ok', opt(NS2, 'timeout:1'), [first('wrongid'), {'do': 'answer'}], H),
 ('large-a-tcp-dropped', opt(NS1, 'timeout:1 attempts:1'), [{'proto': 'tcp', 'do': 'drop'}, {'do': 'large', 'n': 60}], '-4 ' + H),
 ('tc-tcp-refused-one', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], H),
 ('tc-tcp-rst', NS2, [{'proto': 'tcp', 'server': S1, 'do': 'rst'}, {'proto': 'udp', 'server': S1, 'do': 'tc'}, {'do': 'answer'}], H),
 ('tc-tcp-nodata', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'nodata'}], H),
 ('tc-tcp-servfail-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'proto': 'udp', 'do': 'tc'}, {'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'servfail'}] + CLUSTER_NX, H),
 ('ndots0-single-label', SEARCH + NS1 + 'options ndots:0\n', [{'name': r'host\.ns1\.svc\.cluster\.local\.', 'do': 'answer'}], 'host'),
 ('no-search-single-label', NS1 + 'options ndots:5\n', [{'do': 'nxdomain'}], 'host'),
 ('ndots-capped', SEARCH + NS1 + 'options ndots:99\n', [{'do': 'nxdomain'}], 'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p'),
 ('search-dot', 'search . cluster.local\n' + NS1 + 'options ndots:5\n', [{'name': r'host\.cluster\.local\.', 'do': 'answer'}], 'host'),
 ('domain-then-search', 'domain one.test\nsearch two.test three.test\n' + NS1, [{'do': 'nxdomain'}], 'host'),
 ('search-then-domain', 'search two.test three.test\ndomain one.test extra.test\n' + NS1, [{'do': 'nxdomain'}], 'host'),
 ('search-trailing-dots', 'search two.test. three.test.\n' + NS1, [{'do': 'nxdomain'}], 'host'),
 ('options-twice', SEARCH + NS1 + 'options ndots:5\noptions timeout:1 attempts:1\n', DEAD, H),
 ('timeout0-attempts0', NS1 + 'options timeout:0 attempts:0\n', DEAD, H),
 ('bad-option-words', NS1 + 'options ndots:x timeout:1s attempts:-1\n', DEAD, 'host'),
 ('comments-and-indent', '# c\n; c\n  nameserver 10.77.0.3\n' + NS1 + 'nameserver 10.77.0.2 # second\n\tsearch tab.test\nsearch\tone.test\n', [{'server': S3, 'do': 'answer', 'ip4': '192.0.2.33'}, {'name': r'host\.tab\.test\.', 'do': 'answer'}, {'server': S2, 'do': 'answer'}, {'do': 'servfail'}], 'host'),
 ('nameserver-twice-same', NS1 + opt(NS1, 'timeout:1'), DEAD, H),
 ('long-label', K8S, [{'do': 'nxdomain'}], 'a' * 64 + '.example.com'),
 ('double-dot', K8S, [{'do': 'nxdomain'}], 'a..b'),
 ('long-name-search', K8S, [{'do': 'nxdomain'}], '.'.join(['x' * 60] * 4)),
]
LONG = {'large-a-tcp-dropped': 8}
def for_go(words): return [('ip4:' if '-4 ' in words else 'ip:') + words.replace('-4 ', '')]
for i, (name, resolv, rules, words) in enumerate(COMMON):
    extra = dict(timeout=LONG.get(name, 150), est=20 if 'dead' in name or 'dropped' in name else 5)
    if 'tcp-refused' in name: extra['no_tcp'] = [S1]
    for client, prefix in (('glibc', 'glibc'), ('musl', 'musl123'), ('musl_new', 'musl125')):
        case(client, f'{prefix}-m{i:02d}-{name}', resolv, words, rules, **extra)
    case('go', f'go-m{i:02d}-{name}', resolv, for_go(words), rules, **extra)

# --- glibc alone -------------------------------------------------------------------------------
G = [
 ('rotate-t4-dead-3', opt(NS3, 'rotate timeout:4 attempts:1'), DEAD, H, dict(nondet='random start', tolerance_ms=4000)),
 ('edns0-large', opt(NS1, 'edns0'), [{'do': 'large', 'n': 60}], '-4 ' + H, {}),
 ('no-aaaa', opt(NS1, 'no-aaaa'), OK, H, {}),
 ('no-aaaa-inet6', opt(NS1, 'no-aaaa'), OK, '-6 ' + H, {}),
 ('single-request', opt(NS1, 'single-request'), [{'delay_ms': 50, 'do': 'answer'}], H, {}),
 ('single-request-dead', opt(NS2, 'single-request timeout:1'), DEAD, H, {}),
 ('single-request-a-servfail', opt(NS2, 'single-request timeout:1'), [first('servfail', qtype='A'), {'do': 'answer'}], H, {}),
 ('single-request-aaaa-servfail', opt(NS2, 'single-request timeout:1'), [first('servfail', qtype='AAAA'), {'do': 'answer'}], H, {}),
 ('single-request-aaaa-dropped', opt(NS1, 'single-request timeout:1'), [{'qtype': 'AAAA', 'do': 'drop'}, {'do': 'answer'}], H, {}),
 ('single-request-reopen-aaaa-dropped', opt(NS2, 'single-request-reopen timeout:1'), [{'qtype': 'AAAA', 'do': 'drop'}, {'do': 'answer'}], H, {}),
 ('single-request-a-dropped', opt(NS2, 'single-request timeout:1'), [first('drop', qtype='A'), {'do': 'answer'}], H, {}),
 ('single-request-tc', opt(NS1, 'single-request'), [{'proto': 'udp', 'qtype': 'A', 'do': 'tc'}, {'do': 'answer'}], H, {}),
 ('a-dropped-aaaa-nodata-1server', NS1, [{'qtype': 'A', 'do': 'drop'}, {'do': 'nodata'}], H, {}),
 ('a-lost-twice', NS1, [{'qtype': 'A', 'max': 2, 'do': 'drop'}, {'do': 'answer'}], f'{H} sleep:100 {H}', {}),
 ('aaaa-lost-then-reload', opt(NS1, 'timeout:1'), [{'qtype': 'AAAA', 'nth': 1, 'do': 'drop'}, {'delay_ms': 30, 'do': 'answer'}], [H, H, 'sh:printf "nameserver 10.77.0.2\noptions timeout:1\n" > /etc/resolv.conf', H], {}),
 ('reload-between-calls', NS1, OK, [H, 'sh:printf "nameserver 10.77.0.2\n" > /etc/resolv.conf', H], {}),
 ('no-reload', opt(NS1, 'no-reload'), OK, [H, 'sh:printf "nameserver 10.77.0.2\n" > /etc/resolv.conf', H], {}),
 ('use-vc-dead-tcp', opt(NS2, 'use-vc'), [first('rst'), {'do': 'answer'}], H, {}),
 ('use-vc-servfail', opt(NS2, 'use-vc'), [first('servfail'), {'do': 'answer'}], H, {}),
 ('use-vc-nx-search', K8S.replace('ndots:5', 'ndots:5 use-vc'), CLUSTER_NX, H, {}),
 ('use-vc-tcp-drop', opt(NS1, 'use-vc'), DEAD, H, dict(timeout=12)),
 ('tcp-drop-after-tc', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'drop'}], H, dict(timeout=12)),
 ('tc-only-aaaa', NS1, [{'proto': 'udp', 'qtype': 'AAAA', 'do': 'tc'}, {'do': 'answer'}], H, {}),
 ('tc-second-server', NS2, [first('servfail'), {'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], H, {}),
 ('tc-attempts-after-dead', opt(NS2, 'timeout:1'), [first('drop'), {'proto': 'udp', 'do': 'tc'}, {'proto': 'tcp', 'do': 'servfail'}], H, {}),
 ('addrconfig-flag', NS1, OK, '-C ' + H, {}),
 ('hints-null', NS1, OK, '-N ' + H, {}),
 ('addrconfig-no-v6', NS1, OK, '-C ' + H, dict(pre='sysctl -qw net.ipv6.conf.all.disable_ipv6=1', post='sysctl -qw net.ipv6.conf.all.disable_ipv6=0')),
 ('inet6-nodata', K8S, [{'name': r'host\.example\.com\.', 'do': 'nodata'}, {'do': 'nxdomain'}], '-6 ' + H, {}),
 ('inet-nodata-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}, {'do': 'nxdomain'}], '-4 ' + H, {}),
 ('inet-servfail-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'servfail'}, {'do': 'nxdomain'}], '-4 ' + H, {}),
 ('inet-dead', opt(NS1, 'timeout:1'), DEAD, '-4 ' + H, {}),
 ('inet6-dead', opt(K8S, 'timeout:1'), DEAD, '-6 ' + H, {}),
 ('inet-servfail-last', K8S, [{'name': r'host\.example\.com\.', 'do': 'servfail'}, {'do': 'nxdomain'}], '-4 ' + H, {}),
 ('inet-refused', NS2, [{'do': 'refused'}], '-4 ' + H, {}),
 ('inet-formerr', NS2, [first('formerr'), {'do': 'answer'}], '-4 ' + H, {}),
 ('inet-closed', f'nameserver {CLOSED}\n', OK, '-4 ' + H, {}),
 ('dead-4-candidates-two-calls', opt(K8S2, 'timeout:1'), [first('drop')] + CLUSTER_NX, f'{H} {H}', {}),
 ('servfail-then-nodata-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'servfail'}, {'name': r'.*\.svc\.cluster\.local\.', 'do': 'nodata'}, {'do': 'nxdomain'}], H, {}),
 ('absfirst-nodata-then-search-nx', SEARCH + NS1, [{'name': r'host\.example\.com\.', 'do': 'nodata'}, {'do': 'nxdomain'}], H, {}),
 ('absfirst-servfail-then-search-nx', SEARCH + NS1, [{'name': r'host\.example\.com\.', 'do': 'servfail'}, {'do': 'nxdomain'}], H, {}),
 ('absfirst-servfail-search-ok', SEARCH + NS1, [{'name': r'host\.example\.com\.', 'do': 'servfail'}, {'do': 'answer'}], H, {}),
 ('absfirst-refused-search-ok', SEARCH + NS1, [{'name': r'host\.example\.com\.', 'do': 'refused'}, {'do': 'answer'}], H, {}),
 ('single-label-servfail-first-candidate', opt(K8S, 'no-tld-query'), [{'do': 'nxdomain'}], 'host', {}),
 ('first-closed-second-dead', f'nameserver {CLOSED}\n' + opt(NS1, 'timeout:1'), DEAD, H, {}),
 ('first-dead-second-closed', NS1 + f'nameserver {CLOSED}\noptions timeout:1\n', DEAD, H, {}),
 ('third-slot-t3', opt(NS3, 'timeout:3 attempts:1'), [{'server': S3, 'do': 'answer'}, {'do': 'drop'}], H, {}),
 ('pair-split-servers', opt(NS2, 'timeout:1'), [first('drop', qtype='A'), first('answer', qtype='AAAA'), {'do': 'answer'}], H, {}),
 ('pair-nx-and-servfail', NS2, [{'qtype': 'A', 'do': 'nxdomain'}, {'qtype': 'AAAA', 'do': 'servfail'}], H, {}),
 ('pair-servfail-and-nx', NS2, [{'qtype': 'A', 'do': 'servfail'}, {'qtype': 'AAAA', 'do': 'nxdomain'}], H, {}),
 ('pair-nodata-and-servfail-search', K8S, [{'qtype': 'AAAA', 'name': r'.*cluster\.local\.', 'do': 'servfail'}, {'name': r'.*cluster\.local\.', 'do': 'nodata'}, {'do': 'answer'}], H, {}),
 ('pair-a-late-servfail-aaaa-answer', NS2, [{'qtype': 'A', 'delay_ms': 60, 'do': 'servfail'}, {'do': 'answer'}], H, {}),
 ('pair-a-formerr-aaaa-answer', NS2, [{'qtype': 'A', 'do': 'formerr'}, {'do': 'answer'}], H, {}),
 ('trust-ad-edns0-search', opt(K8S, 'trust-ad edns0'), CLUSTER_NX, H, {}),
]
for i, (name, resolv, rules, words, extra) in enumerate(G):
    case('glibc', f'glibc-n{i:02d}-{name}', resolv, words, rules, **extra)

# --- musl alone --------------------------------------------------------------------------------
M = [
 ('dead-t2-a4', opt(NS1, 'timeout:2 attempts:4'), DEAD, H, {}),
 ('dead-t3-a7', opt(NS1, 'timeout:3 attempts:7'), DEAD, '-4 ' + H, {}),
 ('servfail-1server', NS1, [{'do': 'servfail'}], H, {}),
 ('servfail-inet-t2', opt(NS1, 'timeout:2 attempts:2'), [{'do': 'servfail'}], '-4 ' + H, {}),
 ('servfail-3servers-t2', opt(NS3, 'timeout:2'), [{'do': 'servfail'}], H, {}),
 ('servfail-then-answer-second-round', opt(NS1, 'timeout:2'), [{'max': 6, 'do': 'servfail'}, {'do': 'answer'}], H, {}),
 ('nodata-search', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}, {'do': 'answer'}], H, {}),
 ('nodata-a-answer-aaaa', NS1, [{'qtype': 'A', 'do': 'nodata'}, {'do': 'answer'}], H, {}),
 ('aaaa-nx-a-ok', NS1, [{'qtype': 'AAAA', 'do': 'nxdomain'}, {'do': 'answer'}], H, {}),
 ('tc-aaaa-only', NS1, [{'proto': 'udp', 'qtype': 'AAAA', 'do': 'tc'}, {'do': 'answer'}], H, {}),
 ('tc-tcp-drop', opt(NS1, 'timeout:2'), [{'proto': 'udp', 'do': 'tc'}, {'do': 'drop'}], H, {}),
 ('tc-tcp-slow', opt(NS1, 'timeout:2'), [{'proto': 'udp', 'do': 'tc'}, {'delay_ms': 1200, 'do': 'answer'}], H, {}),
 ('tc-second-server-answers', opt(NS2, 'timeout:2'), [first('tc', proto='udp'), {'proto': 'udp', 'delay_ms': 50, 'do': 'answer'}, {'delay_ms': 500, 'do': 'answer'}], H, {}),
 ('large-30A-partial', NS1, [{'do': 'large', 'n': 27}], '-4 ' + H, {}),
 ('large-60A-both', NS1, [{'do': 'large', 'n': 60}], H, {}),
 ('dead-search-t1', opt(K8S, 'timeout:1'), DEAD, H, {}),
 ('dead-2servers-search-second-slow', opt(K8S2, 'timeout:1'), [first('drop'), {'delay_ms': 600, 'do': 'answer'}], H, {}),
 ('wrongid', opt(NS1, 'timeout:1'), [{'do': 'wrongid'}], H, {}),
 ('4th-server', NS3 + f'nameserver {CLOSED}\n', [{'delay_ms': 30, 'do': 'answer'}], H, {}),
 ('attempts-over-cap', opt(NS1, 'timeout:1 attempts:20'), DEAD, '-4 ' + H, {}),
 ('timeout-1-attempts-3', opt(NS1, 'timeout:1 attempts:3'), DEAD, '-4 ' + H, {}),
 ('search-tabs', 'search\ta.test\tb.test \n' + NS1 + 'options ndots:2\n', [{'do': 'nxdomain'}], 'x.y', {}),
 ('options-indent', ' options ndots:5\n' + SEARCH + NS1, [{'do': 'nxdomain'}], 'x.y', {}),
 ('search-dot-names', 'search .a.test b.test.\n' + NS1 + 'options ndots:5\n', [{'do': 'nxdomain'}], 'x', {}),
 ('a-lost-once-2servers', NS2, [{'server': S1, 'qtype': 'A', 'nth': 1, 'do': 'drop'}, {'server': S2, 'do': 'drop'}, {'delay_ms': 20, 'do': 'answer'}], H, {}),
 ('inet6-only', K8S, CLUSTER_NX, '-6 ' + H, {}),
]
for i, (name, resolv, rules, words, extra) in enumerate(M):
    for client, prefix in (('musl', 'musl123'), ('musl_new', 'musl125')):
        case(client, f'{prefix}-n{i:02d}-{name}', resolv, words, rules, **extra)

# --- Go alone ----------------------------------------------------------------------------------
O = [
 ('rotate-3', opt(NS3, 'rotate'), OK, ['ip:' + H, 'ip:' + H, 'ip4:' + H], {}),
 ('single-request-reopen-dead', opt(NS2, 'single-request-reopen timeout:1'), DEAD, ['ip:' + H], {}),
 ('use-vc', opt(NS1, 'use-vc'), OK, ['ip:' + H], {}),
 ('use-vc-tcp-refused', opt(NS2, 'use-vc'), OK, ['ip:' + H], dict(no_tcp=[S1])),
 ('ip6-only', K8S, CLUSTER_NX, ['ip6:' + H], {}),
 ('late-reply', opt(NS1, 'timeout:1'), [{'nth': 1, 'delay_ms': 1500, 'do': 'answer'}, {'nth': 2, 'delay_ms': 1500, 'do': 'answer'}, {'do': 'answer', 'ip4': '192.0.2.99'}], ['ip4:' + H], {}),
 ('edns0-trust-ad', opt(NS1, 'edns0 trust-ad'), OK, ['ip:' + H], {}),
 ('no-aaaa-ignored', opt(NS1, 'no-aaaa'), OK, ['ip:' + H], {}),
 ('attempts-9', opt(NS1, 'timeout:1 attempts:9'), DEAD, ['ip4:' + H], {}),
 ('a-timeout-aaaa-nx', opt(NS1, 'timeout:1'), [{'qtype': 'A', 'do': 'drop'}, {'do': 'nxdomain'}], ['ip:' + H], {}),
 ('a-timeout-aaaa-nx-dot', opt(NS1, 'timeout:1'), [{'qtype': 'A', 'do': 'drop'}, {'do': 'nxdomain'}], ['ip:host.example.com.'], {}),
 ('a-nodata-aaaa-servfail', NS2, [{'qtype': 'A', 'do': 'nodata'}, {'do': 'servfail'}], ['ip:' + H], {}),
 ('par-two-names', NS1, [{'delay_ms': 100, 'do': 'answer'}], ['par:3:host.example.com', 'ip4:' + H], {}),
 ('par-dead', opt(NS1, 'timeout:1 attempts:1'), DEAD, ['par:4:host.example.com'], {}),
 ('reload-before-5s', NS1, OK, ['ip:' + H, 'sh:printf "nameserver 10.77.0.2\n" > /etc/resolv.conf', 'sleep:2000', 'ip:' + H, 'sleep:2500', 'ip:' + H, 'sleep:1000', 'ip:' + H], {}),
 ('no-reload', opt(NS1, 'no-reload'), OK, ['ip:' + H, 'sh:printf "nameserver 10.77.0.2\n" > /etc/resolv.conf', 'sleep:5300', 'ip:' + H], {}),
 ('4th-server', opt(NS3, 'timeout:1 attempts:1') + f'nameserver {CLOSED}\n', DEAD, ['ip4:' + H], {}),
 ('tc-both-families', NS2, [first('tc', proto='udp'), {'do': 'answer'}], ['ip:' + H], {}),
 ('tcp-rst', opt(NS2, 'timeout:1'), [first('tc', proto='udp'), first('rst', proto='tcp'), {'do': 'answer'}], ['ip4:' + H], {}),
 ('absfirst-timeout-search', opt(SEARCH + NS1, 'timeout:1 attempts:1'), [{'name': r'host\.example\.com\.', 'do': 'drop'}, {'do': 'nxdomain'}], ['ip:' + H], {}),
]
for i, (name, resolv, rules, words, extra) in enumerate(O):
    case('go', f'go-n{i:02d}-{name}', resolv, words, rules, **extra)

# --- Node --------------------------------------------------------------------------------------
N = [
 ('lookup-basic', NS1, OK, ['lookup:' + H], {}),
 ('lookup-nx', K8S, [{'do': 'nxdomain'}], ['lookup:' + H], {}),
 ('lookup-nodata', NS1, [{'do': 'nodata'}], ['lookup:' + H], {}),
 ('lookup4', NS1, OK, ['lookup4:' + H], {}),
 ('lookup4-nodata', NS1, [{'do': 'nodata'}], ['lookup4:' + H], {}),
 ('lookup-dead', opt(NS1, 'timeout:1'), DEAD, ['lookup:' + H], {}),
 ('parlookup-5-slow', NS1, [{'delay_ms': 200, 'do': 'answer'}], ['parlookup:5:h%i.example.com'], {}),
 ('parlookup-7-tp6', NS1, [{'delay_ms': 200, 'do': 'answer'}], ['parlookup:7:h%i.example.com'], dict(env={'UV_THREADPOOL_SIZE': '6'})),
 ('parlookup-4-tp1', NS1, [{'delay_ms': 200, 'do': 'answer'}], ['parlookup:4:h%i.example.com'], dict(env={'UV_THREADPOOL_SIZE': '1'})),
 ('parlookup-same-name', NS1, [{'delay_ms': 100, 'do': 'answer'}], ['parlookup:4:host.example.com'], {}),
 ('resolve4-nx', K8S, [{'do': 'nxdomain'}], ['resolve4:' + H], {}),
 ('resolve4-nodata', NS1, [{'do': 'nodata'}], ['resolve4:' + H], {}),
 ('resolve6', NS1, OK, ['resolve6:' + H], {}),
 ('resolve4-tc', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], ['resolve4:' + H], {}),
 ('resolve4-tc-tcp-refused', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], ['resolve4:' + H], dict(no_tcp=[S1])),
 ('resolve4-tc-tcp-refused-2servers', NS2, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], ['resolve4:' + H], dict(no_tcp=[S1])),
 ('resolve4-tc-tcp-rst', NS2, [{'proto': 'udp', 'do': 'tc'}, first('rst'), {'do': 'answer'}], ['resolve4:' + H], {}),
 ('resolve4-refused', NS2, [first('refused'), {'do': 'answer'}], ['resolve4:' + H], {}),
 ('resolve4-formerr', NS2, [first('formerr'), {'do': 'answer'}], ['resolve4:' + H], {}),
 ('resolve4-notimp', NS2, [first('notimp'), {'do': 'answer'}], ['resolve4:' + H], {}),
 ('resolve4-closed', f'nameserver {CLOSED}\n', OK, ['resolve4:' + H], {}),
 ('resolve4-closed-then-ok', f'nameserver {CLOSED}\n' + NS1, OK, ['resolve4:' + H, 'resolve4:' + H], {}),
 ('resolve4-servfail-then-again', NS2, [first('servfail'), {'do': 'answer'}], ['resolve4:' + H, 'sleep:100', 'resolve4:' + H], {}),
 ('resolve4-parallel-5', NS1, [{'delay_ms': 50, 'do': 'answer'}], ['parresolve:5:h%i.example.com'], {}),
 ('resolve4-sequential', NS1, OK, ['resolve4:' + H, 'resolve4:' + H, 'sleep:50', 'resolve4:' + H], {}),
 ('resolve4-first-dead-history', NS2, [first('drop'), {'do': 'answer'}], ['resolve4:' + H, 'resolve4:' + H, 'sleep:6000', 'resolve4:' + H], dict(nondet='timer tick', tolerance_ms=1100)),
 ('resolve4-latency-history', opt(NS1, ''), [{'nth': 6, 'do': 'drop'}, {'delay_ms': 40, 'do': 'answer'}], ['resolve4:' + H] * 6, dict(nondet='timer tick', tolerance_ms=1100)),
 ('resolve4-timeout8', opt(NS1, 'timeout:8'), [{'nth': 1, 'do': 'drop'}, {'do': 'answer'}], ['resolve4:' + H], dict(nondet='timer tick', tolerance_ms=1100)),
 ('resolve4-opt-t300-tries2', NS1, DEAD, ['opt:{"timeout":300,"tries":2}', 'resolve4:' + H], dict(nondet='jitter', tolerance_ms=300)),
 ('resolve4-opt-tries1-2servers', NS2, DEAD, ['opt:{"timeout":1000,"tries":1}', 'resolve4:' + H], dict(nondet='timer tick', tolerance_ms=1100)),
 ('resolve4-rotate', opt(NS3, 'rotate'), OK, ['resolve4:' + H] * 4, dict(nondet='random start')),
 ('resolve4-use-vc', opt(NS1, 'use-vc'), OK, ['resolve4:' + H], {}),
 ('resolve4-wrongid', opt(NS2, 'timeout:1'), [first('wrongid'), {'do': 'answer'}], ['resolve4:' + H], dict(nondet='timer tick', tolerance_ms=1100)),
 ('resolve4-single-label', K8S, [{'do': 'answer'}], ['resolve4:host', 'resolve4:host.'], {}),
 ('resolve4-large', NS1, [{'do': 'large', 'n': 60}], ['resolve4:' + H], {}),
 ('resolve4-unreachable-then-ok', 'nameserver 198.51.100.7\n' + NS1, OK, ['resolve4:' + H], {}),
]
for i, (name, resolv, rules, words, extra) in enumerate(N):
    case('node', f'node-n{i:02d}-{name}', resolv, words, rules, **extra)

# --- Java, Python, dig -------------------------------------------------------------------------
J = [
 ('java17', 'ttl-3', NS1, OK, ['prop:networkaddress.cache.ttl=3', H, 'sleep:2000', H, 'sleep:2000', H]),
 ('java17', 'ttl-0', NS1, OK, ['prop:networkaddress.cache.ttl=0', H, H]),
 ('java17', 'negative-0', NS1, [{'do': 'nxdomain'}], ['prop:networkaddress.cache.negative.ttl=0', H, H]),
 ('java17', 'negative-2', NS1, [{'do': 'nxdomain'}], ['prop:networkaddress.cache.negative.ttl=2', H, 'sleep:1000', H, 'sleep:1500', H]),
 ('java17', 'nodata', NS1, [{'do': 'nodata'}], [H, H]),
 ('java17', 'timeout-cached', opt(NS1, 'timeout:1'), DEAD, [H, H, 'sleep:11000', H]),
 ('java17', 'search-nx-then-ok', K8S, [{'max': 2, 'do': 'nxdomain'}] + CLUSTER_NX, [H, H]),
 ('java17', 'aaaa-dropped', opt(NS1, 'timeout:1'), [{'qtype': 'AAAA', 'do': 'drop'}, {'do': 'answer'}], [H, 'www.example.com']),
 ('java17v4', 'v4-dead', opt(NS1, 'timeout:1'), DEAD, [H]),
 ('java25', 'basic', NS1, OK, [H, H]),
 ('java25', 'nx', NS1, [{'do': 'nxdomain'}], [H, H]),
 ('java25', 'stale-failing', opt(NS1, 'timeout:1 attempts:1'), [{'max': 2, 'do': 'answer'}, {'do': 'servfail'}], ['prop:networkaddress.cache.ttl=2', 'prop:networkaddress.cache.stale.ttl=6', H, 'sleep:2500', H, 'sleep:1000', H, 'sleep:2000', H, 'sleep:5000', H]),
 ('java25', 'stale-recovers', opt(NS1, 'timeout:1 attempts:1'), [{'max': 2, 'do': 'answer'}, {'max': 4, 'do': 'servfail'}, {'do': 'answer', 'ip4': '192.0.2.55'}], ['prop:networkaddress.cache.ttl=2', 'prop:networkaddress.cache.stale.ttl=20', H, 'sleep:2500', H, 'sleep:2500', H, 'sleep:2500', H]),
 ('java25', 'ttl-forever', NS1, OK, ['prop:networkaddress.cache.ttl=-1', H, 'sleep:3000', H]),
]
for i, (client, name, resolv, rules, words) in enumerate(J):
    case(client, f'{client.replace("v4", "")}-n{i:02d}-{name}', resolv, words, rules, est=12)
P = [
 ('nx', K8S, [{'do': 'nxdomain'}], ['gai:' + H, 'ghbn:' + H]),
 ('nodata', NS1, [{'do': 'nodata'}], ['gai:' + H, 'ghbn:' + H]),
 ('dead', opt(NS1, 'timeout:1'), DEAD, ['gai:' + H, 'ghbn:' + H]),
 ('servfail', NS1, [{'do': 'servfail'}], ['gai:' + H, 'ghbn:' + H]),
]
for i, (name, resolv, rules, words) in enumerate(P):
    case('py', f'py-n{i:02d}-{name}', resolv, words, rules)
D = [
 ('search-ndots', K8S, CLUSTER_NX, ['+search', H]),
 ('servfail', NS2, [first('servfail'), {'do': 'answer'}], [H]),
 ('first-dead', NS2, [first('drop'), {'do': 'answer'}], [H]),
 ('closed-then-ok', f'nameserver {CLOSED}\n' + NS1, OK, [H]),
 ('closed', f'nameserver {CLOSED}\n', OK, [H]),
 ('tc', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], [H]),
 ('nx', NS2, [{'do': 'nxdomain'}], [H]),
 ('refused', NS2, [first('refused'), {'do': 'answer'}], [H]),
 ('resolv-options', opt(NS2, 'timeout:1 attempts:1'), DEAD, [H]),
 ('search-nodata', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}] + CLUSTER_NX, ['+search', H]),
 ('search-servfail', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'servfail'}] + CLUSTER_NX, ['+search', H]),
]
for i, (name, resolv, rules, words) in enumerate(D):
    case('dig', f'dig-n{i:02d}-{name}', resolv, words, rules)
