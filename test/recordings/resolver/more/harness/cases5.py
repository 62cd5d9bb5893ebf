"""nslookup and host of BIND, nslookup of busybox."""
from cases import *
CASES = []
T = [
 ('basic', NS1, OK, H),
 ('k8s', K8S, CLUSTER_NX, H),
 ('k8s-service', K8S, [{'name': r'svc-a\.ns1\.svc\.cluster\.local\.', 'do': 'answer'}], 'svc-a'),
 ('k8s-dot', K8S, CLUSTER_NX, H + '.'),
 ('nx', NS2, [{'do': 'nxdomain'}], H),
 ('nodata', NS1, [{'do': 'nodata'}], H),
 ('nodata-k8s', K8S, [{'name': r'.*\.ns1\.svc\.cluster\.local\.', 'do': 'nodata'}] + CLUSTER_NX, H),
 ('only-a', NS1, [{'qtype': 'A', 'do': 'answer'}, {'do': 'nodata'}], H),
 ('servfail', NS2, [first('servfail'), {'do': 'answer'}], H),
 ('servfail-all', NS1, [{'do': 'servfail'}], H),
 ('refused', NS2, [first('refused'), {'do': 'answer'}], H),
 ('dead', NS1, DEAD, H),
 ('dead-2', NS2, DEAD, H),
 ('dead-options', opt(NS2, 'timeout:1 attempts:3'), DEAD, H),
 ('first-dead', NS2, [first('drop'), {'do': 'answer'}], H),
 ('dead-k8s', opt(K8S, 'timeout:1 attempts:2'), DEAD, H),
 ('closed-then-ok', f'nameserver {CLOSED}\n' + NS1, OK, H),
 ('tc', NS1, [{'proto': 'udp', 'do': 'tc'}, {'do': 'answer'}], H),
 ('ndots-1', SEARCH + NS1 + 'options ndots:1\n', [{'name': r'svc-a\.ns2\.svc\.cluster\.local\.', 'do': 'answer'}], 'svc-a.ns2'),
]
for i, (name, resolv, rules, words) in enumerate(T):
    for c in ('nslookup', 'host', 'bbnslookup'):
        CASES.append(dict(client=c, name=f'{c}-{i:02d}-{name}', resolv=resolv, args=words.split(), rules=rules, tolerance_ms=150, est=15))
