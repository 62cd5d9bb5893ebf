"""Two and three servers with mixed failures, for all clients."""
from cases import *
CASES = []
W = [
 ('s1-servfail-s2-dead-s3-ok', opt(NS3, 'timeout:1'), [first('servfail'), {'server': S2, 'do': 'drop'}, {'do': 'answer'}]),
 ('s1-dead-s2-servfail-s3-nx', opt(NS3, 'timeout:1'), [first('drop'), {'server': S2, 'do': 'servfail'}, {'do': 'nxdomain'}]),
 ('s1-refused-s2-tc-s3-ok', opt(NS3, 'timeout:1'), [first('refused'), {'server': S2, 'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}]),
 ('s1-slow-s2-slower', opt(NS2, 'timeout:1'), [first('answer', delay_ms=1200), {'delay_ms': 1700, 'do': 'answer', 'ip4': '192.0.2.77'}]),
 ('s1-nodata-s2-answer-search', opt(K8S2, 'timeout:1'), [first('nodata', name=r'.*\.ns1\.svc\.cluster\.local\.')] + CLUSTER_NX),
 ('s1-a-only-s2-aaaa-only', opt(NS2, 'timeout:1'), [first('answer', qtype='A'), first('drop'), {'server': S2, 'qtype': 'AAAA', 'do': 'answer'}, {'do': 'drop'}]),
 ('s1-a-servfail-s2-aaaa-servfail', opt(NS2, 'timeout:1'), [first('servfail', qtype='A'), {'server': S2, 'qtype': 'AAAA', 'do': 'servfail'}, {'do': 'answer'}]),
 ('s1-wrongid-s2-servfail', opt(NS2, 'timeout:1 attempts:1'), [first('wrongid'), {'do': 'servfail'}]),
 ('first-query-lost-everywhere', opt(NS2, 'timeout:1'), [first('drop', nth=1), {'server': S2, 'nth': 1, 'do': 'drop'}, {'do': 'answer'}]),
 ('dead-then-alive-search', opt(K8S2, 'timeout:1'), [{'max': 4, 'do': 'drop'}] + CLUSTER_NX),
 ('notimp-aaaa', opt(NS2, 'timeout:1'), [{'qtype': 'AAAA', 'do': 'notimp'}, {'do': 'answer'}]),
 ('formerr-aaaa', opt(NS2, 'timeout:1'), [{'qtype': 'AAAA', 'do': 'formerr'}, {'do': 'answer'}]),
 ('s1-closed-s2-dead-s3-ok', f'nameserver {CLOSED}\nnameserver {S2}\nnameserver {S3}\noptions timeout:1\n', [{'server': S2, 'do': 'drop'}, {'do': 'answer'}]),
 ('timeout2-attempts3-3dead', opt(NS3, 'timeout:2 attempts:3'), DEAD),
]
for i, (name, resolv, rules) in enumerate(W):
    for client, prefix in (('glibc', 'glibc'), ('musl', 'musl123'), ('musl_new', 'musl125')):
        CASES.append(dict(client=client, name=f'{prefix}-w{i:02d}-{name}', resolv=resolv, args=[H], rules=rules, est=10))
    CASES.append(dict(client='go', name=f'go-w{i:02d}-{name}', resolv=resolv, args=['ip:' + H], rules=rules, est=10))
    CASES.append(dict(client='node', name=f'node-w{i:02d}-{name}', resolv=resolv, args=['resolve4:' + H], rules=rules, est=10, nondet='jitter and timer tick', tolerance_ms=1100))
    CASES.append(dict(client='java17', name=f'java17-w{i:02d}-{name}', resolv=resolv, args=[H], rules=rules, est=10, tolerance_ms=200))
    CASES.append(dict(client='netty', name=f'netty-w{i:02d}-{name}', resolv=resolv, args=['both', H], rules=rules, est=10, tolerance_ms=300))
