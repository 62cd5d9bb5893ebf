"""Netty's DnsNameResolver."""
from cases import *
CASES = []
def case(name, resolv, args, rules, **more):
    CASES.append(dict(client='netty', name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, tolerance_ms=300, est=8, **more))
WARM = [{'name': r'warm\.test\.', 'do': 'answer'}]
# The first lookup loads classes: one for nothing.
def run(i, name, resolv, words, rules, **more): case(f'netty-{i:02d}-{name}', resolv, words, rules, **more)
N = [
 ('basic', NS1, [H, 'sleep:100', H], OK),
 ('both', NS1, ['both', H], OK),
 ('ttl-2', NS1, [H, 'sleep:1500', H, 'sleep:1000', H], [{'do': 'answer', 'ttl': 2}]),
 ('ttl-0', NS1, [H, 'sleep:100', H], [{'do': 'answer', 'ttl': 0}]),
 ('ttl-clamped', NS1, ['ttl:3:4', H, 'sleep:2500', H, 'sleep:1000', H], [{'do': 'answer', 'ttl': 1}]),
 ('nx-twice', NS1, [H, 'sleep:100', H], [{'do': 'nxdomain'}]),
 ('negative-ttl', NS1, ['neg:2', H, 'sleep:1000', H, 'sleep:1500', H], [{'do': 'nxdomain'}]),
 ('nx-2servers', NS2, [H], [{'do': 'nxdomain'}]),
 ('k8s', K8S, [H], CLUSTER_NX),
 ('k8s-both', K8S, ['both', H], CLUSTER_NX),
 ('k8s-service', K8S, ['svc-a'], [{'name': r'svc-a\.ns1\.svc\.cluster\.local\.', 'do': 'answer'}]),
 ('k8s-dot', K8S, [H + '.'], CLUSTER_NX),
 ('k8s-typo', K8S, ['svc-b.ns1'], [{'do': 'nxdomain'}]),
 ('dead-1server', NS1, [H], DEAD),
 ('dead-2servers', NS2, [H], DEAD),
 ('dead-timeout-1', opt(NS1, 'timeout:1'), [H], DEAD),
 ('dead-k8s', opt(K8S, 'timeout:1'), [H], DEAD),
 ('dead-3servers-attempts-2', opt(NS3, 'timeout:1 attempts:2'), [H], DEAD),
 ('first-dead', opt(NS2, 'timeout:1'), [H, 'two.example.com'], [first('drop'), {'do': 'answer'}]),
 ('servfail', NS2, [H], [first('servfail'), {'do': 'answer'}]),
 ('servfail-all', NS2, [H, H], [{'do': 'servfail'}]),
 ('servfail-k8s', K8S, [H], [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'servfail'}] + CLUSTER_NX),
 ('refused', NS2, [H], [first('refused'), {'do': 'answer'}]),
 ('nodata', NS2, [H], [{'do': 'nodata'}]),
 ('nodata-k8s', K8S, [H], [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}] + CLUSTER_NX),
 ('closed-then-ok', f'nameserver {CLOSED}\n' + NS1, [H], OK),
 ('tc-no-tcp', NS1, [H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}]),
 ('tc-tcp', NS1, ['tcp', H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}]),
 ('tc-tcp-refused', NS1, ['tcp', H], [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}]),
 ('timeout-tcp', opt(NS1, 'timeout:1'), ['tcpto', H], [{'proto': 'udp', 'do': 'drop'}, {'do': 'answer'}]),
 ('aaaa-dropped-both', opt(NS1, 'timeout:1'), ['both', H], [{'qtype': 'AAAA', 'do': 'drop'}, {'do': 'answer'}]),
 ('aaaa-dropped-once', opt(NS1, 'timeout:1'), ['both', 'once', H], [{'qtype': 'AAAA', 'do': 'drop'}, {'do': 'answer'}]),
 ('par-same', NS1, ['par:5:host.example.com'], [{'delay_ms': 200, 'do': 'answer'}]),
 ('sequential-ports', NS1, ['a.test', 'b.test', 'c.test'], OK),
 ('sequential-ports-per-resolution', NS1, ['perres', 'a.test', 'b.test', 'c.test'], OK),
 ('late-reply', opt(NS2, 'timeout:1'), [H], [first('answer', delay_ms=1300), {'delay_ms': 600, 'do': 'answer', 'ip4': '192.0.2.77'}]),
 ('wrongid', opt(NS1, 'timeout:1'), [H], [{'do': 'wrongid'}]),
 ('attempts-2-k8s', opt(K8S, 'attempts:2'), [H], CLUSTER_NX),
 ('ndots-2-absolute-first', SEARCH + NS1 + 'options ndots:2\n', [H], [{'do': 'nxdomain'}]),
 ('rotate', opt(NS2, 'rotate'), ['a.test', 'b.test', 'c.test'], OK),
]
for i, (name, resolv, words, rules) in enumerate(N):
    run(i, name, resolv, words, rules, **({'no_tcp': [S1]} if 'tcp-refused' in name else {}))
