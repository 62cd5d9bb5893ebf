"""Once more: files rewritten between calls; slow starters on a quiet machine; errno of musl, twenty times."""
import cases, cases2
from cases import *
CASES = []
def case(client, name, resolv, args, rules, **more):
    CASES.append(dict(client=client, name=name, resolv=resolv, args=args if isinstance(args, list) else args.split(), rules=rules, **more))
RW = r'sh:printf "nameserver 10.77.0.2\n" > /etc/resolv.conf'
RWT = r'sh:printf "nameserver 10.77.0.2\noptions timeout:1\n" > /etc/resolv.conf'
case('glibc', 'glibc-n14-aaaa-lost-then-reload', opt(NS1, 'timeout:1'), [H, H, RWT, H], [{'qtype': 'AAAA', 'nth': 1, 'do': 'drop'}, {'delay_ms': 30, 'do': 'answer'}])
case('glibc', 'glibc-n15-reload-between-calls', NS1, [H, RW, H], OK)
case('glibc', 'glibc-n16-no-reload', opt(NS1, 'no-reload'), [H, RW, H], OK)
case('go', 'go-n14-reload-before-5s', NS1, ['ip:' + H, RW, 'sleep:2000', 'ip:' + H, 'sleep:2500', 'ip:' + H, 'sleep:1000', 'ip:' + H], OK)
case('go', 'go-n15-no-reload', opt(NS1, 'no-reload'), ['ip:' + H, RW, 'sleep:5300', 'ip:' + H], OK)
case('musl_new', 'musl125-n26-reload', NS1, [H, RW, H], OK)
case('java17', 'java17-n08-reload', NS1, ['prop:networkaddress.cache.ttl=0', H, RW, H], OK, tolerance_ms=120)
for c in cases.CASES:
    if c['client'] in ('dig', 'py', 'java17', 'java17v4', 'java25'): CASES.append(dict(c, tolerance_ms=120))
    if c['name'] in ('glibc-n32-inet6-dead', 'glibc-n37-dead-4-candidates-two-calls', 'go-m43-options-twice', 'musl125-m43-options-twice', 'musl123-n01-dead-t3-a7', 'node-n22-resolve4-servfail-then-again', 'glibc-m35-tc-tcp-servfail-search'): CASES.append(c)
NSW = 'nsswitch.conf'
HK = SEARCH + NS1 + 'options ndots:5\n'
for name, text in (('dns-files', 'hosts: dns files\n'), ('dns-nosuch', 'hosts: files dns nosuch\n'), ('dns-tryagain-return', 'hosts: files dns [TRYAGAIN=return UNAVAIL=return] nosuch\n')):
    for kind, rules in (('dead', DEAD), ('servfail', [{'do': 'servfail'}]), ('nodata', [{'do': 'nodata'}]), ('nx', [{'do': 'nxdomain'}])):
        for flag in ('', '-4 '):
            case('glibc', f'glibc-h3-{name}-{kind}{"-inet" if flag else ""}', opt(HK, 'timeout:1 attempts:1'), flag + 'nine', rules, hosts=cases2.HOSTS, **{NSW: text})
case('glibc', 'glibc-h3-odd-names', K8S, ['-x', 'a_b', 'a*b', 'a..b', '.', 'x' * 64, 'a/b', 'a.b-'], [{'do': 'nxdomain'}])
case('musl_new', 'musl125-h3-odd-names', K8S, ['-x', 'a_b', 'a*b', 'a..b', '.', 'x' * 64, 'a/b', 'a.b-'], [{'do': 'nxdomain'}])
case('go', 'go-h3-odd-names', K8S, ['ip:' + n for n in ('-x', 'a_b', 'a*b', 'a..b', '.', 'x' * 64, 'a/b', 'a.b-')], [{'do': 'nxdomain'}])
